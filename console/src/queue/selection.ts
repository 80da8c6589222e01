import { useSyncExternalStore } from 'react';

/** Cases that are chosen, by `caseKey`: kept while one goes from page to page. */
let selected: ReadonlySet<string> = new Set();
/** The case under the cursor of the queue. */
let cursor: string | null = null;
const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSelection(): ReadonlySet<string> {
  return useSyncExternalStore(subscribe, () => selected);
}

export function select(keys: Iterable<string>): void {
  selected = new Set(keys);
  changed();
}

export function toggleSelected(key: string): void {
  const next = new Set(selected);
  if (!next.delete(key)) next.add(key);
  select(next);
}

export function useCursor(): string | null {
  return useSyncExternalStore(subscribe, () => cursor);
}

export function setCursor(key: string | null): void {
  cursor = key;
  changed();
}
