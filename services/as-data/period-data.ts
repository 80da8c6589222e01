import type { ListedPeriod } from '../billing/list-periods.ts';
import { showPeriod } from '../value-text.ts';
import { isoInstant } from './values.ts';

/** A month of bills. */
export function periodJson({ period, state, hasEntries, moves, seenUpTo }: ListedPeriod): unknown {
  return {
    period: showPeriod(period),
    state,
    hasEntries,
    moves: moves.map((move) => ({
      state: move.state,
      at: isoInstant(move.at),
      by: move.by,
      note: move.note,
    })),
    seenUpTo: Object.fromEntries(seenUpTo),
  };
}
