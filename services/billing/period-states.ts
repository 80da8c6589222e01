import { type PeriodMove, type Queryable, loadClosedThrough, periodsWithEntries } from '../../ledger/index.ts';
import { NONE_CLOSED, type PeriodState } from '../../rater/index.ts';
import { nextPeriod } from '../../tariffs/index.ts';

/** What a period is, by every move that was ever made: closed with a later one, else what its last move says. */
export function periodStateOf(period: number, moves: readonly PeriodMove[]): PeriodState {
  if (moves.some(({ period: closed, state }) => state === 'closed' && period <= closed)) return 'closed';
  return moves.findLast((move) => move.period === period)?.state ?? 'open';
}

/**
 * The period that must be closed before any later one: the one after the last that was closed, else the first with
 * entries; `null` before the first call. An empty month is closed in its turn, too: late calls may be billed in it.
 */
export async function nextToClose(q: Queryable): Promise<number | null> {
  const closedThrough = await loadClosedThrough(q);
  if (closedThrough !== NONE_CLOSED) return nextPeriod(closedThrough);
  return (await periodsWithEntries(q))[0] ?? null;
}
