import type { BehaviourMeasures } from '../rules/index.ts';
import {
  CALLS,
  CONCURRENT_CALLS,
  HOURS_OF_DAY,
  LONGEST_MS,
  NUMBERS,
  NUMBERS_IN_RANGE,
  PERIOD_START_S,
  SEQUENTIAL_NUMBERS,
  SHORT_CALLS,
  monthRecords,
  newMonthRecord,
} from './month-records.ts';
import { addCall, addNumber, callDuration, callStart, numberAt, releaseMonth } from './month-slots.ts';

/** Numbers below this are short codes: they are not in sequence or range with anything. */
const FIRST_E164 = 1_000_000;
const RANGE_SIZE = 1000;

/**
 * What the conditions ask of a line's counted calls in one period, kept up to date call by call, in any order. It holds
 * nothing of a call but its start, duration and number: the calls are in the ledger, and a month is built from them again
 * after a restart or a correction. Calls are only ever added, so that each measure is the most that it was so far.
 */
export class LineMonth {
  /** Where its record begins in `monthRecords`. */
  readonly record: number;
  #isReleased = false;

  /** @param periodStart ms since the epoch: periods start at whole seconds */
  constructor(period: number, periodStart: number) {
    this.record = newMonthRecord(period, periodStart);
  }

  /** ms since the epoch. */
  get periodStart(): number {
    return (monthRecords[this.record + PERIOD_START_S]! >>> 0) * 1000;
  }

  /** Its memory may be another month's by now. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  get numberCount(): number {
    return monthRecords[this.record + NUMBERS]!;
  }

  get callCount(): number {
    return monthRecords[this.record + CALLS]!;
  }

  /** The number at `index` in ascending order. */
  numberAt(index: number): number {
    return numberAt(this.record, index);
  }

  /** Start of the call at `index` in order of starts, ms since the start of the period. */
  callStart(index: number): number {
    return callStart(this.record, index);
  }

  callDuration(index: number): number {
    return callDuration(this.record, index);
  }

  /** Adds a counted call: see `addToMonth`. */
  add(called: number, startedAt: number, durationMs: number, isShort: boolean, hourOfDay: number): void {
    addToMonth(this.record, called, startedAt, durationMs, isShort, hourOfDay);
  }

  measures(): BehaviourMeasures {
    return measuresOf(this.record);
  }

  /** Gives its memory back; the month is not used after. */
  release(): void {
    if (this.#isReleased) throw new Error('Cannot release a month twice: another line may have its memory');
    this.#isReleased = true;
    releaseMonth(this.record);
  }
}

/** The measures of the month whose record begins at `month`. */
export function measuresOf(month: number): BehaviourMeasures {
  const records = monthRecords;
  return {
    calls: records[month + CALLS]!,
    shortCalls: records[month + SHORT_CALLS]!,
    concurrentCalls: records[month + CONCURRENT_CALLS]!,
    sequentialNumbers: records[month + SEQUENTIAL_NUMBERS]!,
    hoursOfDay: bitCount(records[month + HOURS_OF_DAY]!),
    numbersInRange: records[month + NUMBERS_IN_RANGE]!,
  };
}

/**
 * Adds a counted call to the month whose record begins at `month`. `startedAt` in ms since the epoch; `hourOfDay` in civil
 * time, 0 to 23.
 */
export function addToMonth(
  month: number,
  called: number,
  startedAt: number,
  durationMs: number,
  isShort: boolean,
  hourOfDay: number,
): void {
  const records = monthRecords;
  if (isShort) records[month + SHORT_CALLS]!++;
  records[month + HOURS_OF_DAY]! |= 1 << hourOfDay;
  const added = addNumber(month, called);
  if (added >= 0 && called >= FIRST_E164) noteNeighbours(month, added, called);
  const startMs = startedAt - (records[month + PERIOD_START_S]! >>> 0) * 1000;
  noteConcurrent(month, addCall(month, startMs, durationMs), durationMs);
}

/** A new number lengthens the run that it is in, and fills its block of 1,000, and no other. */
function noteNeighbours(month: number, index: number, called: number): void {
  const records = monthRecords;
  const numbers = records[month + NUMBERS]!;
  let run = 1;
  while (called - run >= FIRST_E164 && index >= run && numberAt(month, index - run) === called - run) run++;
  const before = run - 1;
  while (index + run - before < numbers && numberAt(month, index + run - before) === called + run - before) run++;
  if (run > records[month + SEQUENTIAL_NUMBERS]!) records[month + SEQUENTIAL_NUMBERS] = run;
  // Not `%`, which is a call of a library where the numbers are doubles.
  const rangeStart = Math.floor(called / RANGE_SIZE) * RANGE_SIZE;
  let first = index;
  while (first > 0 && numberAt(month, first - 1) >= rangeStart) first--;
  let last = index;
  while (last + 1 < numbers && numberAt(month, last + 1) < rangeStart + RANGE_SIZE) last++;
  if (last - first + 1 > records[month + NUMBERS_IN_RANGE]!) records[month + NUMBERS_IN_RANGE] = last - first + 1;
}

/** The most calls in progress at one instant are so at the start of some call: of the new one, or of one that it reaches. */
function noteConcurrent(month: number, index: number, durationMs: number): void {
  const records = monthRecords;
  if (durationMs > records[month + LONGEST_MS]! >>> 0) records[month + LONGEST_MS] = durationMs;
  const end = callStart(month, index) + durationMs;
  let most = Math.max(records[month + CONCURRENT_CALLS]!, inProgressAt(month, index));
  for (let later = index + 1; later < records[month + CALLS]! && callStart(month, later) < end; later++) {
    most = Math.max(most, inProgressAt(month, later));
  }
  records[month + CONCURRENT_CALLS] = most;
}

/** Calls in progress (`[start, start + duration)`) at the start of that at `index`; equal starts that follow count too. */
function inProgressAt(month: number, index: number): number {
  const calls = monthRecords[month + CALLS]!;
  const longestMs = monthRecords[month + LONGEST_MS]! >>> 0;
  const instant = callStart(month, index);
  let count = 0;
  for (let other = index; other < calls && callStart(month, other) === instant; other++) count++;
  for (let other = index - 1; other >= 0; other--) {
    const start = callStart(month, other);
    if (start + longestMs <= instant) break;
    if (start + callDuration(month, other) > instant) count++;
  }
  return count;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
