/**
 * A re-keyed message with this header holds no records of its source, but calls that are read otherwise than before,
 * since other records of them came: each as it was known, and as it is known now.
 */
const CHANGE_HEADER = 'fairtally-changes';

export const CHANGES: Readonly<Record<string, string>> = { [CHANGE_HEADER]: '1' };

export function holdsChanges(headers: Readonly<Record<string, unknown>>): boolean {
  return headers[CHANGE_HEADER] !== undefined;
}
