import { describe, expect, test } from 'vitest';
import { dialledUser, divertersOf, headerValues, userOf } from '../../../formats/reading/sip-address.ts';

const of = (headers: Partial<Parameters<typeof divertersOf>[0]>) =>
  divertersOf({ historyInfo: '', diversion: '', ...headers });

describe('divertersOf()', () => {
  test.each([
    [
      '<sip:+33140000001@a>;index=1,<sip:+33140000002@a;cause=302>;index=1.1;mp=1,' +
        '"X, Y" <sip:+33612345678@b;cause=480>;index=1.1.1',
      ['+33140000001', '+33140000002'],
    ],
    ['<sip:+33140000001@a>;index=1,<sip:+33612345678@b>;index=1.1', []],
    // The entry says why it was left itself.
    ['<sip:300@a?Reason=SIP%3Bcause%3D486>;index=1,<sip:+33612345678@b>;index=1.1', ['300']],
    ['<sip:300@a?Reason=SIP;cause=486>;index=1', []],
    ['<sip:201@a>;index=1,<sip:300@b?Reason=SIP%3Bcause%3D302>;index=1.1,<sip:06@c>;index=1.1.1', ['300']],
  ])('reads History-Info %j', (historyInfo, expected) => expect(of({ historyInfo })).toEqual(expected));

  test('adds a redirection by the phone last, and collapses a phone that redirects to itself', () => {
    expect(of({ diversion: '<tel:+33140000002>', redirectedBy: '"B" <sip:L000301@pbx>' })).toEqual([
      '+33140000002',
      'L000301',
    ]);
    expect(of({ redirectedBy: '<sip:L1@pbx>,<sip:L1@pbx>' })).toEqual(['L1']);
  });

  test.each([
    ['<sip:2@x>;reason=no-answer, <sip:1@x>;reason=unconditional', ['1', '2']],
    ['ARRAY::<sip:2@x>;reason=no-answer|:<sip:1@x>;reason=unconditional', ['1', '2']],
    ['ARRAY::<sip:3@x>,<sip:2@x>|:<sip:1@x>', ['1', '2', '3']],
    ['ARRAY%3A%3A%3Csip%3A2%40x%3E%7C%3A%3Csip%3A1%40x%3E', ['1', '2']],
    ['%3Csip%3A%2B331%40x%3E%3Breason%3Dunconditional', ['+331']],
    ['%253Csip%253A%252B331%2540x%253E', ['+331']],
    ['', []],
    [' , ,', []],
  ])('reads Diversion %j, newest first', (diversion, expected) => expect(of({ diversion })).toEqual(expected));

  test('keeps the last 32 of a loop', () => {
    const diversion = Array.from({ length: 40 }, (_, index) => `<sip:${index}@x>`).join(',');
    expect(of({ diversion })).toHaveLength(32);
    expect(of({ diversion }).at(-1)).toBe('0');
  });
});

describe('userOf()', () => {
  test.each([
    ['"A" <sip:+33123456789@host;user=phone>;reason=x', '+33123456789'],
    ['"Doe <x@y>, J." <sip:300@host>', '300'],
    ['"a \\" <sip:1@x>" <sip:300@host>', '300'],
    ['<sip:300:secret@host>', '300'],
    ['sip:pbx.example:5060', ''],
    ['<sip:[2001:db8::1]>', ''],
    ['<sip:300>', '300'],
    ['<tel:+33-1-40;phone-context=x>', '+33-1-40'],
    ['<sip:300%40client@host>', '300@client'],
    ['300', '300'],
    ['', ''],
    ['"', '"'],
  ])('takes the user of %j', (value, expected) => expect(userOf(value)).toBe(expected));
});

describe('dialledUser()', () => {
  test.each([
    ['%2B33612345678', '+33612345678'],
    ['%252B33612345678', '+33612345678'],
    ['0612345678#', '0612345678'],
    ['0612345678%23', '0612345678'],
    ['0612345678##', '0612345678'],
    ['06 12 34 56 78#', '06 12 34 56 78'],
    ['#31#0612345678#', '#31#0612345678'],
    ['*21#', '*21#'],
    ['*21*0612345678#', '*21*0612345678#'],
    ['#31#', '#31#'],
    ['sip:0612345678%23@op.example;user=phone', '0612345678'],
    ['<sip:+33612345678@op>;tag=x', '+33612345678'],
    ['+33612345678@op.example', '+33612345678'],
    ['sip%3A%2B33612345678%40op', '+33612345678'],
    ['tel:0612345678;phone-context=+1', 'tel:0612345678;phone-context=+1'],
    ['100%', '100%'],
    ['anonymous', 'anonymous'],
  ])('takes %j for %j', (text, expected) => expect(dialledUser(text)).toBe(expected));
});

describe('headerValues()', () => {
  test('looks at each character once, whatever a header holds', () => {
    const before = performance.now();
    for (const unit of ['<', '"', ',', 'ARRAY::', '|:', '<"', '"<']) headerValues(unit.repeat(100_000));
    expect(performance.now() - before).toBeLessThan(3_000);
  });
});
