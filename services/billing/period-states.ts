import type { PeriodMove, Queryable } from '../../ledger/index.ts';
import { loadPeriodMoves, periodsWithEntries } from '../../ledger/index.ts';
import { NONE_CLOSED, type PeriodState, monthAfter } from '../../rater/index.ts';

/** What a period is, by every move that was ever made: closed with a later one, else what its last move says. */
export function periodStateOf(period: number, moves: readonly PeriodMove[]): PeriodState {
  if (period <= closedThroughOf(moves)) return 'closed';
  return moves.findLast((move) => move.period === period)?.state ?? 'open';
}

/** The last period that is closed; `NONE_CLOSED` where none is. */
export function closedThroughOf(moves: readonly PeriodMove[]): number {
  return Math.max(NONE_CLOSED, ...moves.filter(({ state }) => state === 'closed').map(({ period }) => period));
}

/**
 * The period that must be closed before any later one: the one after the last that was closed, else the first with
 * entries; `null` before the first call. An empty month is closed in its turn, too: late calls may be billed in it.
 */
export async function nextToClose(q: Queryable): Promise<number | null> {
  const closedThrough = closedThroughOf(await loadPeriodMoves(q));
  if (closedThrough !== NONE_CLOSED) return monthAfter(closedThrough);
  return (await periodsWithEntries(q))[0] ?? null;
}
