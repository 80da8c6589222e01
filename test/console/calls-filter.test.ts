import { describe, expect, it } from 'vitest';
import type { CasePattern } from '../../api/index.ts';
import { callsOf, rangeOf, readCallsFilter } from '../../console/src/case/calls-filter.ts';

type Call = CasePattern['calls'][number];

function call(callId: string, startedAt: string, seconds: number, more: Partial<Call> = {}): Call {
  return {
    callId,
    startedAt,
    day: startedAt.slice(0, 10),
    minute: 0,
    durationMs: seconds * 1000,
    number: '+33145000000',
    destination: 'France Fixe',
    coverage: 'included',
    meteredPrice: '0.010000',
    isForwarded: false,
    isForeign: false,
    ...more,
  };
}

function found(calls: readonly Call[], filter: string): string[] {
  return callsOf(calls, readCallsFilter(filter)).map(({ callId }) => callId);
}

describe('callsOf()', () => {
  const calls = [
    call('before', '2026-11-03T08:00:00.000Z', 60, { number: '+33145000999' }),
    call('long', '2026-11-03T10:00:00.000Z', 300, { number: '+33145001000' }),
    call('ends', '2026-11-03T10:01:00.000Z', 60, { number: '+33145001001' }),
    // Begins when the one before ends: they are not under way together.
    call('begins', '2026-11-03T10:02:00.000Z', 90, { number: '+33145001010' }),
    call('third', '2026-11-03T10:03:00.000Z', 30, { number: '+33145001011' }),
    call('forwarded', '2026-11-03T10:03:01.000Z', 60, { isForwarded: true, number: '+334500100' }),
    call('free', '2026-11-03T10:03:02.000Z', 60, { coverage: 'free', number: '112' }),
  ];

  it('gives the calls that were under way when most were, of those that count', () => {
    expect(found(calls, 'at-once:')).toEqual(['long', 'begins', 'third']);
    expect(found([], 'at-once:')).toEqual([]);
  });

  it('gives those to numbers of a range, its ends too, and none to numbers of another length', () => {
    expect(found(calls, rangeOf('+33145001000', '+33145001010')!)).toEqual(['long', 'ends', 'begins']);
    expect(found(calls, 'range:+33145001011-+33145001011')).toEqual(['third']);
    expect(rangeOf('+3314500••••', '+3314500••••')).toBeNull();
  });

  it('gives all, the shortest first', () => {
    expect(found(calls, 'shortest:').slice(0, 2)).toEqual(['third', 'before']);
    expect(found(calls, 'shortest:').length).toBe(calls.length);
  });
});
