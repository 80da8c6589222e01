import type { CivilTime } from '../../tariffs/index.ts';
import { effectOf } from '../rate/compiled-offer.ts';
import type { Hold } from '../month/holds.ts';
import type { LineState } from './line-state.ts';
import { offersBetween, termsOf } from '../month/month-state.ts';

/**
 * A stretch `[from, to)`, in terms of the start of calls, in which the unlimited of a line is off, whatever holds it.
 * ms since the epoch; `to` is `Infinity` until the line is reinstated.
 */
export interface SuspendedStretch {
  readonly from: number;
  readonly to: number;
  /** What holds it, by start. */
  readonly holds: readonly Hold[];
}

/**
 * The last stretch in which a line is suspended, by the facts and decisions known; `null` when it never is. Holds that
 * touch or overlap are one stretch. It may lie in the past: no clock is read, and whoever enforces it compares its end
 * with the start of a call. A hold of an effect without suspension, or on breaking calls alone, suspends nothing.
 */
export function lastSuspension(line: LineState, civilTime: CivilTime): SuspendedStretch | null {
  let last: SuspendedStretch | null = null;
  for (const hold of suspendingHolds(line, civilTime)) {
    if (last === null || hold.from > last.to) last = { from: hold.from, to: hold.to, holds: [hold] };
    else last = { from: last.from, to: Math.max(last.to, hold.to), holds: [...last.holds, hold] };
  }
  return last;
}

function suspendingHolds(line: LineState, civilTime: CivilTime): readonly Hold[] {
  if (line.holds.length === 0) return line.holds;
  return line.holds
    .filter((hold) => hold.to > hold.from && !hold.onlyBreakingCalls && suspends(line, hold, civilTime))
    .toSorted((a, b) => a.from - b.from);
}

function suspends(line: LineState, { condition, period }: Hold, civilTime: CivilTime): boolean {
  const offers = offersBetween(line.factSpans, civilTime.periodStart(period), civilTime.periodEnd(period));
  const terms = termsOf(offers, condition);
  return terms !== null && effectOf(terms, condition)?.suspension !== 'none';
}
