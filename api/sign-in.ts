import { PeopleAwayError } from './people-away.ts';
import { PROVIDER_PATIENCE_MS } from './provider.ts';

/** What the console is at the provider: a client that it knows. */
export interface SignInSettings {
  readonly client: string;
  /** `null`: a public client, which PKCE alone protects. */
  readonly secret: string | null;
  /** What is asked for, as parameters of the provider's address: `scope`, and how it is told the audience. */
  readonly parameters: URLSearchParams;
}

/** Where a browser goes to sign in, and where a code becomes a token. */
export interface SignInPlaces {
  readonly authorization: string;
  readonly token: string;
}

/** People sign in with their browsers: there for who asks, here for who has come back. */
export interface SignIn {
  readonly issuer: string;
  /** Where the browser goes, with `parameters`, and what PKCE and `state` add. Rejects where the provider is away. */
  authorization(): Promise<string>;
  readonly client: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Tokens for a code, or for what renews them; `null`: the provider gives none for it. */
  exchange(grant: Grant): Promise<Tokens | null>;
}

/** What tokens are asked for with. */
export type Grant =
  | { readonly kind: 'code'; readonly code: string; readonly verifier: string; readonly redirect: string }
  | { readonly kind: 'refresh'; readonly refresh: string };

export interface Tokens {
  readonly token: string;
  /** In so many seconds it is over; `null`: the provider does not say. */
  readonly expiresIn: number | null;
  /** Renews them; `null`: the person signs in again. */
  readonly refresh: string | null;
}

/** @param places asks the provider, where that was not done yet; rejects with `OperatingFault` where it does not say */
export function signInBy(issuer: string, places: () => Promise<SignInPlaces>, settings: SignInSettings): SignIn {
  const { client, secret, parameters } = settings;
  return {
    issuer,
    authorization: async () => (await places()).authorization,
    client,
    parameters: Object.fromEntries(parameters),
    async exchange(grant) {
      const body = new URLSearchParams(parameters);
      // The scope was said when the code was asked for.
      body.delete('scope');
      for (const [name, value] of Object.entries(grantFields(grant))) body.set(name, value);
      if (secret === null) body.set('client_id', client);
      const headers = secret === null ? {} : { authorization: basic(client, secret) };
      const at = await places().catch((cause: unknown) => {
        throw new PeopleAwayError(issuer, { cause });
      });
      const answer = await fetch(at.token, {
        method: 'POST',
        body,
        headers,
        redirect: 'error',
        signal: AbortSignal.timeout(PROVIDER_PATIENCE_MS),
      }).catch((cause: unknown) => {
        throw new PeopleAwayError(issuer, { cause });
      });
      if (answer.status >= 500) throw new PeopleAwayError(issuer);
      if (!answer.ok) return null;
      return tokensOf(await answer.json().catch(() => null));
    },
  };
}

function grantFields(grant: Grant): Readonly<Record<string, string>> {
  return grant.kind === 'refresh'
    ? { grant_type: 'refresh_token', refresh_token: grant.refresh }
    : {
        grant_type: 'authorization_code',
        code: grant.code,
        code_verifier: grant.verifier,
        redirect_uri: grant.redirect,
      };
}

/** RFC 6749, 2.3.1: both are form-encoded before they are joined. */
function basic(client: string, secret: string): string {
  const pair = [client, secret].map((text) => encodeURIComponent(text)).join(':');
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
}

function tokensOf(said: unknown): Tokens | null {
  const { access_token: token, expires_in: seconds, refresh_token: refresh } = (said ?? {}) as Record<string, unknown>;
  if (typeof token !== 'string' || token === '') return null;
  return {
    token,
    expiresIn: typeof seconds === 'number' && seconds > 0 ? Math.floor(seconds) : null,
    refresh: typeof refresh === 'string' && refresh !== '' ? refresh : null,
  };
}
