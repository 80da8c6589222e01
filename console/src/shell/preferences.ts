import { useSyncExternalStore } from 'react';

/** What a person chooses for herself; kept on her machine. */
export interface Preferences {
  readonly language: string;
  readonly theme: string;
  readonly keys: string;
  readonly density: string;
  /** Views of the queue that were kept before the ledger kept them: JSON. They are sent to it, and gone then. */
  readonly views: string;
}

const DEFAULTS: Preferences = { language: 'fr', theme: 'system', keys: 'on', density: 'dense', views: '[]' };
const PREFIX = 'fairtally.';
const listeners = new Set<() => void>();

export function preference(name: keyof Preferences): string {
  return localStorage.getItem(PREFIX + name) ?? DEFAULTS[name];
}

export function setPreference(name: keyof Preferences, value: string): void {
  localStorage.setItem(PREFIX + name, value);
  for (const listener of listeners) listener();
}

export function usePreference(name: keyof Preferences): [string, (value: string) => void] {
  const value = useSyncExternalStore(subscribe, () => preference(name));
  return [value, (chosen) => setPreference(name, chosen)];
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    removeEventListener('storage', listener);
  };
}

/** Theme and density as attributes of the page, which the styles go by. */
export function followPreferences(): void {
  subscribe(applyPreferences);
  applyPreferences();
}

function applyPreferences(): void {
  const { dataset } = document.documentElement;
  const theme = preference('theme');
  if (theme === 'system') delete dataset['theme'];
  else dataset['theme'] = theme;
  dataset['density'] = preference('density');
}
