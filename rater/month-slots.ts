import { CALLS, END, NUMBERS, PAGE, START, freeMonthRecord, monthRecords } from './month-records.ts';
import { NO_PAGE, SlotArena } from './slot-arena.ts';

/*
 * The numbers and the calls of a line's month, 8 bytes each and a little slack, in one block: numbers in ascending order
 * from its beginning, calls by their start from its end, so that either may grow into the room between. One block, because
 * every place more is memory that the processor waits for. (A `Set<number>` takes 42 bytes a number, see
 * docs/performance.md.) `month` is where its record begins in `monthRecords`.
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

/** Adds a number; its index, or -1 when it was there. */
export function addNumber(month: number, value: number): number {
  reserve(month);
  const records = monthRecords;
  const { doubles } = pages[records[month + PAGE]!]!;
  const start = records[month + START]!;
  const end = start + records[month + NUMBERS]!;
  const at = lowerBound(doubles, start, end, value);
  if (at < end && doubles[at] === value) return -1;
  for (let slot = end; slot > at; slot--) doubles[slot] = doubles[slot - 1]!;
  doubles[at] = value;
  records[month + NUMBERS] = end - start + 1;
  return at - start;
}

/** Adds a call; its index, after those that started with it or before. */
export function addCall(month: number, startMs: number, durationMs: number): number {
  reserve(month);
  const records = monthRecords;
  const { words } = pages[records[month + PAGE]!]!;
  let index = records[month + CALLS]!;
  records[month + CALLS] = index + 1;
  let slot = (records[month + END]! - 1 - index) * 2;
  for (; index > 0 && words[slot + 2]! > startMs; index--, slot += 2) {
    words[slot] = words[slot + 2]!;
    words[slot + 1] = words[slot + 3]!;
  }
  words[slot] = startMs;
  words[slot + 1] = durationMs;
  return index;
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

/** Makes room for one slot more. */
function reserve(month: number): void {
  const records = monthRecords;
  const start = records[month + START]!;
  const before = records[month + END]! - start;
  const numbers = records[month + NUMBERS]!;
  const calls = records[month + CALLS]!;
  if (numbers + calls < before) return;
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
