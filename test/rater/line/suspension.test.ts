import { describe, expect, it } from 'vitest';
import { type FindingCondition, type Hold, lastSuspension } from '../../../rater/index.ts';
import { at, civilTime, line, lineState } from '../rating-for-test.ts';

const INSTANTS: Readonly<Record<string, number>> = {
  OCT: at('2026-10-01'),
  NOV: at('2026-11-01'),
  MID: at('2026-11-15'),
  DEC: at('2026-12-01'),
  JAN: at('2027-01-01'),
  NEVER: Infinity,
};

function instant(word: string): number {
  const found = INSTANTS[word];
  if (found === undefined) throw new Error(`Cannot read '${word}'`);
  return found;
}

/** `condition period from to`, in Full Illimité's terms. */
function hold(text: string): Hold {
  const [condition = '', period = '', from = '', to = ''] = text.split(' ');
  const classes = ['national-fixed'] as const;
  const onlyBreakingCalls = condition === 'usage-class';
  return {
    condition: condition as FindingCondition,
    period: Number(period),
    from: instant(from),
    to: instant(to),
    onlyBreakingCalls,
    classes,
  };
}

/** Holds, separated by commas; the last stretch that they suspend. */
const STRETCHES = `
  -                                                                       | -
  distinct-numbers 202611 NOV DEC                                         | NOV DEC
  sip-mobility 202611 NOV NEVER                                           | NOV NEVER
  sip-mobility 202611 NOV MID                                             | NOV MID
  distinct-numbers 202610 OCT NOV, distinct-numbers 202611 NOV DEC        | OCT DEC
  distinct-numbers 202610 OCT NOV, distinct-numbers 202612 DEC JAN        | DEC JAN
  distinct-numbers 202612 DEC JAN, sip-mobility 202611 NOV MID            | DEC JAN
  distinct-numbers 202612 DEC JAN, sip-mobility 202611 NOV NEVER          | NOV NEVER
  sip-mobility 202611 NOV DEC, distinct-numbers 202611 NOV MID            | NOV DEC
  sip-mobility 202611 NOV NOV                                             | -
  usage-class 202611 NOV DEC                                              | -`;

const rows = STRETCHES.trim()
  .split('\n')
  .map((row) => row.split('|').map((cell) => cell.trim()) as [string, string]);

describe('lastSuspension() joins what holds a line', () => {
  it.each(rows)('%s: %s', (holds, expected) => {
    const held = lineState(line('L1'));
    held.holds = holds === '-' ? [] : holds.split(', ').map(hold);
    const stretch = lastSuspension(held, civilTime);
    const [from, to] = expected.split(' ').map((word) => INSTANTS[word]);
    expect([stretch?.from, stretch?.to]).toEqual([from, to]);
  });
});
