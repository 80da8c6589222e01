import { describe, expect, it } from 'vitest';
import { type Finding, howFarOver } from '../../rules/index.ts';

const call = { startedAt: 0, switchId: 'sbc', callId: 'c', legId: '' };
const called = { ...call, called: 33_612_345_678 };

describe('howFarOver()', () => {
  it('says different numbers of the whole month, or one too many where the month is not known', () => {
    const finding: Finding = {
      condition: 'distinct-numbers',
      breachFrom: 0,
      maxNumbers: 150,
      crossing: called,
      numbers: [],
    };
    expect(howFarOver(finding, 163)).toEqual({ measure: 'numbers', value: 163, most: 150 });
    expect(howFarOver(finding)).toEqual({ measure: 'numbers', value: 151, most: 150 });
  });

  it('says minutes, those that have begun', () => {
    const finding: Finding = {
      condition: 'monthly-minutes',
      breachFrom: 0,
      maxMinutes: 300,
      crossing: called,
      seconds: 18_001,
    };
    expect(howFarOver(finding)).toEqual({ measure: 'minutes', value: 301, most: 300 });
  });

  it('says of behaviour the measure that is furthest over', () => {
    const finding: Finding = {
      condition: 'conversational-use',
      breachFrom: 0,
      measures: [
        { id: 'short-calls', value: 500, max: 400 },
        { id: 'concurrent-calls', value: 4, max: 4 },
        { id: 'sequential-numbers', value: 40, max: 9 },
      ],
    };
    expect(howFarOver(finding)).toEqual({ measure: 'numbers', value: 40, most: 9 });
  });

  it('says nothing of what a single call breaks', () => {
    expect(
      howFarOver({ condition: 'usage-class', breachFrom: 0, usageClass: 'automated', firstCall: call }),
    ).toBeNull();
  });
});
