import type { Queryable } from '../ledger/index.ts';
import { ledgerCivilTime } from '../services/index.ts';

const DAY = /^\d{4}-\d\d-\d\d$/;

/**
 * What an instant that the schema let in (`givenInstant`) means: ms since the epoch; of a day its beginning in the time
 * zone of the ledger, which is asked for it. What is finer than a millisecond is dropped.
 */
export async function readInstant(q: Queryable, text: string): Promise<number> {
  // A day that no calendar covers is no instant of the ledger's in any zone.
  return (DAY.test(text) ? (await ledgerCivilTime(q)).parseInstant(text) : null) ?? Date.parse(text);
}
