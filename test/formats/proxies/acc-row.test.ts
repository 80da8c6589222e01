import { describe, expect, test } from 'vitest';
import { dialogKey, parseAccRow } from '../../../formats/proxies/acc-row.ts';

describe('parseAccRow()', () => {
  test('says what a row is evidence of', () => {
    expect(parseAccRow(String.raw`INVITE|a1|b1|c@h|200|OK|1793697304|L1|06\|1`)).toEqual({
      kind: 'answer',
      callId: 'c@h',
      fromTag: 'a1',
      toTag: 'b1',
      method: 'INVITE',
      code: '200',
      reason: 'OK',
      time: '1793697304',
      extras: ['L1', '06|1'],
    });
  });

  test.each([
    ['INVITE|a||c|487|Cancelled|1', 'attempt'],
    // Where the ACK is accounted, its row has the answer.
    ['ACK|a|b|c|200|OK|1', 'answer'],
    ['BYE|b|a|c|200|OK|1', 'hangup'],
    ['BYE|b|a|c|408|Timeout|1', 'hangup'],
    ['BYE|b|a|c|407|Proxy Authentication Required|1', 'other'],
    ['CANCEL|a||c|200|OK|1', 'attempt'],
    ['OPTIONS|a|b|c|200|OK|1', 'other'],
  ])('%s is evidence of an %s', (row, kind) => expect(parseAccRow(row)?.kind).toBe(kind));

  test.each(['', 'INVITE|a|b|c|200|OK', 'invite|a|b|c|200|OK|1', 'INVITE|a|b|c|20|OK|1', 'INVITE|a|b||200|OK|1'])(
    '%j is none',
    (row) => expect(parseAccRow(row)).toBe(null),
  );
});

describe('dialogKey()', () => {
  test('is the same of a row of either side, and of no other dialog', () => {
    const invite = { callId: 'c', fromTag: 'a', toTag: 'b' };
    expect(dialogKey({ callId: 'c', fromTag: 'b', toTag: 'a' })).toBe(dialogKey(invite));
    expect(dialogKey({ callId: 'c2', fromTag: 'a', toTag: 'b' })).not.toBe(dialogKey(invite));
    expect(dialogKey({ callId: 'c', fromTag: 'a', toTag: 'x' })).not.toBe(dialogKey(invite));
  });
});
