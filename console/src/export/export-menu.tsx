import { Menu } from '@base-ui/react/menu';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { askText } from '../api/client.ts';
import { faultText } from '../language/fault-text.ts';
import { type Catalogue } from '../language/fr.ts';
import { useLanguage } from '../language/language.tsx';
import { Icon } from '../shell/icons.tsx';
import { tellDone } from '../shell/undo-bar.tsx';
import { spreadsheet } from './spreadsheet.ts';

export interface ExportMenuProps {
  /** Where the API has it as CSV. */
  readonly path: string;
  /** What the file is called, without its end. */
  readonly name: string;
  readonly timeZone: string;
  /** Its icon alone is shown. */
  readonly isSmall?: boolean;
}

/** Saves a list of the API as a file: as spreadsheets of the language open it, or as the API sends it. */
export function ExportMenu({ path, name, timeZone, isSmall = false }: ExportMenuProps): ReactNode {
  const language = useLanguage();
  const { t } = language;
  const saving = useMutation({
    mutationFn: async (kind: 'sheet' | 'plain') => {
      const csv = await askText(path, 'text/csv');
      const form = { locale: t.locale, timeZone, headings: t.exports.columns, words: wordsOf(t) };
      save(`${name}.csv`, kind === 'sheet' ? spreadsheet(csv, form) : csv);
    },
    onError: (error) => tellDone({ text: faultText(error, language), isFault: true, undo: null }),
  });
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger
        className="quiet export-button"
        disabled={saving.isPending}
        {...(isSmall ? { 'aria-label': t.exports.title, title: t.exports.title } : {})}
      >
        <Icon name="download" />
        {!isSmall && (saving.isPending ? t.exports.going : t.exports.title)}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner side="bottom" align="end" sideOffset={4} className="menu-place">
          <Menu.Popup className="menu">
            <Menu.Item className="menu-item" onClick={() => saving.mutate('sheet')}>
              {t.exports.sheet}
            </Menu.Item>
            <Menu.Item className="menu-item" onClick={() => saving.mutate('plain')}>
              {t.exports.plain}
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

function wordsOf(t: Catalogue): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return { state: t.state, conditions: t.condition, coverage: t.coverage };
}

function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
