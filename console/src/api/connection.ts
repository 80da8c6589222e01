import { useSyncExternalStore } from 'react';

/** Whether the server can be reached; `since`: when it last answered (ms since the epoch). */
export interface Connection {
  readonly isLost: boolean;
  readonly since: number;
}

const TRY_AGAIN_MS = 3000;
let connection: Connection = { isLost: false, since: Date.now() };
const listeners = new Set<() => void>();
let onBack: () => void = () => {};
/** What is to be sent when the server answers again, and lets it go. */
let releases: (() => void)[] = [];
const held = new Set<Promise<unknown>>();

export function useConnection(): Connection {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => connection,
  );
}

/** What is to be done when the server answers again, and what waited for that was sent. */
export function whenBack(action: () => void): void {
  onBack = action;
}

/** Sends something when the server answers again: at once, if it does. Whoever closes the page meanwhile is asked. */
export function sendWhenBack<T>(send: () => Promise<T>): Promise<T> {
  if (!connection.isLost) return send();
  const sent = new Promise<void>((resolve) => releases.push(resolve)).then(send);
  if (held.size === 0) addEventListener('beforeunload', askBeforeLeaving);
  held.add(sent);
  const settled = (): void => {
    held.delete(sent);
    if (held.size === 0) removeEventListener('beforeunload', askBeforeLeaving);
  };
  void sent.then(settled, settled);
  return sent;
}

function askBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

export function noteAnswer(): void {
  if (!connection.isLost) {
    connection = { isLost: false, since: Date.now() };
    return;
  }
  set({ isLost: false, since: Date.now() });
  const waiting = releases;
  releases = [];
  for (const release of waiting) release();
  // What is read again is read after it: it would show what is about to change.
  void Promise.allSettled(held).then(() => onBack());
}

export function noteSilence(): void {
  if (connection.isLost) return;
  set({ ...connection, isLost: true });
  setTimeout(tryAgain, TRY_AGAIN_MS);
}

function tryAgain(): void {
  void fetch('/healthz').then(noteAnswer, () => setTimeout(tryAgain, TRY_AGAIN_MS));
}

function set(next: Connection): void {
  connection = next;
  for (const listener of listeners) listener();
}
