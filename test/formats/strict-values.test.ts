import { isIP } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCanonicalCsv } from '../../formats/canonical/canonical-csv.ts';
import { decodeCanonicalJson } from '../../formats/canonical/canonical-json.ts';
import { canonicalNdjson } from '../../formats/canonical/canonical-ndjson.ts';
import { createAsteriskJson } from '../../formats/asterisk/asterisk-json.ts';
import type { Decoded } from '../../formats/format.ts';
import { createFreeSwitchEvent } from '../../formats/freeswitch/freeswitch-event.ts';
import { recordedCdr } from '../../engine/settling/recorded-cdr.ts';
import { parseProvisioning } from '../../services/provisioning/parse-provisioning.ts';
import { isIpAddress } from '../../rules/cidr.ts';
import { compileCivilTime } from '../../tariffs/index.ts';

const paris = compileCivilTime('Europe/Paris');

/** A canonical record with one value as raw JSON. */
function recordWith(field: string, raw: string): string {
  const fields = {
    v: '1',
    switch: '"sbc"',
    call: '"c"',
    line: '"L1"',
    to: '"0612345678"',
    answered: '"2026-11-03T10:15:00Z"',
    durationMs: '1000',
    [field]: raw,
  };
  return `{${Object.entries(fields)
    .map(([name, value]) => `"${name}":${value}`)
    .join(',')}}`;
}

function decoded(text: string): Decoded {
  const bytes = Buffer.from(text);
  // The scanner wants some bytes behind a record, as there are in a batch.
  const buffer = Buffer.concat([bytes, Buffer.alloc(64)]);
  const both = [decodeCanonicalJson(buffer, 0, bytes.length), canonicalNdjson.decode(buffer, 0, bytes.length)];
  expect(both[1]?.kind).toBe(both[0]?.kind);
  return both[0]!;
}

describe('canonical values', () => {
  it.each([
    ['answered', '"2026-11-03T10:15:00+14:01"'],
    ['answered', '"2026-11-03T10:15:00-14:59"'],
    ['answered', '"2026-11-03T10:15:00+99:99"'],
    ['answered', '"2026-11-03T24:00:00Z"'],
    ['answered', '"2026-11-03T23:59:60Z"'],
    ['answered', '"2026-02-29T10:15:00Z"'],
    ['answered', '"2026-11-31T10:15:00Z"'],
    ['answered', '"9999-12-31T23:59:59Z"'],
    ['answered', '"0000-01-01T00:00:00Z"'],
    ['answered', '"1970-01-01T00:00:00Z"'],
    ['answered', '1795903441716'],
    ['ip', '"::1%eth0"'],
    ['ip', '"fe80::1%1"'],
    ['ip', '"1.2.3.4:5060"'],
    ['ip', '"[::1]"'],
    ['ip', '"192.0.2.0/24"'],
    ['ip', '"192.0.2.01"'],
    ['durationMs', '-1'],
    ['durationMs', '1.5'],
    ['durationMs', '15e-1'],
    ['durationMs', '1.0000000000000000001'],
    ['durationMs', '1e400'],
    ['durationMs', '9007199254740993'],
    ['durationMs', '604800001'],
    ['durationMs', '"1000"'],
    ['revision', '1.0000000000000000001'],
    ['revision', '2147483648'],
    ['call', '"a\\u0000b"'],
    ['call', '"\\ud800"'],
    ['line', `"${'x'.repeat(1025)}"`],
    ['call', '""'],
    ['diversions', '["\\u0000"]'],
    ['mobility', '"true"'],
  ])('refuses %s %s, naming field or value', (field, raw) => {
    const { reason, detail } = decoded(recordWith(field, raw)) as { reason?: string; detail?: string };
    expect([reason, detail]).toEqual(['invalid-field', expect.stringMatching(/^Cannot read (?:field|number) '/)]);
  });

  it.each([
    ['durationMs', 'NaN'],
    ['durationMs', 'Infinity'],
    ['durationMs', '01'],
    ['durationMs', '+1'],
    ['durationMs', '0x10'],
  ])('are no JSON: %s %s', (field, raw) => {
    expect(decoded(recordWith(field, raw))).toMatchObject({ kind: 'bad', reason: 'not-json' });
  });

  it.each([
    ['answered', '"2026-11-03T10:15:00+14:00"'],
    ['answered', '"2026-11-03T10:15:00-12:00"'],
    ['ip', '"::ffff:192.0.2.1"'],
    ['ip', '"2001:db8::1"'],
    ['durationMs', '0'],
    ['durationMs', '6.1e4'],
    ['durationMs', '61000.0'],
    ['durationMs', '610000e-1'],
    ['durationMs', '604800000'],
  ])('takes %s %s', (field, raw) => {
    expect(decoded(recordWith(field, raw)).kind).toBe('call');
  });

  it.each([
    ['durationMs', '1e3'],
    ['durationMs', '-1'],
    ['durationMs', '1.0'],
    ['answered', '2026-11-03T10:15:00+14:01'],
    ['ip', '::1%eth0'],
  ])('are as strict in CSV: %s %s', (field, value) => {
    const names = ['v', 'switch', 'call', 'line', 'to', 'answered', 'durationMs', 'ip'];
    const usual = ['1', 'sbc', 'c', 'L1', '0612345678', '2026-11-03T10:15:00Z', '1000', '192.0.2.1'];
    const format = createCanonicalCsv(names.join(','));
    if ('problem' in format) throw new Error(format.problem);
    const line = Buffer.from(names.map((name, index) => (name === field ? value : usual[index])).join(','));
    expect(format.decode(line, 0, line.length)).toMatchObject({ kind: 'bad', reason: 'invalid-field' });
  });

  it('that an earlier version accepted are read back from the ledger', () => {
    const early = new Map([
      ['answered', '"2026-11-03T10:15:00+14:30"'],
      ['ip', '"::1%eth0"'],
      ['durationMs', '1.0000000000000000001'],
    ]);
    for (const [field, raw] of early) expect(recordedCdr(recordWith(field, raw)).callId).toBe('c');
    expect(recordedCdr(recordWith('ip', '"::1%eth0"')).sourceIp).toBe('::1%eth0');
  });
});

describe('switches that write what is no value', () => {
  const asterisk = createAsteriskJson({ trunks: ['PJSIP/trunk-*'], sourceIpFrom: ['ip'] });
  const leg = {
    channel: 'PJSIP/L1-00000001',
    dstchannel: 'PJSIP/trunk-a-00000002',
    dst: '0612345678',
    start: '2026-11-03T10:15:00.000+0100',
    answer: '2026-11-03T10:15:00.000+0100',
    end: '2026-11-03T10:16:01.000+0100',
    billsec: 61,
    disposition: 'ANSWERED',
    linkedid: '1793697290.1',
    sequence: 1,
    SystemName: 'pbx',
  };
  const asteriskSays = (given: object): Decoded => {
    const bytes = Buffer.from(JSON.stringify({ ...leg, ...given }));
    return asterisk.decode(bytes, 0, bytes.length);
  };
  /** The address of a call whose record says `ip`. */
  const addressOf = (ip: string): unknown => {
    const said = asteriskSays({ ip });
    return said.kind === 'call' ? said.cdr.sourceIp : said;
  };

  it.each([[{ answer: '2026-11-03T10:15:00.000+1401' }], [{ billsec: '1e3' }], [{ billsec: -1 }], [{ end: '' }]])(
    'Asterisk: %j is a fault',
    (given) => {
      expect(asteriskSays(given)).toMatchObject({ kind: 'bad', reason: 'invalid-field' });
    },
  );

  it('Asterisk: an address that is none says nothing', () => {
    for (const ip of ['::1%eth0', '1.2.3.4.5', 'x']) expect(addressOf(ip)).toBe(null);
    expect(addressOf('::1')).toBe('::1');
    // As PJSIP says where a channel's request came from.
    expect(addressOf('1.2.3.4:5060')).toBe('1.2.3.4');
  });

  it.each([
    ['answer_uepoch', 'soon'],
    ['answer_uepoch', '1e15'],
    ['answer_uepoch', '0x10'],
    ['answer_uepoch', ' 5'],
    ['end_uepoch', 'NaN'],
    ['billusec', '61.5'],
    ['billusec', 'Infinity'],
  ])('FreeSWITCH: %s %s is a fault, and not a call that nobody answered', (name, value) => {
    const event = {
      'Event-Name': 'CHANNEL_HANGUP_COMPLETE',
      'FreeSWITCH-Switchname': 'fs',
      'Unique-ID': 'leg',
      'Call-Direction': 'outbound',
      variable_sip_gateway_name: 'carrier',
      variable_accountcode: 'L1',
      variable_sip_req_user: '0612345678',
      variable_answer_uepoch: '1793697290000000',
      variable_end_uepoch: '1793697351000000',
      variable_billusec: '61000000',
    };
    const format = createFreeSwitchEvent();
    const read = (given: object): Decoded => {
      const bytes = Buffer.from(JSON.stringify({ ...event, ...given }));
      return format.decode(bytes, 0, bytes.length);
    };
    expect(read({}).kind).toBe('call');
    expect(read({ [`variable_${name}`]: value })).toMatchObject({ kind: 'bad', reason: 'invalid-field' });
  });
});

describe('what people type', () => {
  it.each([
    '9999-12-31',
    '2061-01-01',
    '1999-12-31',
    '0000-01-01',
    '2026-02-30',
    '2026-11-03T24:00Z',
    '2026-11-03T10:15:60Z',
    '2026-11-03T10:15:00+14:01',
    '2026-11-03T10:15:00+23:59',
    '9999-12-31T23:59:59Z',
    '',
  ])('CivilTime.parseInstant() finds no instant in %s', (text) => {
    expect(paris.parseInstant(text)).toBeNull();
  });

  it('CivilTime.parseInstant() takes the first and the last day of the years that it covers', () => {
    expect(paris.parseInstant('2000-01-01')).toBe(paris.firstInstant);
    expect(paris.parseInstant('2060-12-31')).toBe(paris.endInstant - 86_400_000);
    expect(paris.parseInstant('2026-11-03T10:15+14:00')).toBe(Date.UTC(2026, 10, 2, 20, 15));
  });

  it('provisioning is refused with file, line and column, whatever its cells hold', () => {
    const nasty = fc.oneof(
      fc.constantFrom(
        '9999-12-31',
        '\0',
        'x'.repeat(1025),
        '::1%eth0/64',
        '1.2.3.4:5060',
        '10.0.0.1/8',
        '+14:01',
        'NaN',
      ),
      fc.constantFrom('L1', 'A1', '2026-01-01', 'business', 'off', 'managed', '+33140000001'),
      fc.string({ unit: 'binary', maxLength: 6 }),
    );
    const row = (cells: number): fc.Arbitrary<string> =>
      fc
        .array(nasty, { minLength: cells, maxLength: cells })
        .map((values) => values.map((value) => `"${value.replaceAll('"', '""')}"`).join(','));
    const files = fc.tuple(row(2), row(9), row(4), row(4));
    const total = fc.property(files, ([account, line, device, network]) => {
      const parsed = parseProvisioning(
        {
          accounts: `account,name\n${account}`,
          lines: `line,account,number,offer,usage_class,mobility,equipment,from,to\n${line}`,
          devices: `line,user_agent,from,to\n${device}`,
          networks: `line,cidr,from,to\n${network}`,
        },
        { parseInstant: paris.parseInstant },
      );
      const faults = parsed.kind === 'faults' ? parsed.faults : [];
      for (const fault of faults) expect(fault.problem).toMatch(/^Cannot /);
      expect(parsed.kind === 'faults' || ![account, line, device].join().includes('\0')).toBe(true);
    });
    fc.assert(total, { seed: 20_261_121, numRuns: 300 });
  });

  it('isIpAddress() agrees with Node.js on every address', () => {
    const part = fc.constantFrom('1', '0', '255', '256', 'ffff', '::', ':', '.', 'abcd', '12345', '01', 'g', '::ffff:');
    const text = fc.oneof(
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.ipV4(),
      fc.ipV6(),
    );
    const agree = fc.property(text, (address) => {
      expect(isIpAddress(address)).toBe(isIP(address) !== 0);
    });
    fc.assert(agree, { seed: 20_261_121, numRuns: 3_000 });
  });
});
