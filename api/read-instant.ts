import type { Queryable } from '../ledger/index.ts';
import { instantOf } from '../services/index.ts';

/** An instant that the schema let in (`givenInstant`): ms since the epoch. */
export async function readInstant(q: Queryable, text: string): Promise<number> {
  const instant = await instantOf(q, text);
  if (instant === null) throw new Error(`Cannot read instant '${text}': its schema should not have let it in`);
  return instant;
}
