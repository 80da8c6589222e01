/**
 * What stands deeper in a value is not shown: it would say little, and `JSON.stringify` breaks down where it is deep.
 */
const SHOWN_DEPTH = 16;
/** So many elements of a list or fields of an object are shown at most. */
const SHOWN_ITEMS = 81;

/** A value that came as JSON, as JSON for people: of what is deep or long the beginning. */
export function shownJson(value: unknown): string {
  return JSON.stringify(upToDepth(value, SHOWN_DEPTH)) ?? 'undefined';
}

function upToDepth(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '…';
  if (Array.isArray(value)) return value.slice(0, SHOWN_ITEMS).map((item: unknown) => upToDepth(item, depth - 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, SHOWN_ITEMS)
      .map(([name, item]) => [name, upToDepth(item, depth - 1)]),
  );
}
