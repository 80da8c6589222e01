import { describe, expect, test } from 'vitest';
import { loadNumberingPlan } from '../../../bin/load-numbering-plan.ts';
import { compileNumberRepairs, formatNumber, type NumberRepairs } from '../../../tariffs/index.ts';

const plan = loadNumberingPlan();
const LATVIA = plan.classify('+37167000000');

/** How a switch's text is read: by the plan, and where that refuses, by repairs. */
function read(repairs: NumberRepairs, dialled: string, switchId = 'sbc'): string {
  const planned = plan.classify(dialled);
  const meant = planned.kind === 'number' ? planned : repairs.read(dialled, switchId, planned);
  return meant.kind === 'refusal' ? meant.reason : `${formatNumber(meant.called)} ${meant.destination.name}`;
}

describe('refusedDigits()', () => {
  test.each([
    ['0800 is read', '+33612345678', ''],
    ['with the country code', '+33 0 99 12', '3309912'],
    ['of a short code', '2998', '2998'],
    ['of nothing that is clear', '*98', ''],
  ])('%s', (_, dialled, digits) => expect(plan.refusedDigits(dialled)).toBe(digits));
});

describe('compileNumberRepairs()', () => {
  const refused = '+999123456789';
  const prefix = { prefix: '9991', length: 12, destination: 'France Mobile' };

  test('reads a number by an added prefix, where it has just as many digits', () => {
    const repairs = compileNumberRepairs(plan, [prefix], []);
    expect([read(repairs, refused), read(repairs, '00999123456789'), read(repairs, `${refused}0`)]).toEqual([
      '+999123456789 France Mobile',
      '+999123456789 France Mobile',
      'unassigned-number',
    ]);
    expect(repairs.prefixOf(999123456789)?.prefix).toBe('9991');
  });

  test('has the longest prefix win', () => {
    const longer = { prefix: '99912', length: 12, destination: 'France Fixe' };
    expect(read(compileNumberRepairs(plan, [prefix, longer], []), refused)).toBe('+999123456789 France Fixe');
  });

  test('reads a short code that the plan does not have', () => {
    const added = { prefix: '2998', length: 4, destination: 'France Fixe' };
    expect(read(compileNumberRepairs(plan, [], []), '2998')).toBe('unknown-short-code');
    expect(read(compileNumberRepairs(plan, [added], []), '2998')).toBe('2998 France Fixe');
  });

  test('takes off what a switch writes before its numbers, a rule of its own before those of all', () => {
    const repairs = compileNumberRepairs(
      plan,
      [],
      [
        { switchId: null, prefix: '*7', replacement: '' },
        { switchId: 'sbc', prefix: '*', replacement: '+331' },
        { switchId: null, prefix: '', replacement: '+33' },
      ],
    );
    expect(read(repairs, '*70612345678', 'pbx')).toBe('+33612345678 France Mobile');
    expect(read(repairs, '*45000000')).toBe('+33145000000 France Fixe');
    expect(read(repairs, '612345678')).toBe('+33612345678 France Mobile');
    expect(read(repairs, '#21#')).toBe('service-code');
  });

  test('takes zeros off only where what follows begins as a number does', () => {
    const zero = compileNumberRepairs(plan, [], [{ switchId: null, prefix: '0', replacement: '' }]);
    const nothing = compileNumberRepairs(plan, [], []);
    expect(read(nothing, '00612345678')).toBe('wrong-length');
    expect(read(zero, '00612345678')).toBe('+33612345678 France Mobile');
    // A digit too many behind a mobile's 0 is no number of Australia.
    expect(read(zero, '061234567890')).toBe(read(nothing, '061234567890'));
    expect(read(zero, '061234567890')).not.toContain('+');
  });

  test('reads by a rule and an added prefix together', () => {
    const rules = [{ switchId: null, prefix: '*', replacement: '+' }];
    expect(read(compileNumberRepairs(plan, [prefix], rules), '*999123456789')).toBe('+999123456789 France Mobile');
  });

  test('says nothing of what the plan reads', () => {
    const repairs = compileNumberRepairs(
      plan,
      [{ prefix: '3716', length: 11, destination: 'France Fixe' }],
      [{ switchId: null, prefix: '+', replacement: '*' }],
    );
    if (LATVIA.kind !== 'number') throw new Error('Cannot test: the plan has no Latvia');
    expect(read(repairs, '+37167000000')).toBe(`+37167000000 ${LATVIA.destination.name}`);
  });
});
