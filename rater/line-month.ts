import type { BehaviourMeasures } from '../rules/index.ts';
import { CallTimeline } from './call-timeline.ts';
import { NumberSet } from './number-set.ts';

/** Numbers below this are short codes: they are not in sequence or range with anything. */
const FIRST_E164 = 1_000_000;
const RANGE_SIZE = 1000;

/**
 * What the conditions ask of a line's counted calls in one period, kept up to date call by call, in any order. It holds
 * no call: those are in the ledger, and a month is built from them again after a restart or a correction.
 */
export class LineMonth {
  readonly periodStart: number;
  readonly numbers = new NumberSet();
  readonly #timeline = new CallTimeline();
  #calls = 0;
  #shortCalls = 0;
  #hoursOfDay = 0;
  #sequenceAndRange = { ofSize: -1, sequentialNumbers: 0, numbersInRange: 0 };

  /** @param periodStart ms since the epoch */
  constructor(periodStart: number) {
    this.periodStart = periodStart;
  }

  get calls(): number {
    return this.#calls;
  }

  /** Adds a counted call. `startedAt` in ms since the epoch; `hourOfDay` in civil time, 0 to 23. */
  add(called: number, startedAt: number, durationMs: number, isShort: boolean, hourOfDay: number): void {
    this.#calls++;
    if (isShort) this.#shortCalls++;
    this.#hoursOfDay |= 1 << hourOfDay;
    this.numbers.add(called);
    this.#timeline.add(startedAt - this.periodStart, durationMs);
  }

  /** Gives its memory back; the month is not used after. */
  release(): void {
    this.numbers.release();
    this.#timeline.release();
  }

  measures(): BehaviourMeasures {
    const { sequentialNumbers, numbersInRange } = this.#measureNumbers();
    return {
      calls: this.#calls,
      shortCalls: this.#shortCalls,
      concurrentCalls: this.#timeline.peak,
      sequentialNumbers,
      hoursOfDay: bitCount(this.#hoursOfDay),
      numbersInRange,
    };
  }

  /** Scans the sorted numbers, again only when some were added. */
  #measureNumbers(): { readonly sequentialNumbers: number; readonly numbersInRange: number } {
    if (this.#sequenceAndRange.ofSize !== this.numbers.count) {
      this.#sequenceAndRange = { ofSize: this.numbers.count, ...longestRunAndFullestRange(this.numbers) };
    }
    return this.#sequenceAndRange;
  }
}

function longestRunAndFullestRange(numbers: NumberSet): { sequentialNumbers: number; numbersInRange: number } {
  let previous = Number.NaN;
  let run = 0;
  let sequentialNumbers = 0;
  let rangeEnd = 0;
  let inRange = 0;
  let numbersInRange = 0;
  for (let index = 0; index < numbers.count; index++) {
    const called = numbers.at(index);
    if (called < FIRST_E164) continue;
    run = called === previous + 1 ? run + 1 : 1;
    previous = called;
    if (run > sequentialNumbers) sequentialNumbers = run;
    if (called >= rangeEnd) {
      rangeEnd = called - (called % RANGE_SIZE) + RANGE_SIZE;
      inRange = 0;
    }
    inRange++;
    if (inRange > numbersInRange) numbersInRange = inRange;
  }
  return { sequentialNumbers, numbersInRange };
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
