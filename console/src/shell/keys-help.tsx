import type { ReactNode } from 'react';
import { useLanguage } from '../language/language.tsx';
import { PanelDialog } from '../parts/panel-dialog.tsx';
import { usePreference } from './preferences.ts';

export function KeysHelp({ close }: { readonly close: () => void }): ReactNode {
  const { t } = useLanguage();
  const [keys, setKeys] = usePreference('keys');
  const { keys: k } = t;
  const rows: readonly (readonly [string, string])[] = [
    ['j', k.next],
    ['k', k.previous],
    ['Enter', k.open],
    ['x', k.select],
    ['c', k.confirm],
    ['d', k.dismiss],
    ['r', k.reinstate],
    ['a', k.assign],
    ['n', k.note],
    ['s', k.snooze],
    ['z', k.undo],
    ['/', k.search],
    ['g', k.queue],
    ['Esc', k.back],
    ['Ctrl K', k.palette],
    ['?', k.help],
  ];
  return (
    <PanelDialog title={k.title} close={close}>
      {keys === 'off' && <p>{k.off}</p>}
      <dl className="keys-list">
        {rows.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <button type="button" className="button" onClick={() => setKeys(keys === 'off' ? 'on' : 'off')}>
        {keys === 'off' ? t.menu.keysOn : t.menu.keysOff}
      </button>
    </PanelDialog>
  );
}
