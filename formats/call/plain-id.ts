import { MAX_TEXT_LENGTH } from '../canonical/canonical-fields.ts';

/** Whether an id of a setting is ASCII that stands in JSON as it is, and no longer than what is kept. */
export function isPlainId(id: string): boolean {
  return /^[ !#-[\]-~]+$/.test(id) && id.length <= MAX_TEXT_LENGTH;
}
