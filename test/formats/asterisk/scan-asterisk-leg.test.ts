import { describe, expect, test } from 'vitest';
import { type AsteriskOptions, createAsteriskCsv } from '../../../formats/asterisk/asterisk-csv.ts';
import { createAsteriskJson } from '../../../formats/asterisk/asterisk-json.ts';
import { compileCivilTime } from '../../../tariffs/index.ts';
import { holdScannedLeg, mutated, oneOf, randomFrom, recordBytes } from '../scanned-legs.ts';

const COLUMNS = [
  'calldate',
  'clid',
  'src',
  'dst',
  'dcontext',
  'channel',
  'dstchannel',
  'lastapp',
  'lastdata',
  'duration',
  'billsec',
  'disposition',
  'amaflags',
  'accountcode',
  'uniqueid',
  'userfield',
  'linkedid',
  'sequence',
] as const;

/** Values of each field of a row, the first of an ordinary call. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  calldate: [
    '2026-11-03 10:15:00',
    '2026-10-25 02:30:00',
    '2026-03-29 02:30:00',
    '2026-02-29 10:00:00',
    '2028-02-29 23:59:59',
    '2026-11-03 24:00:00',
    '2026-13-03 10:00:00',
    '1999-11-03 10:15:00',
    '2059-12-31 23:59:59',
    '2026-11-03T10:15:00+0100',
    '1793700900',
    '',
  ],
  clid: ['"""L1"" <L1>"', '', '"a,b"', 'caf\u00e9'],
  src: ['L1', '', '+33123456789', 'NULL', '"L,1"', 'x'.repeat(1025)],
  dst: ['0612345678', '+33612345678', '33612345678', '00612345678', '12', '*21#', 's', '612345678', ''],
  dcontext: ['from-internal'],
  channel: [
    'PJSIP/L1-0000000a',
    'PJSIP/L1-000000',
    'SIP/L1-0a1b',
    'PJSIP/op-0000000a',
    'Local/200@x-0000000a;1',
    'PJSIP/a-b-0000000A',
    'PJSIP/-0000000a',
    'IAX2/L1-12',
    'PJSIP/L1-0000000a<ZOMBIE>',
    'AsyncGoto/PJSIP/L1-0000000a',
    '',
  ],
  dstchannel: [
    'PJSIP/op-0000000b',
    'PJSIP/op2-0000000b',
    'SIP/op-00b1',
    'PJSIP/phone-0000000b',
    'DAHDI/i1/0612345678-1',
    '',
  ],
  lastapp: ['Dial', 'dial', 'Queue', 'AppDial', ''],
  lastdata: [
    '"PJSIP/0612345678@op,300,T"',
    'PJSIP/+33612345678@op',
    'PJSIP/op/0612345678',
    '"PJSIP/op/sip:0612345678@host,30"',
    '"SIP/op/0612345678,30"',
    '"PJSIP/0612345678@op2,300"',
    '"PJSIP/0612345678@op&PJSIP/0612345679@op,300"',
    '"PJSIP/0699999999@op,300"',
    `PJSIP/0612345678@op${'x'.repeat(60)}`,
    `"PJSIP/0612345678@op,${'x'.repeat(60)}"`,
    '',
  ],
  duration: ['65', '60', '59', '61.5', '', 'NULL', '700000'],
  billsec: ['60', '0', '61', '61.5', '', '99999999999', '700000'],
  disposition: ['ANSWERED', 'NO ANSWER', 'answered', ''],
  amaflags: ['3'],
  accountcode: ['L1', '', 'NULL', '"L1"', 'x'.repeat(1024), 'x'.repeat(1025)],
  uniqueid: ['1793700900.12', 'sw-1793700900.12', '', 'c1'],
  userfield: ['', 'anything'],
  linkedid: ['1793700900.10', '', 'c1', 'x'.repeat(900)],
  sequence: ['1', '', '1'.repeat(40), '17'],
};

const PARIS = compileCivilTime('Europe/Paris');
const OPTIONS: readonly AsteriskOptions[] = [
  { switchId: 'pbx-1', clock: PARIS, trunks: ['PJSIP/op*', 'SIP/op'] },
  {
    switchId: 'pbx-1',
    clock: compileCivilTime('UTC'),
    trunks: ['PJSIP/op'],
    clockAheadMs: 90_000,
    longestCallMs: 61_000,
  },
];

/** A row with some fields of its own. */
function rowOf(names: readonly string[], own: Readonly<Record<string, string>>, separator: string): string {
  return names.map((name) => own[name] ?? VALUES[name]![0]!).join(separator);
}

describe('the fast way to legs of a table of Asterisk', () => {
  test('it takes an ordinary call, and reads it as the plain way does', () => {
    const format = createAsteriskCsv(OPTIONS[0]!, COLUMNS.join(','));
    expect(holdScannedLeg(format, recordBytes(rowOf(COLUMNS, {}, ',')))).toBe(true);
    for (const own of [
      { dst: '+33612345678' },
      { accountcode: '' },
      { src: 'NULL' },
      { channel: 'SIP/L1-0a1b' },
      { lastdata: 'PJSIP/op/0612345678' },
      { billsec: '0' },
    ]) {
      const row = rowOf(COLUMNS, own, ',');
      expect({ row, isTaken: holdScannedLeg(format, recordBytes(row)) }).toEqual({ row, isTaken: true });
    }
  });

  test.each([1, 2])('whatever it takes, it reads as the plain way does: settings %i', (which) => {
    const random = randomFrom(7 * which);
    const withTimes = [...COLUMNS.filter((name) => name !== 'calldate'), 'start', 'answer', 'end', 'peeraccount'];
    const values: Readonly<Record<string, readonly string[]>> = {
      ...VALUES,
      start: VALUES['calldate']!,
      answer: ['2026-11-03 10:15:05', ...VALUES['calldate']!],
      end: ['2026-11-03 10:16:05', '2026-11-03 10:16:06', '2026-11-03 10:16:08', ...VALUES['calldate']!],
      peeraccount: ['', 'x'],
    };
    const layouts = [
      { names: COLUMNS, separator: ',' },
      { names: withTimes, separator: ';' },
    ].map((layout) => {
      const header = layout.names.join(layout.separator);
      return { ...layout, format: createAsteriskCsv(OPTIONS[which - 1]!, header) };
    });
    let taken = 0;
    for (let at = 0; at < 20_000; at++) {
      const { names, separator, format } = oneOf(layouts, random);
      const own: Record<string, string> = {};
      for (const name of names) own[name] = values[name]![0]!;
      for (let change = Math.floor(random() * 3); change > 0; change--) {
        const name = oneOf(names, random);
        own[name] = oneOf(values[name]!, random);
      }
      let row = names.map((name) => own[name]!).join(separator);
      if (random() < 0.5) row = mutated(row, random);
      if (random() < 0.05) row += separator;
      if (holdScannedLeg(format, recordBytes(row))) taken++;
    }
    expect(taken).toBeGreaterThan(2_000);
  });

  test('settings that change numbers have no fast way', () => {
    const rules = [{ isTrunk: () => true, prefix: '9', replacement: '' }];
    expect(createAsteriskCsv({ ...OPTIONS[0]!, dialPrefixes: rules }, COLUMNS.join(',')).scanLeg).toBeUndefined();
    expect(createAsteriskCsv({ ...OPTIONS[0]!, diverterFrom: 'userfield' }, COLUMNS.join(',')).scanLeg).toBeUndefined();
    expect(createAsteriskCsv({ ...OPTIONS[0]!, switchId: 'a"b' }, COLUMNS.join(',')).scanLeg).toBeUndefined();
  });
});

/** Fields of cdr_kafka's records and their values, the first of an ordinary call. */
const JSON_VALUES: Readonly<Record<string, readonly unknown[]>> = {
  ...Object.fromEntries(Object.entries(VALUES).map(([name, values]) => [name, values.map(unquoted)])),
  clid: ['"L1" <L1>', '', 'caf\u00e9', 'a\nb'],
  start: ['2026-11-03T10:15:00.250+0100', '2026-11-03 10:15:00', '2026-11-03T10:15:00Z', '2026-10-25 02:30:00', ''],
  answer: ['2026-11-03T10:15:05.250+0100', '2026-11-03 10:15:05', '2026-11-03T10:15:05+01:00', '', null],
  end: ['2026-11-03T10:16:05.900+0100', '2026-11-03 10:16:05', '2026-11-03T10:16:05Z', '2026-11-03T10:16:09+0100', ''],
  duration: [65, '65', ''],
  durationsec: [65, 59, '', null],
  billsec: [60, '60', 61, 61.5, -1, 1e9, null],
  amaflags: ['DOCUMENTATION', null, true, [], {}],
  sequence: [1, '1', 17, '', 1e17],
};

function unquoted(value: string): string {
  return value.replace(/^"(.*)"$/, '$1');
}

const KAFKA_FIELDS = [
  ...COLUMNS.filter((name) => name !== 'calldate'),
  'start',
  'answer',
  'end',
] as const satisfies readonly string[];

describe("the fast way to legs of cdr_kafka's records", () => {
  const settings = { switchId: 'pbx-1', trunks: ['PJSIP/op*', 'SIP/op'] };
  const formats = [
    createAsteriskJson(settings),
    createAsteriskJson({ ...settings, clock: PARIS, clockAheadMs: 1_500, longestCallMs: 61_000 }),
  ];

  test('it takes an ordinary call, with times of the clock and with an offset', () => {
    const row = Object.fromEntries(KAFKA_FIELDS.map((name) => [name, JSON_VALUES[name]![0]]));
    expect(holdScannedLeg(formats[0]!, recordBytes(JSON.stringify(row)))).toBe(true);
    const local = { ...row, start: '2026-11-03 10:15:00', answer: '2026-11-03 10:15:05', end: '2026-11-03 10:16:05' };
    expect(holdScannedLeg(formats[1]!, recordBytes(JSON.stringify(local)))).toBe(true);
    expect(holdScannedLeg(formats[0]!, recordBytes(JSON.stringify({ type: 'table', ...row })))).toBe(false);
    const twice = JSON.stringify(row).replace('{', '{"dst":"0699999999",');
    expect(holdScannedLeg(formats[0]!, recordBytes(twice))).toBe(false);
  });

  test.each([1, 2])('whatever it takes, it reads as the plain way does: settings %i', (which) => {
    const random = randomFrom(13 * which);
    const format = formats[which - 1]!;
    let taken = 0;
    for (let at = 0; at < 20_000; at++) {
      const row: Record<string, unknown> = {};
      for (const name of KAFKA_FIELDS) row[name] = JSON_VALUES[name]![0];
      if (which === 2 && random() < 0.5) {
        Object.assign(row, { start: '2026-11-03 10:15:00', answer: '2026-11-03 10:15:05', end: '2026-11-03 10:16:05' });
      }
      for (let change = Math.floor(random() * 3); change > 0; change--) {
        const name = oneOf([...KAFKA_FIELDS, 'durationsec', 'calldate', 'Event', 'userdata'], random);
        if (random() < 0.1) delete row[name];
        else row[name] = oneOf(JSON_VALUES[name] ?? ['Cdr', 'x', null], random);
      }
      let text = JSON.stringify(row);
      if (random() < 0.2) text = text.replaceAll(':', ': ').replaceAll(',"', ', "');
      if (random() < 0.5) text = mutated(text, random);
      if (holdScannedLeg(format, recordBytes(text))) taken++;
    }
    expect(taken).toBeGreaterThan(2_000);
  });
});
