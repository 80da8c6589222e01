import { type FormEvent, type ReactNode, useState } from 'react';
import type { Me } from '../../../api/index.ts';
import { ApiProblem, ask } from '../api/client.ts';
import { isKeyShaped, setKey } from '../api/key.ts';
import { LANGUAGES, catalogueOf, useLanguage } from '../language/language.tsx';
import { BrandMark } from './icons.tsx';
import { setPreference } from './preferences.ts';

const COMMAND = 'npx fairtally keys create NAME --scope cases:read --scope cases:decide';

/** Asks for a key, and tries it before it is kept. */
export function Login(): ReactNode {
  const { t, code } = useLanguage();
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);

  const open = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const key = text.trim();
    if (!isKeyShaped(key)) return setFault(t.login.malformed);
    setIsBusy(true);
    setFault(null);
    try {
      await ask<Me>('/v1/me', { key });
      setKey(key);
    } catch (error) {
      const isRefused = error instanceof ApiProblem && error.problem.status === 401;
      setFault(isRefused ? t.login.refused : error instanceof Error ? error.message : String(error));
      setIsBusy(false);
    }
  };

  return (
    <main className="login">
      <form className="login-card" onSubmit={(event) => void open(event)} noValidate>
        <div className="brand">
          <BrandMark />
          <span>{t.appTitle}</span>
        </div>
        <h1>{t.login.title}</h1>
        <p>{t.login.lead}</p>
        <label htmlFor="key">{t.login.key}</label>
        <input
          id="key"
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-invalid={fault !== null}
          aria-describedby="key-hint key-fault"
        />
        <p id="key-fault" className="field-fault" role="alert">
          {fault}
        </p>
        <button type="submit" className="button primary" disabled={isBusy}>
          {isBusy ? t.login.opening : t.login.open}
        </button>
        <p id="key-hint" className="hint">
          {t.login.keyHint}
          <code>{COMMAND}</code>
        </p>
      </form>
      <div className="login-language">
        {LANGUAGES.map((each) => (
          <button
            key={each}
            type="button"
            className="quiet"
            lang={each}
            aria-pressed={each === code}
            onClick={() => setPreference('language', each)}
          >
            {catalogueOf(each).language}
          </button>
        ))}
      </div>
    </main>
  );
}
