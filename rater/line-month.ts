import type { BehaviourMeasures } from '../rules/index.ts';
import { MonthSlots } from './month-slots.ts';

/** Numbers below this are short codes: they are not in sequence or range with anything. */
const FIRST_E164 = 1_000_000;
const RANGE_SIZE = 1000;

/**
 * What the conditions ask of a line's counted calls in one period, kept up to date call by call, in any order. It holds
 * nothing of a call but its start, duration and number: the calls are in the ledger, and a month is built from them again
 * after a restart or a correction. Calls are only ever added, so that each measure is the most that it was so far.
 */
export class LineMonth extends MonthSlots {
  /** Seconds since the epoch: an integer that fits in the object, where ms are a double in a place of their own. */
  readonly #periodStartS: number;
  #shortCalls = 0;
  #hoursOfDay = 0;
  #longestMs = 0;
  #concurrentCalls = 0;
  #sequentialNumbers = 0;
  #numbersInRange = 0;

  /** @param periodStart ms since the epoch: periods start at whole seconds */
  constructor(periodStart: number) {
    super();
    this.#periodStartS = periodStart / 1000;
  }

  /** ms since the epoch. */
  get periodStart(): number {
    return this.#periodStartS * 1000;
  }

  /** Adds a counted call. `startedAt` in ms since the epoch; `hourOfDay` in civil time, 0 to 23. */
  add(called: number, startedAt: number, durationMs: number, isShort: boolean, hourOfDay: number): void {
    if (isShort) this.#shortCalls++;
    this.#hoursOfDay |= 1 << hourOfDay;
    const added = this.addNumber(called);
    if (added >= 0 && called >= FIRST_E164) this.#noteNeighbours(added, called);
    this.#noteConcurrent(this.addCall(startedAt - this.periodStart, durationMs), durationMs);
  }

  measures(): BehaviourMeasures {
    return {
      calls: this.callCount,
      shortCalls: this.#shortCalls,
      concurrentCalls: this.#concurrentCalls,
      sequentialNumbers: this.#sequentialNumbers,
      hoursOfDay: bitCount(this.#hoursOfDay),
      numbersInRange: this.#numbersInRange,
    };
  }

  /** A new number lengthens the run that it is in, and fills its block of 1,000, and no other. */
  #noteNeighbours(index: number, called: number): void {
    let run = 1;
    while (called - run >= FIRST_E164 && index >= run && this.numberAt(index - run) === called - run) run++;
    const before = run - 1;
    while (index + run - before < this.numberCount && this.numberAt(index + run - before) === called + run - before)
      run++;
    if (run > this.#sequentialNumbers) this.#sequentialNumbers = run;
    const rangeStart = called - (called % RANGE_SIZE);
    let first = index;
    while (first > 0 && this.numberAt(first - 1) >= rangeStart) first--;
    let last = index;
    while (last + 1 < this.numberCount && this.numberAt(last + 1) < rangeStart + RANGE_SIZE) last++;
    if (last - first + 1 > this.#numbersInRange) this.#numbersInRange = last - first + 1;
  }

  /** The most calls in progress at one instant are so at the start of some call: of the new one, or of one that it reaches. */
  #noteConcurrent(index: number, durationMs: number): void {
    if (durationMs > this.#longestMs) this.#longestMs = durationMs;
    const end = this.callStart(index) + durationMs;
    let most = Math.max(this.#concurrentCalls, this.#inProgressAt(index));
    for (let later = index + 1; later < this.callCount && this.callStart(later) < end; later++) {
      most = Math.max(most, this.#inProgressAt(later));
    }
    this.#concurrentCalls = most;
  }

  /** Calls in progress (`[start, start + duration)`) at the start of that at `index`; equal starts that follow count too. */
  #inProgressAt(index: number): number {
    const instant = this.callStart(index);
    let count = 0;
    for (let other = index; other < this.callCount && this.callStart(other) === instant; other++) count++;
    for (let other = index - 1; other >= 0; other--) {
      const start = this.callStart(other);
      if (start + this.#longestMs <= instant) break;
      if (start + this.callDuration(other) > instant) count++;
    }
    return count;
  }
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
