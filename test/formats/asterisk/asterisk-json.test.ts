import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createAsteriskCsv } from '../../../formats/asterisk/asterisk-csv.ts';
import { createAsteriskJson } from '../../../formats/asterisk/asterisk-json.ts';
import type { AsteriskJsonOptions } from '../../../formats/asterisk/asterisk-json-options.ts';
import { decodeCanonicalJson } from '../../../formats/canonical/canonical-json.ts';
import type { Decoded } from '../../../formats/format.ts';
import { compileCivilTime } from '../../../tariffs/index.ts';

const options: AsteriskJsonOptions = { trunks: ['PJSIP/trunk-*'] };
const lines = readFileSync(`${import.meta.dirname}/../../fixtures/cdr/asterisk-kafka.ndjson`, 'utf8')
  .trim()
  .split('\n');

function decode(text: string, more: Partial<AsteriskJsonOptions> = {}): Decoded {
  const bytes = Buffer.from(text);
  return createAsteriskJson({ ...options, ...more }).decode(bytes, 0, bytes.length);
}

/** The first record of the fixture with some fields changed; `undefined` takes one away. */
function recordWith(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...JSON.parse(lines[0] ?? ''), ...fields });
}

/** What a record comes to in one line: the call as `line -> number seconds`, or the reason. */
function shown(decoded: Decoded): string {
  if (decoded.kind !== 'call') return decoded.reason;
  const { switchId, line, dialled, startedAt, durationMs, diversions, callId, legId } = decoded.cdr;
  const diverted = diversions.length > 0 ? ` for ${diversions.join()}` : '';
  const when = new Date(startedAt).toISOString();
  return `${switchId} ${line} -> ${dialled} ${when} ${durationMs / 1000}s${diverted} [${callId} ${legId}]`;
}

describe('createAsteriskJson()', () => {
  test('makes the answered leg towards a trunk the call, to the millisecond', () => {
    expect(lines.map((line) => shown(decode(line)))).toEqual([
      'pbx-nantes L000101 -> 33612345678 2026-11-03T09:15:00.250Z 60.85s [1793697290.16 #40]',
      // Out of a Local channel whose other half is not known.
      'incomplete-call',
      'unanswered',
      'internal',
    ]);
  });

  test('keeps a call as a canonical record that says the same', () => {
    const decoded = decode(lines[0] ?? '', { userAgentFrom: ['ua'] });
    if (decoded.kind !== 'call') throw new Error(decoded.reason);
    const { recordBuffer, recordStart, recordEnd, ...said } = decoded.cdr;
    const again = decodeCanonicalJson(recordBuffer, recordStart, recordEnd);
    expect(again).toMatchObject({ kind: 'call', cdr: said });
  });

  test('has the identity of the same leg in Master.csv, when uniqueid is logged in both', () => {
    const fields = ['', '101', '0612345678', 'from-lines', '', 'PJSIP/L000101-00000010', 'PJSIP/trunk-a-00000011'];
    const dial = ['Dial', 'PJSIP/33612345678@trunk-a'];
    const times = ['2026-11-03 10:14:50', '2026-11-03 10:15:00', '2026-11-03 10:16:01'];
    const rest = ['70', '60', 'ANSWERED', 'DOCUMENTATION', '1793697290.16', '', '', '1793697290.16', '40'];
    const row = Buffer.from([...fields, ...dial, ...times, ...rest].join(','));
    const csv = createAsteriskCsv({
      switchId: 'ast-1',
      clock: compileCivilTime('Europe/Paris'),
      trunks: options.trunks,
    });
    const ofCsv = csv.decode(row, 0, row.length);
    const ofJson = decode(recordWith({ uniqueid: '1793697290.16' }), { switchId: 'ast-1' });
    if (ofCsv.kind !== 'call' || ofJson.kind !== 'call') throw new Error('Cannot compare: one is no call');
    const { switchId, callId, legId } = ofCsv.cdr;
    expect(ofJson.cdr).toMatchObject({ switchId, callId, legId });
  });

  test.each<[string, Record<string, unknown>, Partial<AsteriskJsonOptions>, string]>([
    ['the name that is given', {}, { switchId: 'ast-1' }, 'ast-1'],
    ['the SystemName', {}, {}, 'pbx-nantes'],
    ['the EntityID, where there is no SystemName', { SystemName: undefined }, {}, '02:42:ac:11:00:02'],
  ])('takes as the switch %s', (_, fields, more, expected) => {
    expect(shown(decode(recordWith(fields), more)).split(' L000101')[0]).toBe(expected);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['nothing that names the switch', { SystemName: '', EntityID: '' }, 'no-identity'],
    ['no id of the call', { linkedid: '' }, 'no-identity'],
    ['no sequence', { sequence: undefined }, 'no-identity'],
    ['no channel', { channel: '' }, 'no-identity'],
    ['no answer field', { answer: undefined }, 'missing-field'],
    ['an answer at no time, though answered', { answer: '1970-01-01T01:00:00.000+0100' }, 'invalid-field'],
    ['a time without its offset', { end: '2026-11-03T10:16:01.100' }, 'invalid-field'],
    ['seconds that are no number', { billsec: '6e1' }, 'invalid-field'],
    ['times far from the seconds', { end: '2026-11-03T10:17:01.100+0100' }, 'duration-mismatch'],
    ['a NUL in its number', { lastdata: '', dst: '06123\0' }, 'no-number'],
    ['half a character in its account', { accountcode: '\ud800' }, 'invalid-field'],
    ['a call out of a trunk without an account', { channel: 'PJSIP/trunk-b-00000001' }, 'no-line'],
    ['seconds of an announcement, not answered', { disposition: 'NO ANSWER' }, 'disposition-conflict'],
    ['no second channel', { dstchannel: '' }, 'application'],
    ['a call from a trunk to a line', { channel: 'PJSIP/trunk-b-1', dstchannel: 'PJSIP/L2-00000001' }, 'inbound'],
  ])('refuses or does not count a record with %s', (_, fields, expected) => {
    expect(shown(decode(recordWith(fields)))).toBe(expected);
  });

  test.each([
    ['not-json', '{"clid":'],
    ['not-an-object', '[]'],
    ['missing-field', '{}'],
  ])('says %s of what is no record', (reason, text) => {
    expect(decode(text)).toMatchObject({ kind: 'bad', reason });
  });

  test('takes the smaller of billsec and the span where they differ by more than rounding', () => {
    expect(decode(recordWith({ billsec: 57 }))).toMatchObject({
      cdr: { durationMs: 57_000 },
      notes: ['duration-differs'],
    });
  });

  test('takes user agent, address and diverter from where the dialplan keeps them', () => {
    const fields = { diverter: '+33240000007' };
    const evidence = { userAgentFrom: ['x', 'ua'], sourceIpFrom: ['addr'], diverterFrom: ['diverter'] };
    expect(decode(recordWith(fields), evidence)).toMatchObject({
      cdr: { userAgent: 'Yealink SIP-T46U 108.86.0.45', sourceIp: '192.0.2.44', diversions: ['+33240000007'] },
    });
    expect(decode(recordWith({ addr: 'unknown' }), evidence)).toMatchObject({ cdr: { sourceIp: null } });
  });
});
