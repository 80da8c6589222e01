import { describe, expect, it } from 'vitest';
import { CorrectedCalls } from '../../../ledger/entries/corrected-calls.ts';
import { emptyMonthCall } from '../../../ledger/entries/month-call.ts';
import { numbersFrom } from '../../support/pack-somewhere.ts';

describe('corrected calls', () => {
  it('are told from all others, however many they are, by their last correction', () => {
    const random = numbersFrom(5);
    const corrected = new CorrectedCalls();
    const latest = new Map<string, number>();
    for (let turn = 0; turn < 20_000; turn++) {
      // Few enough that some come again, or differ in their account alone; of 32 bits, and below 0.
      const [account, identityHigh, identityLow] = [random(2), random(3) - 1, (random(9_000) - 4_500) * 477_218];
      const revision = 1 + random(5);
      const key = `${account} ${identityHigh} ${identityLow | 0}`;
      corrected.take({ ...emptyMonthCall(), account, identityHigh, identityLow: identityLow | 0 }, revision, false);
      latest.set(key, Math.max(latest.get(key) ?? 0, revision));
    }
    const told = [...corrected.values()].map(
      ({ call, revision }) => [`${call.account} ${call.identityHigh} ${call.identityLow}`, revision] as const,
    );
    expect(new Map(told)).toEqual(latest);
    expect(corrected.size).toBe(latest.size);
    expect(corrected.size).toBeGreaterThan(10_000);
    for (let turn = 0; turn < 20_000; turn++) {
      const [account, identityHigh, identityLow] = [random(3), random(4) - 1, ((random(9_000) - 4_500) * 477_218) | 0];
      const isThere = latest.has(`${account} ${identityHigh} ${identityLow}`);
      expect(corrected.has(account, identityHigh, identityLow)).toBe(isThere);
    }
  });
});
