import { type MonthState, emptyMonthState } from '../rater/index.ts';
import { compileCivilTime } from '../tariffs/index.ts';

const LINES = 50_000;
const NUMBERS = 200;

/** Memory of the months of 50,000 lines that called 200 numbers each, one call a number. */
export function benchMemory(): void {
  const civilTime = compileCivilTime('Europe/Paris');
  const start = civilTime.periodStart(202611);
  const before = usedBytes();
  const months: MonthState[] = [];
  for (let line = 0; line < LINES; line++) {
    const month = emptyMonthState([], 202611, civilTime);
    for (let call = 0; call < NUMBERS; call++) {
      const called = 33_600_000_000 + ((line * 977 + call * 7919) % 99_999_999);
      month.month.add(called, start + call * 7_000_000 + line, 60_000, false, call % 24);
    }
    months.push(month);
  }
  const bytes = usedBytes() - before;
  const numbers = months.reduce((sum, { month }) => sum + month.numberCount, 0);
  console.log(
    `memory of ${LINES} lines, ${NUMBERS} numbers each     ${(bytes / 1e6).toFixed(0)} MB, ` +
      `${(bytes / numbers).toFixed(1)} bytes a number with its call`,
  );
}

/** Heap and memory outside it, after collecting what is garbage. */
function usedBytes(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
