import { describe, expect, test } from 'vitest';
import { readAccRows } from '../../../formats/proxies/acc-call.ts';
import { parseAccRow, type AccEvidence } from '../../../formats/proxies/acc-row.ts';
import { told } from '../read-fixture.ts';

const OPTIONS = { switchId: 'k', extras: ['src_user', 'dst_user'] };

function rows(...texts: readonly string[]): AccEvidence[] {
  return texts.map((text) => {
    const row = parseAccRow(text);
    if (row === null) throw new Error(`no row: ${text}`);
    return row;
  });
}

const INVITE = 'INVITE|a|b|c@h|200|OK|1793697304|L1|0612345678';
const BYE = 'BYE|b|a|c@h|200|OK|1793697365||';
const CALL = 'L1 to 0612345678 at 2026-11-03T09:15:04.000 for 61000 ms';
const outcomes = (...texts: readonly string[]) => readAccRows(rows(...texts), OPTIONS).map(told);

const byRow = (order: readonly string[]) => new Map(order.map((text, index) => [text, outcomes(...order)[index]]));

describe('readAccRows()', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['an INVITE and its BYE', [INVITE, BYE], [CALL, 'other-leg']],
    ['the BYE first', [BYE, INVITE], ['other-leg', CALL]],
    ['rows that stand twice', [INVITE, BYE, INVITE, BYE], [CALL, 'other-leg', CALL, 'other-leg']],
    ['one end', [INVITE], ['bad: half-a-call']],
    ['the other end', [BYE], ['bad: half-a-call']],
    // The first INVITE of part 2 of a sample whose BYE has another Call-ID.
    ['a BYE of another dialog', [INVITE, 'BYE|b|x|c@h|200|OK|1793697365'], ['bad: half-a-call', 'bad: half-a-call']],
    ['a re-INVITE in between', [INVITE, 'INVITE|b|a|c@h|200|OK|1793697330||', BYE], [CALL, 'other-leg', 'other-leg']],
    ['a BYE of both sides', [INVITE, BYE, 'BYE|a|b|c@h|481|Gone|1793697366||'], [CALL, 'other-leg', 'other-leg']],
    [
      'a busy branch besides',
      ['INVITE|a|z|c@h|486|Busy|1793697302|L1|0612345678', INVITE, BYE],
      ['unanswered', CALL, 'other-leg'],
    ],
    ['an end before the answer', [INVITE, 'BYE|b|a|c@h|200|OK|1793697300||'], ['bad: duration-mismatch', 'other-leg']],
    [
      'two rows of one answer that contradict each other',
      [INVITE, 'INVITE|a|b|c@h|200|OK|1793697304|L2|0612345678', BYE],
      ['bad: invalid-field', 'other-leg', 'other-leg'],
    ],
    ['a time that is none', [INVITE, 'BYE|b|a|c@h|200|OK|later||'], ['bad: invalid-field', 'other-leg']],
  ])('reads %s', (_what, given, expected) => expect(outcomes(...given)).toEqual(expected));

  test('comes to the same in any order', () => {
    const given = [
      INVITE,
      BYE,
      'INVITE|b|a|c@h|200|OK|1793697330||',
      'INVITE|a|z|c@h|486|Busy|1793697302|L1|06',
      'INVITE|a|b|c@h|200|OK|1793697304|L2|0612345678',
    ];
    const first = byRow(given);
    for (let turn = 1; turn < given.length; turn++) {
      const order = [...given.slice(turn), ...given.slice(0, turn)];
      for (const [text, outcome] of byRow(order)) expect([text, outcome]).toEqual([text, first.get(text)]);
      for (const [text, outcome] of byRow(order.toReversed())) expect([text, outcome]).toEqual([text, first.get(text)]);
    }
  });
});
