import { Menu } from '@base-ui/react/menu';
import type { ReactNode } from 'react';
import { signOut } from '../api/sign-in.ts';
import { LANGUAGES, catalogueOf, useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { useMe } from './me.ts';
import { usePreference } from './preferences.ts';

const THEMES = ['system', 'light', 'dark'] as const;
const DENSITIES = ['dense', 'airy'] as const;

/** Who is here, and how she wants her console. */
export function AccountMenu({ showHelp }: { readonly showHelp: () => void }): ReactNode {
  const { t, code } = useLanguage();
  const me = useMe();
  const [theme, setTheme] = usePreference('theme');
  const [, setLanguage] = usePreference('language');
  const [density, setDensity] = usePreference('density');
  const [keys, setKeys] = usePreference('keys');
  const name = me?.name ?? '…';
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className="rail-link account" aria-label={fill(t.menu.account, { name })}>
        <span className="initials" aria-hidden="true">
          {initialsOf(name)}
        </span>
        <span className="account-name">{name}</span>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner side="top" align="start" sideOffset={6} className="menu-place">
          <Menu.Popup className="menu">
            <Choice label={t.menu.language} value={code} choose={setLanguage} choices={LANGUAGES} name={languageName} />
            <Choice
              label={t.menu.theme}
              value={theme}
              choose={setTheme}
              choices={THEMES}
              name={(each) => t.menu[each]}
            />
            <Choice
              label={t.menu.density}
              value={density}
              choose={setDensity}
              choices={DENSITIES}
              name={(each) => t.menu[each]}
            />
            <Menu.Item className="menu-item" onClick={() => setKeys(keys === 'off' ? 'on' : 'off')}>
              {keys === 'off' ? t.menu.keysOn : t.menu.keysOff}
            </Menu.Item>
            <Menu.Item className="menu-item" onClick={showHelp}>
              {t.menu.help}
            </Menu.Item>
            <Menu.Item className="menu-item" onClick={signOut}>
              {t.menu.signOut}
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: string;
  readonly choose: (value: string) => void;
  readonly choices: readonly T[];
  readonly name: (choice: T) => string;
}

function Choice<T extends string>({ label, value, choose, choices, name }: ChoiceProps<T>): ReactNode {
  return (
    <Menu.RadioGroup value={value} onValueChange={(chosen: string) => choose(chosen)} className="menu-group">
      <Menu.GroupLabel className="menu-label">{label}</Menu.GroupLabel>
      {choices.map((each) => (
        <Menu.RadioItem key={each} value={each} className="menu-item" closeOnClick>
          <span className="menu-check" aria-hidden="true">
            <Menu.RadioItemIndicator>✓</Menu.RadioItemIndicator>
          </span>
          {name(each)}
        </Menu.RadioItem>
      ))}
    </Menu.RadioGroup>
  );
}

function languageName(code: (typeof LANGUAGES)[number]): string {
  return catalogueOf(code).language;
}

function initialsOf(name: string): string {
  return name
    .split(/[\s.@-]+/)
    .slice(0, 2)
    .map((word) => word.slice(0, 1).toUpperCase())
    .join('');
}
