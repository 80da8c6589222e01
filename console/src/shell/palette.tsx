import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import { signOut } from '../api/sign-in.ts';
import { useSavedViews } from '../api/views.ts';
import { LANGUAGES, catalogueOf, useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { PanelDialog } from '../parts/panel-dialog.tsx';
import { PAGES } from './pages.ts';
import { setPreference } from './preferences.ts';

interface Command {
  readonly text: string;
  readonly run: () => void;
}

/** Everything that can be done from anywhere, found by its words. */
export function Palette({ close, showHelp }: { readonly close: () => void; readonly showHelp: () => void }): ReactNode {
  const { t } = useLanguage();
  const commands = useCommands(showHelp);
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const id = useId();
  const navigate = useNavigate();
  const line = /^[A-Za-z]*\d{3,}$/.test(text.trim()) ? text.trim() : null;
  const found: Command[] = [
    ...(line === null
      ? []
      : [
          {
            text: fill(t.palette.openLine, { line }),
            run: () => void navigate({ to: '/', search: { q: `state:all line:${line}` } }),
          },
        ]),
    ...commands.filter((command) => plain(command.text).includes(plain(text))),
  ];
  const at = Math.min(active, found.length - 1);
  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    close();
    command.run();
  };
  const move = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setActive(Math.max(0, Math.min(found.length - 1, at + step)));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(found[at]);
    }
  };
  return (
    <PanelDialog title={t.palette.title} close={close} className="palette">
      <input
        // Fast hands type on at once: no key may go elsewhere.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        className="palette-text"
        role="combobox"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={found.length === 0 ? undefined : `${id}-${at}`}
        aria-label={t.palette.placeholder}
        placeholder={t.palette.placeholder}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setActive(0);
        }}
        onKeyDown={move}
      />
      <div id={id} role="listbox" aria-label={t.palette.title} className="options">
        {found.map((command, index) => (
          // The keyboard is heard by the text box, which owns the list.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div
            key={command.text}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            className="option"
            onClick={() => run(command)}
          >
            {command.text}
          </div>
        ))}
      </div>
      {found.length === 0 && <p className="hint">{t.palette.none}</p>}
    </PanelDialog>
  );
}

function useCommands(showHelp: () => void): readonly Command[] {
  const { t } = useLanguage();
  const { data: views = [] } = useSavedViews();
  const navigate = useNavigate();
  return [
    ...PAGES.map(({ to, icon }) => ({
      text: fill(t.palette.goTo, { page: t.nav[icon] }),
      run: () => void navigate({ to }),
    })),
    ...views.map(({ name, filter }) => ({
      text: fill(t.views.goTo, { name }),
      run: () => void navigate({ to: '/', search: { q: filter } }),
    })),
    ...(['light', 'dark', 'system'] as const).map((theme) => ({
      text: fill(t.palette.theme, { theme: t.menu[theme] }),
      run: () => setPreference('theme', theme),
    })),
    ...LANGUAGES.map((code) => ({
      text: `${t.menu.language}: ${catalogueOf(code).language}`,
      run: () => setPreference('language', code),
    })),
    { text: t.menu.help, run: showHelp },
    { text: t.common.print, run: () => print() },
    { text: t.menu.signOut, run: signOut },
  ];
}

/** Without accents and capitals. */
function plain(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/\p{Diacritic}/gu, '')
    .toLowerCase();
}
