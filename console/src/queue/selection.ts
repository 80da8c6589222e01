import { useSyncExternalStore } from 'react';
import { type CaseId, caseKey } from '../api/cases.ts';

/** Which cases are chosen: some, or all of a filter but for some. By `caseKey`; kept from page to page. */
export type Selection =
  | { readonly kind: 'some'; readonly keys: ReadonlySet<string> }
  | { readonly kind: 'filter'; readonly filter: string; readonly except: ReadonlyMap<string, CaseId> };

const NONE: Selection = { kind: 'some', keys: new Set() };
let selection: Selection = NONE;
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

/** What is chosen of the queue of a filter: all of another filter is nothing of this one. */
export function useSelection(filter: string): Selection {
  return useSyncExternalStore(subscribe, () => chosenOf(filter));
}

function chosenOf(filter: string): Selection {
  return selection.kind === 'filter' && selection.filter !== filter ? NONE : selection;
}

export function isChosen(chosen: Selection, key: string): boolean {
  return chosen.kind === 'some' ? chosen.keys.has(key) : !chosen.except.has(key);
}

/** Chooses these cases, and no other. */
export function select(keys: Iterable<string>): void {
  selection = { kind: 'some', keys: new Set(keys) };
  changed();
}

/** Chooses all cases of a filter, those that are not read yet among them. */
export function selectWhole(filter: string): void {
  selection = { kind: 'filter', filter, except: new Map() };
  changed();
}

/** Chooses a case of the queue of a filter, or takes it out of those that are. */
export function toggleSelected(id: CaseId, filter: string): void {
  const key = caseKey(id);
  const chosen = chosenOf(filter);
  if (chosen.kind === 'some') {
    const keys = new Set(chosen.keys);
    if (!keys.delete(key)) keys.add(key);
    return select(keys);
  }
  const except = new Map(chosen.except);
  if (!except.delete(key)) except.set(key, id);
  selection = { ...chosen, except };
  changed();
}

export function useCursor(): string | null {
  return useSyncExternalStore(subscribe, () => cursor);
}

export function setCursor(key: string | null): void {
  cursor = key;
  changed();
}
