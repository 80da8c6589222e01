/**
 * What every call asks of its line's month, in one line of memory (64 bytes) of a table for all months of the
 * process: with tens of thousands of lines each object is a place more that the processor waits for, and waiting is
 * most of what rating costs (docs/performance.md, "What was learned"). A month is known by where its record begins in
 * `monthRecords`.
 */
const RECORD_WORDS = 16;

/**
 * The words of a month's record, those that few calls need last: the table may begin in the middle of a line of
 * memory. The period is yyyymm, and 0 in a record that is free.
 */
export const PERIOD = 0;
/** 1 where the month is quiet: see `MonthState.isQuiet`. */
export const IS_QUIET = 1;
/** The block with its numbers and calls: page, first slot, the slot after the last (`month-slots.ts`). */
export const PAGE = 2;
export const START = 3;
export const END = 4;
export const NUMBERS = 5;
export const CALLS = 6;
/** Seconds since the epoch. */
export const PERIOD_START_S = 7;
/** Measures (`line-month.ts`). The longest call's ms may need all 32 bits: read it with `>>> 0`. */
export const HOURS_OF_DAY = 8;
export const LONGEST_MS = 9;
export const CONCURRENT_CALLS = 10;
/** The batch that touched it last. */
export const TOUCHED_IN_BATCH = 11;
/** The batch that listed it last as one to be judged. */
export const UNSETTLED_IN_BATCH = 12;
export const SHORT_CALLS = 13;
export const SEQUENTIAL_NUMBERS = 14;
export const NUMBERS_IN_RANGE = 15;

/** All records. Replaced when it grows: it is asked for anew at each call, never kept. */
export let monthRecords = new Int32Array(64 * RECORD_WORDS);

let used = 0;
const free: number[] = [];

/** An empty month: where its record begins. Who drops it gives it back (`freeMonthRecord`). */
export function newMonthRecord(period: number, periodStart: number): number {
  const month = free.pop() ?? used++ * RECORD_WORDS;
  if (month === monthRecords.length) {
    const grown = new Int32Array(monthRecords.length * 2);
    grown.set(monthRecords);
    monthRecords = grown;
  }
  monthRecords[month + PERIOD] = period;
  monthRecords[month + PERIOD_START_S] = periodStart / 1000;
  return month;
}

/** Notes that a batch (a number above 0) touched the month; whether for the first time. */
export function isFirstTouch(month: number, batch: number): boolean {
  if (monthRecords[month + TOUCHED_IN_BATCH] === batch) return false;
  monthRecords[month + TOUCHED_IN_BATCH] = batch;
  return true;
}

/** Whether a batch has listed the month as one to be judged. */
export function isListedUnsettled(month: number, batch: number): boolean {
  return monthRecords[month + UNSETTLED_IN_BATCH] === batch;
}

export function listUnsettled(month: number, batch: number): void {
  monthRecords[month + UNSETTLED_IN_BATCH] = batch;
}

/** Takes back a record whose block was given back. */
export function freeMonthRecord(month: number): void {
  monthRecords.fill(0, month, month + RECORD_WORDS);
  free.push(month);
}

/** Months in memory: for tests, which look for those that nobody gave back. */
export function monthRecordCount(): number {
  return used - free.length;
}
