import type { LoggedIn, Login, LoginBody, Problem } from '../../../api/index.ts';
import { currentKey, setKey } from './key.ts';

/** Where the provider sends the browser back to. */
export const BACK_PATH = '/login';
/** Why a sign-in is not ended: it was begun elsewhere, or not at all. */
export const OTHER_SIGN_IN = 'another sign-in';
const LEFT = 'fairtally.left';
const SESSION = 'fairtally.session';
/** A token is renewed so long before it ends. */
const EARLY_MS = 30_000;

type Provider = NonNullable<Login['signIn']>;

/** What is kept in this tab while the browser is at the provider. */
interface Left {
  readonly state: string;
  readonly verifier: string;
  /** The page that was open. */
  readonly page: string;
}

/** What renews the token of this tab. */
interface Session {
  readonly refresh: string;
  /** ms since the epoch, by this browser's clock. */
  readonly endsAt: number;
}

/** PKCE needs what browsers only have on pages that come by TLS, or from this machine. */
export function canSignIn(): boolean {
  return globalThis.isSecureContext;
}

/** Leaves for the provider. It sends the browser back to `BACK_PATH`. */
export async function leaveToSignIn({ authorization, client, parameters }: Provider): Promise<void> {
  const left: Left = { state: randomText(), verifier: randomText(), page: pageToComeBackTo() };
  sessionStorage.setItem(LEFT, JSON.stringify(left));
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(left.verifier));
  const url = new URL(authorization);
  const query = {
    ...parameters,
    response_type: 'code',
    client_id: client,
    redirect_uri: redirect(),
    state: left.state,
    code_challenge: base64url(new Uint8Array(hash)),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  location.assign(url);
}

/** Whether the provider has just sent the browser back. */
export function isBack(): boolean {
  return location.pathname === BACK_PATH && /[?&](?:code|error)=/.test(location.search);
}

/** Ends the sign-in that the provider sent back: the console is open then. Rejects with what went wrong. */
export async function endSignIn(): Promise<void> {
  const left = JSON.parse(sessionStorage.getItem(LEFT) ?? 'null') as Left | null;
  sessionStorage.removeItem(LEFT);
  const said = new URLSearchParams(location.search);
  // The code is good once, and is not to stay in the history.
  history.replaceState(null, '', left?.page ?? '/');
  const code = said.get('code');
  if (left === null || said.get('state') !== left.state) throw new Error(OTHER_SIGN_IN);
  if (code === null) throw new Error(said.get('error_description') ?? said.get('error') ?? 'error');
  await take({ code, verifier: left.verifier, redirect: redirect() });
}

let renewing: Promise<void> | null = null;

/** The key to ask with: a token that is about to end is renewed first. */
export async function freshKey(): Promise<string | null> {
  const session = JSON.parse(sessionStorage.getItem(SESSION) ?? 'null') as Session | null;
  if (session !== null && currentKey() !== null && Date.now() > session.endsAt - EARLY_MS) {
    // Refused, or not reached: the API says itself what it thinks of the token that there is.
    renewing ??= take({ refresh: session.refresh })
      .catch(() => {})
      .finally(() => (renewing = null));
    await renewing;
  }
  return currentKey();
}

/** Forgets what opened the console. */
export function signOut(): void {
  sessionStorage.removeItem(SESSION);
  setKey(null);
}

let isSignedOut = false;

/** The API let the key in no longer: says so to who asks next, once. */
export function signOutRefused(): void {
  isSignedOut = true;
  signOut();
}

export function wasSignedOut(): boolean {
  const was = isSignedOut;
  isSignedOut = false;
  return was;
}

async function take(body: LoginBody): Promise<void> {
  const answer = await fetch('/v1/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(((await answer.json()) as Problem).detail);
  const { token, refresh, expiresIn } = (await answer.json()) as LoggedIn;
  const kept = refresh ?? body.refresh;
  if (kept === undefined || expiresIn === null) sessionStorage.removeItem(SESSION);
  else {
    const session: Session = { refresh: kept, endsAt: Date.now() + expiresIn * 1000 };
    sessionStorage.setItem(SESSION, JSON.stringify(session));
  }
  setKey(token);
}

function pageToComeBackTo(): string {
  return location.pathname === BACK_PATH ? '/' : location.pathname + location.search;
}

function redirect(): string {
  return location.origin + BACK_PATH;
}

function randomText(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
