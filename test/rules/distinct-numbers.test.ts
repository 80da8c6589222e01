import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeDistinctNumbers } from '../../rules/index.ts';

interface Call {
  readonly called: number;
  readonly id: number;
}

const FIRST = 33_140_000_000;
const limit = { maxNumbers: 150 };

/** One call to each of `count` numbers, in order. */
function callsTo(count: number): Call[] {
  return Array.from({ length: count }, (_, id) => ({ id, called: FIRST + id }));
}

describe('judgeDistinctNumbers(): article 7, distinct-numbers', () => {
  it.each([0, 1, 149, 150])('allows %i different numbers in the month', (count) => {
    expect(judgeDistinctNumbers(callsTo(count), limit)).toBeNull();
  });

  it('is breached by the call to the 151st number, which is the crossing call', () => {
    const calls = callsTo(151);
    const evidence = judgeDistinctNumbers(calls, limit);
    expect(evidence?.crossing).toBe(calls[150]);
    expect(evidence?.maxNumbers).toBe(150);
  });

  it('counts a number once however often it is called', () => {
    const calls = callsTo(150);
    expect(judgeDistinctNumbers([...calls, ...calls, ...calls], limit)).toBeNull();
  });

  it('shows the first call to each of the 151 numbers, and no call after the crossing one', () => {
    const calls = callsTo(152);
    const again = calls.slice(0, 75).map(({ called }, id) => ({ called, id: 1000 + id }));
    const evidence = judgeDistinctNumbers([...calls.slice(0, 75), ...again, ...calls.slice(75)], limit);
    expect(evidence?.firstCalls).toEqual(calls.slice(0, 151));
  });

  it('counts a short code as a number of its own', () => {
    const calls = [...callsTo(150), { id: 999, called: 3949 }];
    expect(judgeDistinctNumbers(calls, limit)?.crossing.called).toBe(3949);
  });

  it('finds the crossing call where a naive count finds it', () => {
    const history = fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 30 });
    fc.assert(
      fc.property(history, fc.integer({ min: 0, max: 8 }), (numbers, maxNumbers) => {
        const calls = numbers.map((called, id) => ({ called, id }));
        const naive = calls.find((_, index) => new Set(numbers.slice(0, index + 1)).size > maxNumbers) ?? null;
        const evidence = judgeDistinctNumbers(calls, { maxNumbers });
        expect(evidence?.crossing ?? null).toEqual(naive);
        expect(evidence?.firstCalls.length ?? maxNumbers + 1).toBe(maxNumbers + 1);
      }),
    );
  });
});
