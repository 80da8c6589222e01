import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createAsteriskCsv, type AsteriskOptions } from '../../../formats/asterisk/asterisk-csv.ts';
import { decodeCanonicalJson } from '../../../formats/canonical/canonical-json.ts';
import type { Decoded } from '../../../formats/format.ts';
import { compileCivilTime } from '../../../tariffs/index.ts';

const options: AsteriskOptions = {
  switchId: 'ast-1',
  clock: compileCivilTime('Europe/Paris'),
  trunks: ['PJSIP/trunk-*', 'SIP/operator'],
};

function decode(line: string, more: Partial<AsteriskOptions> = {}): Decoded {
  const bytes = Buffer.from(line);
  return createAsteriskCsv({ ...options, ...more }).decode(bytes, 0, bytes.length);
}

/** What a row comes to in one line: the call as `line -> number seconds`, or the reason. */
function shown(decoded: Decoded): string {
  if (decoded.kind !== 'call') return decoded.reason;
  const { line, dialled, startedAt, durationMs, diversions, callId, legId } = decoded.cdr;
  const diverted = diversions.length > 0 ? ` for ${diversions.join()}` : '';
  return `${line} -> ${dialled} ${new Date(startedAt).toISOString()} ${durationMs / 1000}s${diverted} [${callId} ${legId}]`;
}

interface RowFields {
  readonly account?: string;
  readonly dst?: string;
  readonly channel?: string;
  readonly trunk?: string;
  readonly data?: string;
  readonly times?: readonly [string, string, string];
  readonly seconds?: number;
  readonly disposition?: string;
  readonly tail?: readonly string[];
}

function row(fields: RowFields = {}): string {
  const [start, answer, end] = fields.times ?? ['2026-11-03 10:14:50', '2026-11-03 10:15:00', '2026-11-03 10:16:00'];
  const quoted = [
    fields.account ?? '',
    '101',
    fields.dst ?? '0612345678',
    'from-lines',
    '"A" <101>',
    fields.channel ?? 'PJSIP/L000101-00000010',
    fields.trunk ?? 'PJSIP/trunk-a-00000011',
    'Dial',
    fields.data ?? 'PJSIP/33612345678@trunk-a,60',
    start,
    answer,
    end,
  ].map((field) => `"${field.replaceAll('"', '""')}"`);
  const seconds = fields.seconds ?? 60;
  const tail = fields.tail ?? ['1793697290.16', '', '', '1793697290.16', '40'];
  return [...quoted, seconds + 10, seconds, fields.disposition ?? 'ANSWERED', 'DOCUMENTATION', ...tail].join(',');
}

describe('createAsteriskCsv()', () => {
  test('tells calls, non-calls and faults of a Master.csv of 21 columns, each row by itself', () => {
    const lines = readFileSync(`${import.meta.dirname}/../../fixtures/cdr/asterisk-master-21.csv`, 'utf8')
      .trim()
      .split('\n');
    expect(lines.map((line) => shown(decode(line)))).toEqual([
      'L000101 -> 33612345678 2026-11-03T09:15:00.000Z 61s [1793697290.16 1793697290.16#40]',
      'ACC-7 -> sip:0142000000 2026-11-03T09:20:05.000Z 0s [1793697600.18 1793697600.18#41]',
      'unanswered',
      'disposition-conflict',
      'inbound',
      'internal',
      'application',
      // Out of Local channels whose other halves are not known.
      'incomplete-call',
      'incomplete-call',
      'broken-quoting',
      'L000101 -> 33612345670 2026-11-03T10:30:05.000Z 60s [1793701800.36 1793701800.36#53]',
    ]);
  });

  test.each([
    [16, [], '[PJSIP/L000101-00000010@2026-11-03 10:14:50 PJSIP/trunk-a-00000011]'],
    [17, ['1793697290.16'], '[1793697290.16 PJSIP/trunk-a-00000011@2026-11-03 10:14:50]'],
    [17, ['some text'], '[PJSIP/L000101-00000010@2026-11-03 10:14:50 PJSIP/trunk-a-00000011]'],
    [18, ['par1-1793697290.16', 'text'], '[par1-1793697290.16 PJSIP/trunk-a-00000011@2026-11-03 10:14:50]'],
    [19, ['', '1793697290.15', '7'], 'no-identity'],
    [20, ['1793697290.16', '', '1793697290.15', '7'], '[1793697290.15 1793697290.16#7]'],
    [21, ['1793697290.16', '', '', '1793697290.15', '7'], '[1793697290.15 1793697290.16#7]'],
    [21, ['', '', '', '', ''], '[PJSIP/L000101-00000010@2026-11-03 10:14:50 PJSIP/trunk-a-00000011]'],
    [22, ['1793697290.16', '', '', '1793697290.15', '7', ''], 'column-count'],
  ])('identifies the leg of a row of %i columns ending in %j', (_columns, tail, identity) => {
    expect(shown(decode(row({ tail })))).toContain(identity);
  });

  test.each([
    // dst          data                                        number
    ['0612345678', 'PJSIP/9933612345678@trunk-a,60', '9933612345678'],
    ['s', 'PJSIP/+33612345678@trunk-a', '+33612345678'],
    ['s', 'PJSIP/L000102&PJSIP/+33612345678@trunk-a,30,t', '+33612345678'],
    ['0612345678', 'PJSIP/5550000@trunk-b,60', '0612345678'],
    ['0612345678', '', '0612345678'],
    ['0612345678', `PJSIP/L000102&PJSIP/${'1'.repeat(57)}`.padEnd(79, '1'), '0612345678'],
  ])('finds the number of dst %s and lastdata %s', (dst, data, number) => {
    const decoded = decode(row({ dst, data }));
    expect(decoded.kind === 'call' && decoded.cdr.dialled).toBe(number);
  });

  test('refuses a number that is nowhere to be found', () => {
    expect(shown(decode(row({ dst: 's', data: 'PJSIP/trunk-a' })))).toBe('no-number');
  });

  test('takes the forwarder from userfield where the dialplan writes it there', () => {
    const fields: RowFields = {
      channel: 'Local/x@f-00000001;2',
      tail: ['1793697290.16', '+33140000001', '', '1793697290.16', '40'],
    };
    expect(shown(decode(row(fields)))).toBe('incomplete-call');
    expect(shown(decode(row(fields), { diverterFrom: 'userfield' }))).toContain('+33140000001 -> 33612345678');
  });

  test('never takes a trunk for the line: what comes in from one and goes out again needs an account', () => {
    expect(shown(decode(row({ channel: 'PJSIP/trunk-b-00000010' })))).toBe('no-line');
    expect(shown(decode(row({ channel: 'PJSIP/trunk-b-00000010', account: 'L000104' })))).toContain('L000104 ->');
  });

  test.each([
    // the clocks go back at 03:00 on 2026-10-25: 02:30 comes at 00:30Z and at 01:30Z
    [
      'first 02:30',
      '1792888140',
      ['2026-10-25 02:29:00', '2026-10-25 02:30:00', '2026-10-25 02:31:00'],
      '00:30:00.000Z 60s',
    ],
    [
      'second 02:30',
      '1792891740',
      ['2026-10-25 02:29:00', '2026-10-25 02:30:00', '2026-10-25 02:31:00'],
      '01:30:00.000Z 60s',
    ],
    [
      'across',
      '1792889940',
      ['2026-10-25 02:59:00', '2026-10-25 02:59:30', '2026-10-25 02:00:30'],
      '00:59:30.000Z 60s',
    ],
  ] as const)('places the %s of a repeated hour by the epoch in uniqueid', (_name, epoch, times, start) => {
    const decoded = decode(row({ times, tail: [`${epoch}.1`, '', '', `${epoch}.1`, '1'] }));
    expect(shown(decoded)).toContain(start);
    expect(decoded.kind === 'call' && decoded.notes).toEqual(['local-time-ambiguous']);
  });

  test('takes the earlier time of a repeated hour where no id tells, and refuses the hour that never was', () => {
    const repeated = decode(
      row({ times: ['2026-10-25 02:29:00', '2026-10-25 02:30:00', '2026-10-25 02:31:00'], tail: [] }),
    );
    expect(shown(repeated)).toContain('2026-10-25T00:30:00.000Z');
    const skipped = row({ times: ['2026-03-29 02:29:00', '2026-03-29 02:30:00', '2026-03-29 03:31:00'] });
    expect(shown(decode(skipped))).toBe('nonexistent-local-time');
    expect(shown(decode(skipped, { clock: compileCivilTime('UTC') }))).toBe('duration-mismatch');
  });

  test.each([
    // billsec against 60 s from answer to end
    [60, '60s', []],
    [61, '61s', []],
    [59, '59s', []],
    [62, '60s', ['duration-differs']],
    [56, '56s', ['duration-differs']],
    [66, 'duration-mismatch', []],
    [54, 'duration-mismatch', []],
    [700_000, 'invalid-field', []],
  ])('settles billsec %i against a minute between answer and end', (seconds, outcome, notes) => {
    const decoded = decode(row({ seconds }));
    expect(shown(decoded)).toContain(outcome);
    expect(decoded.kind === 'call' ? decoded.notes : []).toEqual(notes);
  });

  test('writes a canonical record that decodes to the same call', () => {
    const decoded = decode(row({ account: 'L000101' }));
    if (decoded.kind !== 'call') throw new Error('no call');
    const { recordBuffer, recordStart, recordEnd } = decoded.cdr;
    expect(decodeCanonicalJson(recordBuffer, recordStart, recordEnd)).toEqual({
      kind: 'call',
      cdr: decoded.cdr,
      notes: [],
    });
  });
});
