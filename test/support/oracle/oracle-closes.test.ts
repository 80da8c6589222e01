import { describe, expect, test } from 'vitest';
import { billedCharges } from './bills.ts';
import { coverageLines, decide, inputOf, judge, record } from './oracle-samples.ts';
import type { OracleClose, OracleInput } from './oracle-types.ts';

// 0.02 a started minute; a call of ten minutes to Barbados, which no offer includes, is 0.20.
const far = (callId: string, at: string, minutes = 10) =>
  record(callId, at, { dialled: '+12465550100', durationMs: minutes * 60_000 });
const used = (callId: string, at: string) => record(callId, at, { mobilityUsed: true });

function closeOf(period: number, known: OracleInput): OracleClose {
  return { period, known };
}

/** Call, its month, the month of the bill, micros. */
function bills(input: OracleInput): string[] {
  return billedCharges(input)
    .map(({ identity, period, billedPeriod, charge }) =>
      [JSON.parse(identity)[1], period, billedPeriod, charge].join(' '),
    )
    .toSorted();
}

describe('invariant 5: a closed bill stays, and what comes later is billed after it', () => {
  const october = far('oct', '2026-10-03T10:00:00Z');
  const first = closeOf(202610, inputOf([october]));

  test('a call is billed in its month, and a late one in the month after the last that was closed', () => {
    const late = far('late', '2026-10-04T10:00:00Z');
    const older = far('older', '2026-08-04T10:00:00Z');
    const november = far('nov', '2026-11-03T10:00:00Z');
    const second = closeOf(202611, { ...inputOf([october, late, november]), closes: [first] });
    const all = { ...inputOf([october, late, november, older]), closes: [first, second] };
    expect(bills(all)).toEqual([
      'late 202610 202611 200000',
      'nov 202611 202611 200000',
      'oct 202610 202610 200000',
      'older 202608 202612 200000',
    ]);
  });

  test('a correction is billed as the difference, twice over', () => {
    const longer = far('oct', '2026-10-03T10:00:00Z', 15);
    const shorter = far('oct', '2026-10-03T10:00:00Z', 1);
    const second = closeOf(202611, {
      ...inputOf([october, { ...longer, revision: 1 }]),
      closes: [first],
    });
    const all = {
      ...inputOf([october, { ...longer, revision: 1 }, { ...shorter, revision: 2 }]),
      closes: [first, second],
    };
    expect(bills(all)).toEqual(['oct 202610 202610 200000', 'oct 202610 202611 100000', 'oct 202610 202612 -280000']);
  });

  test('a call that turns out to be of the month before is taken off its month, and billed in the open one', () => {
    const moved = { ...far('a', '2026-10-03T10:00:00Z'), revision: 1 };
    const known = inputOf([far('a', '2026-11-03T10:00:00Z')]);
    const all = { ...inputOf([far('a', '2026-11-03T10:00:00Z'), moved]), closes: [closeOf(202611, known)] };
    expect(bills(all)).toEqual(['a 202610 202612 200000', 'a 202611 202611 200000', 'a 202611 202612 -200000']);
  });
});

describe('invariant 5: a breach first found after the close is a case for review', () => {
  const plain = record('plain', '2026-11-03T10:00:00Z');
  const late = used('late', '2026-11-04T10:00:00Z');

  test('before the close, mobility meters the month by itself; after it, nothing until it is confirmed', () => {
    expect(coverageLines(judge([plain, late])).map((text) => text.split(' ')[1])).toEqual(['metered', 'metered']);
    const closes = [closeOf(202611, inputOf([plain]))];
    const included = coverageLines(judge([plain, late], { closes }));
    expect(included.map((text) => text.split(' ')[1])).toEqual(['included', 'included']);
    const decisions = [decide('confirm', 'sip-mobility', 202611)];
    const all = { ...inputOf([plain, late], { decisions }), closes };
    expect(bills(all)).toEqual(['late 202611 202612 20000', 'plain 202611 202612 20000']);
  });

  test('one that stood at the close goes by the offer, whatever other call shows it by now', () => {
    const noMore = { ...record('late', '2026-11-04T10:00:00Z'), revision: 1 };
    const other = used('other', '2026-11-05T10:00:00Z');
    const closes = [closeOf(202611, inputOf([plain, late]))];
    const metered = coverageLines(judge([plain, late, noMore, other], { closes }));
    expect(metered.map((text) => text.split(' ')[1])).toEqual(['metered', 'metered', 'metered']);
  });

  test('a later close says nothing of an earlier month', () => {
    const first = closeOf(202611, inputOf([plain]));
    const second = closeOf(202612, { ...inputOf([plain, late]), closes: [first] });
    const calls = coverageLines(judge([plain, late], { closes: [first, second] }));
    expect(calls.map((text) => text.split(' ')[1])).toEqual(['included', 'included']);
  });
});
