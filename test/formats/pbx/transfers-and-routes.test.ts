import { describe, expect, it } from 'vitest';
import type { FormatSettings } from '../../../formats/settings/format-settings.ts';
import { readBytes, told } from '../read-fixture.ts';

/** What each row comes to: who is billed for how many ms, who sent the call on, or why it is no call. */
async function toldOf(rows: readonly string[], settings: FormatSettings): Promise<string[]> {
  const { decoded } = await readBytes(Buffer.from(rows.map((row) => `${row}\n`).join('')), settings);
  return decoded.map(told);
}

/** A row of 3CX: a caller outside reached extension 102 first, and went on to a mobile. */
function threeCx(change: Readonly<Record<string, string>>): string {
  const { from, fromDn, fromType, to, toDn, toType, reason, final, finalDn, finalType, answered } = {
    from: '+33145670100',
    fromDn: '10020',
    fromType: 'Line',
    to: 'Ext.102',
    toDn: '102',
    toType: 'Extension',
    reason: '',
    final: '+33612345678',
    finalDn: '10021',
    finalType: 'Line',
    answered: '2026/11/03 06:10:10',
    ...change,
  };
  const times = `2026/11/03 06:10:00,${answered},2026/11/03 06:11:50`;
  const parties = `${from},${to},${fromDn},${toDn},${toDn},${reason},${final},${finalDn}`;
  return `Call 1,h1,00:01:40,${times},TerminatedByDst,${parties},,,,,Chain: ${from};${to};${final};,${fromType},${toType},${finalType}`;
}

/** A row of BroadWorks: a leg of a user that was answered for 67 s. */
function broadWorks(change: Readonly<Record<number, string>>): string {
  const fields: Record<number, string> = {
    1: '000000000120261103204858.8531-070000',
    2: 'SP',
    3: 'Normal',
    4: '+33145670100',
    6: 'Originating',
    9: '+33145670200',
    10: '20261103204858.853',
    12: 'Yes',
    13: '20261103204910.000',
    14: '20261103205017.000',
    21: '+33145670200',
    24: '192.0.2.1:5060',
    25: 'BW1',
    ...change,
  };
  return Array.from({ length: 60 }, (_, index) => fields[index + 1] ?? '').join(',');
}

/** A row of Yeastar's table: an outgoing call. */
function yeastar(duration: string, billable: string): string[] {
  const names =
    'id,datetime,src,dst,srctrunk,dstrunk,lastapp,lastdata,duration,billable,disposition,calltype,accountcode,uniqueid';
  const call = `0,2026-11-03 11:15:00,201,0612345678,,op,Dial,"PJSIP/0612345678@op,30"`;
  return [names, `${call},${duration},${billable},ANSWERED,Outbound,,1793697300.1`];
}

describe('3CX: a call that went on from inside to a line', () => {
  it('waits after a transfer, whoever called and whatever had the call first', async () => {
    const rows = ['ReplacedDst', 'ReplacedSrc', 'ReplacedByDst', 'replaceddst'].flatMap((reason) => [
      threeCx({ reason }),
      threeCx({ reason, toType: 'Queue', to: 'Ext.800', toDn: '800' }),
      threeCx({ reason, from: 'Ext.101', fromDn: '101', fromType: 'Extension' }),
    ]);
    const read = await toldOf(rows, { format: '3cx-csv' });
    expect(read).toEqual(rows.map(() => expect.stringMatching(/^bad: contradiction/)));
  });

  it("is the forwarder's where nobody inside was replaced, and the caller's where it went straight to a line", async () => {
    const forwarded = await toldOf([threeCx({}), threeCx({ reason: 'NoAnswer' })], { format: '3cx-csv' });
    for (const one of forwarded) expect(one).toMatch(/to \+33612345678.*102/);
    const own = { from: 'Ext.101', fromDn: '101', fromType: 'Extension', to: '+33612345678', toDn: '10021' };
    const [straight] = await toldOf([threeCx({ ...own, toType: 'Line', reason: 'ReplacedSrc' })], {
      format: '3cx-csv',
    });
    expect(straight).toMatch(/^101 to \+33612345678/);
  });

  it('is no call where a transfer ended inside, or nobody answered', async () => {
    const inside = { reason: 'ReplacedDst', final: 'Ext.103', finalDn: '103', finalType: 'Extension' };
    const rows = [threeCx(inside), threeCx({ reason: 'ReplacedDst', answered: '' })];
    expect(await toldOf(rows, { format: '3cx-csv' })).toEqual(['inbound', 'unanswered']);
  });
});

describe('BroadWorks: routes', () => {
  it('within the group or enterprise are no calls, whatever the category says', async () => {
    const rows = ['Group', 'Enterprise', 'group'].flatMap((route) => [
      broadWorks({ 24: route }),
      broadWorks({ 24: route, 12: 'Yes-PostRedirection', 19: 'local' }),
    ]);
    expect(await toldOf(rows, { format: 'broadworks-csv' })).toEqual(rows.map(() => 'internal'));
  });

  it('to a carrier are, also of a call that was forwarded, or of a carrier with such a name', async () => {
    const rows = [broadWorks({}), broadWorks({ 24: 'enterprise-sbc.example:5060' }), broadWorks({ 24: '' })];
    const read = await toldOf(rows, { format: 'broadworks-csv' });
    for (const one of read) expect(one).toMatch(/^\+33145670100 to \+33145670200/);
  });
});

describe('Yeastar: durations', () => {
  it('that are shorter than what is billed wait, but for rounding', async () => {
    const settings: FormatSettings = { format: 'yeastar-csv', switch: 'sw', zone: 'UTC' };
    expect(await toldOf(yeastar('30', '40'), settings)).toEqual([expect.stringMatching(/^bad: duration-mismatch/)]);
    expect(await toldOf(yeastar('30', '32'), settings)).toEqual([expect.stringMatching(/^bad: duration-mismatch/)]);
    const [rounded] = await toldOf(yeastar('30', '31'), settings);
    expect(rounded).toContain('at 2026-11-03T11:15:00.000 for 31000 ms');
    const [plain] = await toldOf(yeastar('30', '20'), settings);
    expect(plain).toContain('at 2026-11-03T11:15:10.000 for 20000 ms');
  });
});
