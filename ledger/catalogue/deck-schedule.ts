import type { DeckBasis, DeckScheduleEntry } from '../../tariffs/index.ts';
import type { Queryable } from '../database/database.ts';
import { sqlInstant } from '../database/sql-values.ts';

/** An entry of the schedule, with who made it and when (ms since the epoch). */
export interface KeptDeckScheduleEntry extends DeckScheduleEntry {
  /** Ascending in the order of entry. */
  readonly no: number;
  readonly takenBy: string;
  readonly takenAt: number;
}

/** The whole schedule, in the order in which it was entered. */
export async function loadDeckSchedule(q: Queryable): Promise<KeptDeckScheduleEntry[]> {
  const rows = await q.query<{
    no: number;
    basis: DeckBasis;
    valid_from: number;
    rate_deck: number;
    taken_by: string;
    taken_at: number;
  }>('select no, basis, valid_from, rate_deck, taken_by, taken_at from deck_schedule order by no');
  return rows.map(({ no, basis, ...row }) => ({
    no,
    basis,
    from: row.valid_from,
    deckNo: row.rate_deck,
    takenBy: row.taken_by,
    takenAt: row.taken_at,
  }));
}

/** Adds entries, in their order. The heads of all buckets, and facts, must be locked where calls may be rated. */
export async function addToDeckSchedule(
  tx: Queryable,
  entries: readonly DeckScheduleEntry[],
  takenBy: string,
): Promise<void> {
  for (const { basis, from, deckNo } of entries) {
    await tx.query(`insert into deck_schedule (basis, valid_from, rate_deck, taken_by) values ($1, $2, $3, $4)`, [
      basis,
      sqlInstant(from),
      deckNo,
      takenBy,
    ]);
  }
}
