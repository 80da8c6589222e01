import type { MonthMeasures } from '../../rules/index.ts';
import {
  CALLS,
  CONCURRENT_CALLS,
  END,
  HOURS_OF_DAY,
  LONGEST_MS,
  NUMBERS,
  NUMBERS_IN_RANGE,
  PERIOD_START_S,
  SEQUENTIAL_NUMBERS,
  SHORT_CALLS,
  START,
  monthRecords,
  newMonthRecord,
} from './month-records.ts';
import {
  callDuration,
  callStart,
  insertCall,
  insertNumber,
  numberAt,
  pageWithRoom,
  releaseMonth,
} from './month-slots.ts';
import type { Page } from './slot-arena.ts';

/** Numbers below this are short codes: they are not in sequence or range with anything. */
const FIRST_E164 = 1_000_000;
const RANGE_SIZE = 1000;

/**
 * What the conditions ask of a line's counted calls in one period, kept up to date call by call, in any order. It
 * holds nothing of a call but its start, duration and number: the calls are in the ledger, and a month is built from
 * them again after a restart or a correction. Calls are only ever added, so that each measure is the most that it was
 * so far.
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

  /** @param includedSeconds what the month's record has no room for */
  measures(includedSeconds = 0): MonthMeasures {
    return measuresOf(this.record, includedSeconds);
  }

  /** Gives its memory back; the month is not used after. */
  release(): void {
    if (this.#isReleased) throw new Error('Cannot release a month twice: another line may have its memory');
    this.#isReleased = true;
    releaseMonth(this.record);
  }
}

/** The measures of the month whose record begins at `month`. */
export function measuresOf(month: number, includedSeconds = 0): MonthMeasures {
  const records = monthRecords;
  return {
    calls: records[month + CALLS]!,
    shortCalls: records[month + SHORT_CALLS]!,
    concurrentCalls: records[month + CONCURRENT_CALLS]!,
    sequentialNumbers: records[month + SEQUENTIAL_NUMBERS]!,
    hoursOfDay: bitCount(records[month + HOURS_OF_DAY]!),
    numbersInRange: records[month + NUMBERS_IN_RANGE]!,
    distinctNumbers: records[month + NUMBERS]!,
    includedSeconds,
  };
}

/**
 * Adds a counted call to the month whose record begins at `month`. `startedAt` in ms since the epoch; `hourOfDay` in
 * civil time, 0 to 23.
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
  const page = pageWithRoom(month, 2);
  const slot = insertNumber(month, page, called);
  if (slot >= 0 && called >= FIRST_E164) noteNeighbours(month, page, slot);
  const startMs = startedAt - (records[month + PERIOD_START_S]! >>> 0) * 1000;
  noteConcurrent(month, page, insertCall(month, page, startMs, durationMs));
}

/** The new number at `slot` lengthens the run that it is in, and fills its block of 1,000, and no other. */
function noteNeighbours(month: number, { doubles }: Page, slot: number): void {
  const records = monthRecords;
  const first = records[month + START]!;
  const last = first + records[month + NUMBERS]! - 1;
  const called = doubles[slot]!;
  let from = slot;
  while (from > first && doubles[from - 1] === called - (slot - from + 1) && doubles[from - 1]! >= FIRST_E164) from--;
  let to = slot;
  while (to < last && doubles[to + 1] === called + (to + 1 - slot)) to++;
  if (to - from + 1 > records[month + SEQUENTIAL_NUMBERS]!) records[month + SEQUENTIAL_NUMBERS] = to - from + 1;
  // Not `%`, which is a call of a library where the numbers are doubles.
  const rangeStart = Math.floor(called / RANGE_SIZE) * RANGE_SIZE;
  from = slot;
  while (from > first && doubles[from - 1]! >= rangeStart) from--;
  to = slot;
  while (to < last && doubles[to + 1]! < rangeStart + RANGE_SIZE) to++;
  if (to - from + 1 > records[month + NUMBERS_IN_RANGE]!) records[month + NUMBERS_IN_RANGE] = to - from + 1;
}

/**
 * The most calls in progress at one instant are so at the start of some call: of the new one at `word`, or of one
 * that it reaches.
 */
function noteConcurrent(month: number, { words }: Page, word: number): void {
  const records = monthRecords;
  const durationMs = words[word + 1]!;
  if (durationMs > records[month + LONGEST_MS]! >>> 0) records[month + LONGEST_MS] = durationMs;
  const longestMs = records[month + LONGEST_MS]! >>> 0;
  const first = (records[month + END]! - 1) * 2;
  const last = first - (records[month + CALLS]! - 1) * 2;
  const end = words[word]! + durationMs;
  let most = inProgressAt(words, word, first, last, longestMs);
  for (let later = word - 2; later >= last && words[later]! < end; later -= 2) {
    most = Math.max(most, inProgressAt(words, later, first, last, longestMs));
  }
  if (most > records[month + CONCURRENT_CALLS]!) records[month + CONCURRENT_CALLS] = most;
}

/**
 * Calls in progress (`[start, start + duration)`) at the start of that at `word`; equal starts that follow count too.
 * The first call of the month is at `first`, above the last one at `last`.
 */
function inProgressAt(words: Uint32Array, word: number, first: number, last: number, longestMs: number): number {
  const instant = words[word]!;
  let count = 0;
  for (let other = word; other >= last && words[other] === instant; other -= 2) count++;
  for (let other = word + 2; other <= first && words[other]! + longestMs > instant; other += 2) {
    if (words[other]! + words[other + 1]! > instant) count++;
  }
  return count;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
