import { CALLS, END, NUMBERS, PAGE, START, freeMonthRecord, monthRecords } from './month-records.ts';
import { NO_PAGE, type Page, SlotArena } from './slot-arena.ts';

/*
 * The numbers and the calls of a line's month, 8 bytes each and a little slack, in one block: numbers in ascending
 * order from its beginning, calls by their start from its end, so that either may grow into the room between. One
 * block, because every place more is memory that the processor waits for. (A `Set<number>` takes 42 bytes a number,
 * see docs/performance.md.) `month` is where its record begins in `monthRecords`.
 */

/** The number at `index` in ascending order. */
export function numberAt(month: number, index: number): number {
  return pages[monthRecords[month + PAGE]!]!.doubles[monthRecords[month + START]! + index]!;
}

/** Start of the call at `index` in order of starts, ms since the start of the period. */
export function callStart(month: number, index: number): number {
  return pages[monthRecords[month + PAGE]!]!.words[(monthRecords[month + END]! - 1 - index) * 2]!;
}

export function callDuration(month: number, index: number): number {
  return pages[monthRecords[month + PAGE]!]!.words[(monthRecords[month + END]! - 1 - index) * 2 + 1]!;
}

/** The page with the month's block, which has room for so many slots more from now on. */
export function pageWithRoom(month: number, slots: number): Page {
  const records = monthRecords;
  const room = records[month + END]! - records[month + START]! - records[month + NUMBERS]! - records[month + CALLS]!;
  if (room < slots) grow(month);
  return pages[records[month + PAGE]!]!;
}

/** Adds a number to a month with room for it; its slot in the page, or -1 when it was there. */
export function insertNumber(month: number, { doubles }: Page, value: number): number {
  const records = monthRecords;
  const start = records[month + START]!;
  const end = start + records[month + NUMBERS]!;
  const at = lowerBound(doubles, start, end, value);
  if (at < end && doubles[at] === value) return -1;
  for (let slot = end; slot > at; slot--) doubles[slot] = doubles[slot - 1]!;
  doubles[at] = value;
  records[month + NUMBERS] = end - start + 1;
  return at;
}

/**
 * Adds a call to a month with room for it, after those that started with it or before. Its place among the page's
 * words: its start is there and its duration in the next, the calls before it follow, and those after it come before.
 */
export function insertCall(month: number, { words }: Page, startMs: number, durationMs: number): number {
  const records = monthRecords;
  const calls = records[month + CALLS]!;
  records[month + CALLS] = calls + 1;
  const first = (records[month + END]! - 1) * 2;
  let word = first - calls * 2;
  for (; word < first && words[word + 2]! > startMs; word += 2) {
    words[word] = words[word + 2]!;
    words[word + 1] = words[word + 3]!;
  }
  words[word] = startMs;
  words[word + 1] = durationMs;
  return word;
}

/** Gives the month's memory back; it is not used after. */
export function releaseMonth(month: number): void {
  const records = monthRecords;
  arena.give(records[month + PAGE]!, records[month + START]!, records[month + END]! - records[month + START]!);
  freeMonthRecord(month);
}

/** Reads the first number and the last call, so that they are near when the call is taken in; returns what it read. */
export function touchSlots(month: number): number {
  const records = monthRecords;
  const calls = records[month + CALLS]!;
  const page = records[month + PAGE]!;
  if (page === NO_PAGE) return 0;
  const { words } = pages[page]!;
  return words[records[month + START]! * 2]! ^ words[(records[month + END]! - Math.max(1, calls)) * 2]!;
}

/** Moves the month's block into a larger one: 8 slots more, or a quarter. */
function grow(month: number): void {
  const records = monthRecords;
  const start = records[month + START]!;
  const before = records[month + END]! - start;
  const numbers = records[month + NUMBERS]!;
  const calls = records[month + CALLS]!;
  const capacity = before + Math.max(8, (before >> 4) << 2);
  const page = records[month + PAGE]!;
  const block = arena.take(capacity);
  const end = block.offset + capacity;
  // As words: a double may change its bits on the way when they happen to make a NaN.
  const from = pages[page]!.words;
  const to = pages[block.page]!.words;
  copyWords(from, start, to, block.offset, numbers);
  copyWords(from, start + before - calls, to, end - calls, calls);
  arena.give(page, start, before);
  records[month + PAGE] = block.page;
  records[month + START] = block.offset;
  records[month + END] = end;
}

/** The first index from `low` to `high` whose value is not below `value`. */
function lowerBound(values: Float64Array, low: number, high: number, value: number): number {
  let from = low;
  let to = high;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (values[middle]! < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

function copyWords(from: Uint32Array, fromSlot: number, to: Uint32Array, toSlot: number, slots: number): void {
  for (let word = 0; word < slots * 2; word++) to[toSlot * 2 + word] = from[fromSlot * 2 + word]!;
}

/** The memory of all months in this process: whoever drops a month releases it first. */
const arena = new SlotArena();
const { pages } = arena;
