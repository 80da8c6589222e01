import { type FactEpoch, tickOf } from './fact-epoch.ts';
import type { Hold } from './holds.ts';
import type { Decision } from './line.ts';
import type { MonthState } from './month-state.ts';

/** A line as the rater holds it: its compiled facts, and the cache of what the ledger says of its months. */
export interface LineState {
  readonly id: string;
  /** The ledger's numbers of the line and its account. */
  readonly no: number;
  readonly account: number;
  readonly bucket: number;
  /** Replaced when a fact is entered. */
  epochs: readonly FactEpoch[];
  /** The epoch that was asked for last. */
  lastEpoch: FactEpoch | null;
  decisions: readonly Decision[];
  /** By period (yyyymm). */
  readonly months: Map<number, MonthState>;
  /** The month that was asked for last, whose calls are all in memory: most calls of a line are of one. */
  lastMonth: MonthState | null;
  /** Of all periods: some run on into later ones. */
  holds: readonly Hold[];
}

/** The facts in force at `instant` (ms since the epoch); `null` outside every span of the line. */
export function epochAt(line: LineState, instant: number): FactEpoch | null {
  const { lastEpoch, epochs } = line;
  if (lastEpoch !== null) {
    const tick = tickOf(instant);
    if (tick >= lastEpoch.firstTick && tick < lastEpoch.endTick) return lastEpoch;
  }
  for (let index = 0; index < epochs.length; index++) {
    const epoch = epochs[index]!;
    if (instant < epoch.from || instant >= epoch.to) continue;
    line.lastEpoch = epoch;
    return epoch;
  }
  return null;
}
