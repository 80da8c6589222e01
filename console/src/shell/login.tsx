import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { Login as LoginWays, Me } from '../../../api/index.ts';
import { ApiProblem, ask } from '../api/client.ts';
import { isKeyShaped, setKey } from '../api/key.ts';
import { OTHER_SIGN_IN, canSignIn, endSignIn, isBack, leaveToSignIn, wasSignedOut } from '../api/sign-in.ts';
import { faultText } from '../language/fault-text.ts';
import { LANGUAGES, catalogueOf, useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { BrandMark } from './icons.tsx';
import { setPreference } from './preferences.ts';

const COMMAND = 'npx fairtally keys create NAME --role analyst';

/**
 * What came of a sign-in that the provider has just sent back; an error: it failed. Asked once, since the code is good
 * once, and React may begin twice.
 */
let ending: Promise<Error | null> | null = isBack()
  ? endSignIn().then(
      () => null,
      (error: Error) => error,
    )
  : null;

/** Lets a person in by her provider, or by a key, which is tried before it is kept. */
export function Login(): ReactNode {
  const language = useLanguage();
  const { t, code } = language;
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string | null>(wasSignedOut() ? t.login.expired : null);
  const [isBusy, setIsBusy] = useState(ending !== null);
  const ways = useQuery({ queryKey: ['login'], queryFn: () => ask<LoginWays>('/v1/login'), staleTime: Infinity });
  const provider = ways.data?.signIn ?? null;
  const box = useRef<HTMLInputElement | null>(null);
  // There is one thing to do here.
  useEffect(() => box.current?.focus(), []);

  useEffect(() => {
    const words = t.login;
    void ending?.then((error) => {
      ending = null;
      if (error === null) return;
      const isOther = error.message === OTHER_SIGN_IN;
      setFault(isOther ? words.otherSignIn : fill(words.notSignedIn, { why: error.message }));
      setIsBusy(false);
    });
  }, [t]);

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
      setFault(isRefused ? t.login.refused : error instanceof Error ? faultText(error, language) : String(error));
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
        {provider !== null && (
          <>
            <button
              type="button"
              className="button primary"
              disabled={isBusy || !canSignIn()}
              onClick={() => void leaveToSignIn(provider)}
            >
              {fill(t.login.orWith, { name: new URL(provider.issuer).host })}
            </button>
            {!canSignIn() && <p className="hint">{t.login.needsTls}</p>}
          </>
        )}
        <p>{provider === null ? t.login.lead : t.login.orKey}</p>
        <label htmlFor="key">{t.login.key}</label>
        <input
          id="key"
          ref={box}
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
        <button type="submit" className={provider === null ? 'button primary' : 'button'} disabled={isBusy}>
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
