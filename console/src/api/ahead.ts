import { currentKey } from './key.ts';
import { FIRST_FILTER, casesPath } from './queue-path.ts';
import { freshKey } from './sign-in.ts';

interface Asked {
  readonly key: string;
  readonly answer: Promise<Response>;
  readonly drop: () => void;
}

const asked = new Map<string, Asked>();

/**
 * Asks for what the page will ask for first, while the browser still reads the page's script: who is signed in, and the
 * queue where it is what the address shows. What an address adds to the queue's is left to the page.
 */
export async function askAhead(): Promise<void> {
  const key = await freshKey();
  if (key === null) return;
  ask('/v1/me', key);
  if (location.pathname === '/' && location.search === '') ask(casesPath(FIRST_FILTER), key);
}

function ask(path: string, key: string): void {
  const headers = { accept: 'application/json', authorization: `Bearer ${key}` };
  const dropping = new AbortController();
  const answer = fetch(path, { headers, credentials: 'same-origin', signal: dropping.signal });
  // Who takes the answer hears of what went wrong.
  answer.catch(() => {});
  asked.set(path, { key, answer, drop: () => dropping.abort() });
}

/** The answer that was asked for ahead, once, and only to the key that is in force; `null`: ask. */
export function takeAhead(path: string): Promise<Response> | null {
  const found = asked.get(path);
  asked.delete(path);
  if (found === undefined || found.key === currentKey()) return found?.answer ?? null;
  found.drop();
  return null;
}
