import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useConnection } from '../api/connection.ts';
import { useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { useZone } from './me.ts';
import { useKeys } from '../parts/keys.ts';
import { AccountMenu } from './account-menu.tsx';
import { BrandMark, Icon } from './icons.tsx';
import { KeysHelp } from './keys-help.tsx';
import { PAGES } from './pages.ts';
import { Palette } from './palette.tsx';
import { UndoBar } from './undo-bar.tsx';

/** What is around every page: where one can go, who is here, and what was done last. */
export function Shell(): ReactNode {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const rail = useRef<HTMLElement | null>(null);
  const { pathname } = useLocation();
  // On a phone the menu scrolls: where one is stays in sight.
  useEffect(() => {
    if (pathname === '') return;
    rail.current?.querySelector('.active')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [pathname]);
  const [dialog, setDialog] = useState<'palette' | 'help' | null>(null);
  useKeys({
    '?': () => setDialog('help'),
    g: () => void navigate({ to: '/' }),
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setDialog('palette');
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {t.skip}
      </a>
      <aside className="rail" ref={rail}>
        <Link to="/" className="brand" aria-label={t.appTitle}>
          <BrandMark />
          <span>{t.appTitle}</span>
        </Link>
        <nav aria-label={t.nav.label}>
          {PAGES.map(({ to, icon }) => (
            <Link
              key={to}
              to={to}
              className="rail-link"
              activeProps={{ className: 'rail-link active' }}
              activeOptions={{ includeSearch: false, exact: to === '/' }}
            >
              <Icon name={icon} />
              <span>{t.nav[icon]}</span>
            </Link>
          ))}
        </nav>
        <div className="rail-foot">
          <button type="button" className="rail-link" onClick={() => setDialog('palette')}>
            <Icon name="search" />
            <span>{t.menu.commands}</span>
            <kbd>Ctrl K</kbd>
          </button>
          <AccountMenu showHelp={() => setDialog('help')} />
        </div>
      </aside>
      <div className="stage">
        <ConnectionBar />
        <main id="content" tabIndex={-1}>
          <Outlet />
        </main>
        <UndoBar />
      </div>
      {dialog === 'palette' && <Palette close={() => setDialog(null)} showHelp={() => setDialog('help')} />}
      {dialog === 'help' && <KeysHelp close={() => setDialog(null)} />}
    </div>
  );
}

function ConnectionBar(): ReactNode {
  const { t, f } = useLanguage();
  const zone = useZone();
  const { isLost, since } = useConnection();
  return (
    <div className="connection" role="status">
      {isLost && <p>{fill(t.connection.lost, { time: f.timeOf(new Date(since).toISOString(), zone) })}</p>}
    </div>
  );
}
