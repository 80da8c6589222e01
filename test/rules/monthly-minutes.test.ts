import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Effect, type MonthCall, judgeMonthlyMinutes, monthlyMinutes } from '../../rules/index.ts';
import { forfait99 } from './offers-for-test.ts';

const TWO_MINUTES = { maxMinutes: 2, crossingCall: 'whole-call' } as const;

/** Calls that follow each other, of so many ms. */
function calls(...durations: readonly number[]): MonthCall[] {
  return durations.map((durationMs, index) => ({
    switchId: 'sbc-1',
    callId: `c${index}`,
    legId: '',
    startedAt: index * 1_000,
    called: 33_140_000_000,
    durationMs,
  }));
}

function crossing(...durations: readonly number[]): string | null {
  return judgeMonthlyMinutes(calls(...durations), TWO_MINUTES)?.crossing.callId ?? null;
}

describe('judgeMonthlyMinutes(): monthly-minutes, a condition of other offers than that of article 7', () => {
  it.each([
    ['nothing', [], null],
    ['exactly the included minutes', [60_000, 60_000], null],
    ['a millisecond more, which begins a second', [60_000, 60_001], 'c1'],
    ['a call of 0 ms after them', [60_000, 60_000, 0], null],
    ['one call that is longer', [120_001], 'c0'],
    ['the first call beyond, whatever follows', [60_000, 60_000, 1, 600_000], 'c2'],
    ['a hundred calls of a millisecond, a second each', Array.from({ length: 121 }, () => 1), 'c120'],
  ])('%s: crossed by %s', (_, durations, call) => {
    expect(crossing(...durations)).toBe(call);
  });

  it('shows the call that crossed and the seconds with it', () => {
    expect(judgeMonthlyMinutes(calls(100_000, 30_500), TWO_MINUTES)).toEqual({
      condition: 'monthly-minutes',
      breachFrom: 1_000,
      maxMinutes: 2,
      crossing: { switchId: 'sbc-1', callId: 'c1', legId: '', startedAt: 1_000, called: 33_140_000_000 },
      seconds: 131,
    });
  });

  it('finds the crossing call where a naive sum finds it', () => {
    const months = fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 12 });
    fc.assert(
      fc.property(months, (durations) => {
        const upTo = (index: number) =>
          durations.slice(0, index + 1).reduce((sum, ms) => sum + Math.floor((ms + 999) / 1000), 0);
        const naive = durations.findIndex((_, index) => upTo(index) > 120);
        expect(crossing(...durations)).toBe(naive < 0 ? null : `c${naive}`);
      }),
    );
  });

  it('tells the minutes and the call in words', () => {
    const finding = judgeMonthlyMinutes(calls(100_000, 30_500), TWO_MINUTES)!;
    const words = { call: inBrackets, instant: String, number: String, text: String };
    expect(monthlyMinutes.inWords(finding, words)).toBe(
      'more than 2 included minutes called in the month: 2 min 11 s with the call on [c1]',
    );
  });

  const BEYOND: Effect = {
    mode: 'automatic',
    rerate: { scope: 'from-breach', classes: ['national-fixed'] },
    suspension: 'none',
    opensCase: false,
  };

  it('takes effect from the crossing call on, in the month alone', () => {
    expect(monthlyMinutes.effectFault(BEYOND)).toBeNull();
    expect(monthlyMinutes.effectFault({ ...BEYOND, suspension: 'period' })).toBeNull();
    expect(monthlyMinutes.effectFault({ ...BEYOND, suspension: 'until-reinstated' })?.path).toEqual(['suspension']);
    for (const scope of ['call', 'period'] as const) {
      const effect = { ...BEYOND, rerate: { ...BEYOND.rerate, scope } };
      expect(monthlyMinutes.effectFault(effect)?.path).toEqual(['rerate', 'scope']);
    }
  });

  it('is at 20 hours in the example offer', () => {
    const condition = forfait99().conditions.find(({ id }) => id === 'monthly-minutes');
    expect(condition?.settings).toEqual({ maxMinutes: 1200, crossingCall: 'whole-call' });
  });
});

function inBrackets({ callId }: { readonly callId: string }): string {
  return `[${callId}]`;
}
