const NAME = 'fairtally.key';
const listeners = new Set<() => void>();

/** The key that the console was opened with: in this tab alone, and never in an address. */
export function currentKey(): string | null {
  return sessionStorage.getItem(NAME);
}

export function setKey(key: string | null): void {
  if (key === null) sessionStorage.removeItem(NAME);
  else sessionStorage.setItem(NAME, key);
  for (const listener of listeners) listener();
}

/** @returns what ends it: `listener` is called when the key is another, or none */
export function onKeyChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What a key looks like. */
export function isKeyShaped(text: string): boolean {
  return /^ft_[0-9A-Za-z]{12}_[0-9a-f]{64}$/.test(text);
}
