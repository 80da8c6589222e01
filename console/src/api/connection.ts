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

export function useConnection(): Connection {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => connection,
  );
}

/** What is to be done when the server answers again. */
export function whenBack(action: () => void): void {
  onBack = action;
}

export function noteAnswer(): void {
  if (!connection.isLost) {
    connection = { isLost: false, since: Date.now() };
    return;
  }
  set({ isLost: false, since: Date.now() });
  onBack();
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
