import { describe, expect, it } from 'vitest';
import type { Leg } from '../../../formats/call/leg.ts';
import { legText, readLegs } from '../../../formats/call/whole-call.ts';
import { createJambonzJson } from '../../../formats/pbx/jambonz-json.ts';

const DEVICE = {
  from: '200',
  to: '0612345678',
  sip_callid: 'j1',
  answered: true,
  duration: 60,
  attempted_at: 1_793_697_300_000,
  answered_at: 1_793_697_304_000,
  terminated_at: 1_793_697_364_000,
  direction: 'inbound',
  trunk: 'device',
  call_sid: 'c1',
};
const CARRIER = { ...DEVICE, from: '+33140000001', to: '+33145670200', trunk: 'op' };
const PLACED = {
  ...DEVICE,
  sip_callid: 'j2',
  sip_parent_callid: 'j1',
  direction: 'outbound',
  trunk: 'op',
  call_sid: 'c2',
};

function decode(record: object, lineFrom?: readonly string[]) {
  const bytes = Buffer.from(JSON.stringify(record));
  return createJambonzJson(lineFrom === undefined ? {} : { lineFrom }).decode(bytes, 0, bytes.length);
}

function read(records: readonly object[], lineFrom?: readonly string[]): string[] {
  const legs = records.flatMap((record): Leg[] => {
    const { leg } = decode(record, lineFrom);
    return leg === undefined ? [] : [leg];
  });
  expect(legs).toHaveLength(records.length);
  const readings = readLegs(legs);
  expect(readLegs(legs.toReversed()).toReversed()).toEqual(readings);
  return readings.map((reading) =>
    reading.kind === 'call' ? `${reading.content.line} -> ${reading.content.dialled}` : reading.reason,
  );
}

describe('what an application of jambonz places', () => {
  it('is the other leg of a device, and of who is not known', () => {
    expect(read([DEVICE, PLACED])).toEqual(['200 -> 0612345678', 'other-leg']);
    expect(read([PLACED])).toEqual(['other-leg']);
    expect(decode(PLACED)).toMatchObject({ kind: 'not-a-call', reason: 'other-leg' });
    expect(read([{ ...DEVICE, answered: false, duration: 0 }, PLACED])).toEqual(['unanswered', 'other-leg']);
  });

  it('is a call of its own for a call from a carrier: of the line that a field names', () => {
    expect(read([CARRIER, PLACED])).toEqual(['inbound', 'no-line']);
    expect(read([CARRIER, { ...PLACED, account: '300' }], ['account'])).toEqual(['inbound', '300 -> 0612345678']);
    const rung = { ...PLACED, call_sid: 'c3', answered: false, duration: 0 };
    expect(read([CARRIER, rung, PLACED])).toEqual(['inbound', 'unanswered', 'no-line']);
  });

  it('stands alone where it was placed for nobody, or its ids are missing', () => {
    expect(decode({ ...PLACED, sip_parent_callid: '' })).toMatchObject({ kind: 'bad', reason: 'no-line' });
    expect(decode({ ...PLACED, call_sid: '' }).leg).toBeUndefined();
    expect(decode({ ...PLACED, sip_parent_callid: 'j'.repeat(2000) })).toEqual({
      kind: 'not-a-call',
      reason: 'other-leg',
    });
  });

  it('says for people what it is', () => {
    expect(legText(decode(DEVICE).leg!)).toBe('record c1; from a device; line 200; number 0612345678');
    expect(legText(decode(PLACED).leg!)).toBe('record c2; placed by an application; no-line');
  });
});
