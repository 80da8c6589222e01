import { describe, expect, it } from 'vitest';
import { CallFlag, callLength, type Effect } from '../../rules/index.ts';
import { forfait99 } from './offers-for-test.ts';

const MINUTE = 60_000;

const ALONE: Effect = {
  mode: 'automatic',
  rerate: { scope: 'call', classes: ['national-fixed'] },
  suspension: 'none',
  opensCase: false,
};

describe('isShownBy(): call-length, a condition of other offers than that of article 7', () => {
  it.each([
    [60, 0, false],
    [60, 59 * MINUTE, false],
    [60, 60 * MINUTE, false],
    [60, 60 * MINUTE + 1, true],
    [60, 180 * MINUTE, true],
    [180, 180 * MINUTE, false],
    [180, 180 * MINUTE + 1, true],
  ])('with %i minutes at most, a call of %i ms is too long: %s', (maxMinutes, durationMs, isLong) => {
    expect(callLength.isShownBy({ isForwarded: false, durationMs }, { maxMinutes, metered: 'whole-call' })).toBe(
      isLong,
    );
  });

  it('asks forwarded legs too: nothing is held against the line', () => {
    const settings = { maxMinutes: 60, metered: 'whole-call' } as const;
    expect(callLength.isShownBy({ isForwarded: true, durationMs: 61 * MINUTE }, settings)).toBe(true);
  });

  it('has a flag of its own', () => {
    expect(callLength.flags).toBe(CallFlag.longCall);
  });

  it.each([
    ['mode', { ...ALONE, mode: 'review' }],
    ['rerate.scope', { ...ALONE, rerate: { ...ALONE.rerate, scope: 'period' } }],
    ['suspension', { ...ALONE, suspension: 'period' }],
    ['opensCase', { ...ALONE, opensCase: true }],
  ] satisfies [string, Effect][])(
    'meters the call alone, so that an offer cannot give it another %s',
    (path, effect) => {
      expect(callLength.effectFault(effect)?.path.join('.')).toBe(path);
      expect(callLength.effectFault(ALONE)).toBeNull();
    },
  );

  it('is at 60 minutes in the example offer', () => {
    const condition = forfait99().conditions.find(({ id }) => id === 'call-length');
    expect(condition?.settings).toEqual({ maxMinutes: 60, metered: 'whole-call' });
  });
});
