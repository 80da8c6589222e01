import { describe, expect, test } from 'vitest';
import { parseDialPrefix, withoutDialPrefix, type DialPrefix } from '../../../formats/call/dialled-prefix.ts';

function rules(...texts: readonly string[]): DialPrefix[] {
  return texts.map((text) => {
    const rule = parseDialPrefix(text);
    if (rule === null) throw new Error(`no rule: ${text}`);
    return rule;
  });
}

describe('withoutDialPrefix()', () => {
  test.each([
    // rules                        trunk         sent                  meant
    [['9='], '', '90612345678', '0612345678'],
    [['9='], '', '0612345678', '0612345678'],
    [['9=', '011=+'], '', '901133612345678', '+33612345678'],
    [['123#='], '', '123#0612345678', '0612345678'],
    [['00117#=', '00='], '', '00117#33612345678', '33612345678'],
    [['00117#=+'], '', '00117#33612345678', '+33612345678'],
    // The longest that fits goes first.
    [['1=', '12=+'], '', '1233', '+33'],
    // An outside line's 0: the number's own 0 stays, with the prefix or without it.
    [['0='], '', '00612345678', '0612345678'],
    [['0='], '', '0612345678', '0612345678'],
    [['0='], '', '00033612345678', '0033612345678'],
    [['0='], '', '015', '15'],
    [['0='], '', '03631', '3631'],
    // The whole number is no prefix.
    [['15='], '', '15', '15'],
    // National notation, without the trunk 0.
    [['=+33'], '', '612345678', '+33612345678'],
    [['=+33'], '', '0612345678', '0612345678'],
    [['=+33'], '', '118218', '118218'],
    // What a prefix turns into is not taken for another prefix's number for ever.
    [['1=11'], '', '15', '115'],
    [['1=2', '2=1'], '', '15', '15'],
    // Of one trunk only.
    [['op-*:9='], 'op-one', '90612345678', '0612345678'],
    [['op-*:9='], 'other', '90612345678', '90612345678'],
    [['PJSIP/op:9='], 'PJSIP/op', '90612345678', '0612345678'],
    [['sip:x:9='], 'sip:x', '95', '5'],
  ])('%j on trunk %j: %s is %s', (texts, trunk, sent, meant) => {
    expect(withoutDialPrefix(rules(...texts), trunk, sent)).toBe(meant);
  });
});

describe('parseDialPrefix()', () => {
  test.each(['', '9', 'a=b', '9=x', ':', '9=9', 'op:9'])('refuses %j', (text) => {
    expect(parseDialPrefix(text)).toBe(null);
  });
});
