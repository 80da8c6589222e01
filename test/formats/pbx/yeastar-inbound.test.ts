import { describe, expect, it } from 'vitest';
import { readBytes, told } from '../read-fixture.ts';

const HEADER =
  'datetime,src,dst,srctrunk,dstrunk,lastapp,lastdata,duration,billable,disposition,calltype,accountcode,uniqueid,didnumber';

/** 11:15:00 in Paris on 3 November 2026, seconds since the epoch. */
const BEGUN = 1_793_700_900;

interface Given {
  readonly app?: string;
  readonly data?: string;
  readonly disposition?: string;
  readonly type?: string;
  /** Seconds after the beginning of the row at which its channel was made; `null`: its id does not say. */
  readonly made?: number | null;
  readonly did?: string;
}

/** An answered row by trunk SIP1 to phone 300. */
async function outcome(given: Given): Promise<string | undefined> {
  const { app = 'Dial', data = 'PJSIP/300', disposition = 'ANSWERED', type = 'Inbound', made = 0, did = '' } = given;
  const id = made === null ? 'a' : `${BEGUN + made}.7`;
  const row = `2026-11-03 11:15:00,0612345678,300,SIP1,,${app},${data},66,61,${disposition},${type},,${id},${did}`;
  const read = await readBytes(Buffer.from(`${HEADER}\n${row}\n`), { switch: 'sw', zone: 'Europe/Paris' });
  return read.decoded.map((one) => told(one))[0];
}

describe('a row of Yeastar that came by a trunk and says Inbound', () => {
  it.each<readonly [expected: string, given: Given]>([
    ['inbound', {}],
    ['inbound', { made: -1 }],
    // The clock of the zone is wrong, or the channel's.
    ['inbound', { made: 3600 }],
    ['inbound', { made: null }],
    ['inbound', { made: -300, did: '0145670300' }],
    ['bad: incomplete-call', { made: -300 }],
    ['bad: incomplete-call', { made: -300, app: 'Queue', data: 'support' }],
    ['bad: incomplete-call', { app: 'AppDial2', data: '(Outgoing Line)' }],
    ['bad: incomplete-call', { app: 'AppDial', data: '(Outgoing Line)', did: '0145670300' }],
    ['inbound', { made: -300, disposition: 'NO ANSWER' }],
    ['inbound', { made: -300, disposition: 'VOICEMAIL' }],
    ['bad: contradiction', { type: 'Outbound' }],
  ])('is %s: %j', async (expected, given) => {
    expect(await outcome(given)).toBe(expected);
  });
});
