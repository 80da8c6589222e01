import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import type { FormatSettings } from '../../formats/settings/format-settings.ts';
import { openMessages } from '../../ingest/kafka/message-reader.ts';
import { fixture, FIXTURES, readBytes, told } from './read-fixture.ts';
import { readFormatSettings } from '../../formats/settings/format-settings.ts';
import { formatIds } from '../../formats/format.ts';

const LOCAL: FormatSettings = { switch: 'sw', zone: 'Europe/Paris' };

interface Fixture {
  readonly file: string;
  /** What is detected. */
  readonly format: string;
  readonly settings: FormatSettings;
  /** What a person who reads the file says of each record, in its order. */
  readonly records: readonly string[];
}

const PAGE_HEAD = `# What records of each format come to

The files of \`test/formats/fixtures\`, record by record, as \`fairtally formats try\` reads them: calls with line, number,
answer (UTC), duration and what else was read; no calls by reason; \`bad\` is what would wait in quarantine.
\`test/formats/told-formats.test.ts\` holds this page to what happens; [cdr-formats.md](cdr-formats.md) says why.
`;

const READ: readonly Fixture[] = [
  {
    file: 'freeswitch.xml',
    format: 'freeswitch-xml',
    settings: {},
    records: [
      'L000201 to +33612345678 at 2026-11-03T09:15:04.500 for 61100 ms; diverted by L000301, L000300; from 192.0.2.44',
      'unanswered',
      'bad: not-xml',
      'bad: missing-field',
    ],
  },
  {
    file: 'freeswitch-templates.csv',
    format: 'freeswitch-csv',
    settings: LOCAL,
    records: [
      'L000201 to 0612345678 at 2026-11-03T10:15:05.000 for 61000 ms',
      'unanswered',
      'bad: duration-mismatch',
      'L000201 to 0612345678 at 2026-11-03T10:15:05.000 for 61000 ms; with Yealink SIP-T46U',
      'L000201 to 0612345678 at 2026-11-03T10:15:05.000 for 61000 ms; with Linksys/SPA942',
      'L000201 to 0612345678 at 2026-11-03T10:15:05.000 for 61000 ms',
      'L000201 to 0612345678 at 2026-11-03T10:15:05.000 for 61000 ms',
      'internal',
      'application',
      'L000201 to 0612345678 at 2026-11-03T10:15:05.000 for 61000 ms; from 192.0.2.44',
      'L000201 to 0612345678 at 2026-10-25T00:30:05.000 for 61000 ms; local-time-ambiguous',
      'bad: nonexistent-local-time',
      'bad: invalid-field',
      'bad: column-count',
    ],
  },
  {
    file: 'freeswitch-events.txt',
    format: 'freeswitch-text',
    settings: {},
    records: [
      'other-event',
      'other-event',
      'L000201 to +33612345678 at 2026-11-03T09:15:04.500 for 61100 ms; diverted by L000300; from 192.0.2.44',
      'unanswered',
      'bad: missing-field',
    ],
  },
  {
    file: 'kamailio.ndjson',
    format: 'kamailio-json',
    settings: { switch: 'sw' },
    records: [
      'L000201 to +33612345678 at 2026-11-03T09:15:04.000 for 61000 ms',
      'other-event',
      'bad: missing-field',
      'bad: half-a-call',
      'L000201 to +33612345678 at 2026-11-03T09:15:04.250 for 61500 ms',
      'unanswered',
      'bad: half-a-call',
      'bad: half-a-call',
      'unanswered',
      'bad: invalid-field',
      'bad: call-too-long',
      'L000202 to 0612345678 at 2026-11-03T09:15:04.000 for 60000 ms; transferred by L000202',
      'inbound',
    ],
  },
  {
    file: 'kamailio-acc.psv',
    format: 'kamailio-acc',
    settings: { switch: 'sw', extraColumn: ['src_user,dst_user'] },
    records: ['bad: half-a-call', 'bad: half-a-call', 'unanswered', 'other-event', 'bad: column-count'],
  },
  {
    file: 'opensips-events.txt',
    format: 'opensips-event',
    settings: { switch: 'sw' },
    records: [
      'L000201 to +33612345678 at 2026-11-03T09:15:04.000 for 60750 ms',
      'unanswered',
      'other-event',
      'bad: invalid-field',
      'bad: missing-field',
    ],
  },
  {
    file: 'opensips.ndjson',
    format: 'opensips-json',
    settings: LOCAL,
    records: [
      'L000201 to +33612345678 at 2026-11-03T09:15:04.000 for 60750 ms',
      'unanswered',
      'bad: half-a-call',
      'other-event',
      'L000201 to 0612345678 at 2026-11-03T10:15:04.000 for 61000 ms',
      'bad: invalid-field',
    ],
  },
  {
    file: 'cucm.csv',
    format: 'cucm-csv',
    settings: { trunk: ['SIP-Carrier-*'], dialPrefix: ['9='] },
    records: [
      'other-event',
      '4201 to 0612345678 at 2026-11-03T09:15:04.000 for 61000 ms; from 192.0.2.200',
      '4300 to 0612345678 at 2026-11-03T09:15:04.000 for 61000 ms; diverted by 4300',
      'internal',
      'inbound',
      'unanswered',
      'internal',
      'bad: no-line',
      '4201 to 0612345678 at 2026-11-03T09:15:04.000 for 61000 ms; transferred by 4201',
      'bad: duration-mismatch',
      'other-event',
      'bad: column-count',
    ],
  },
  {
    file: 'broadworks.csv',
    format: 'broadworks-csv',
    settings: {},
    records: [
      'other-event',
      '+33478000201 to +33612345678 at 2026-11-03T10:15:04.250 for 61250 ms; from 192.0.2.44',
      'inbound',
      'unanswered',
      '+33478000300 to 0612345678 at 2026-11-03T10:15:04.250 for 61250 ms; diverted by +33478000300',
      'internal',
      'interim',
      'bad: invalid-field',
      'bad: invalid-field',
    ],
  },
  {
    file: '3cx.csv',
    format: '3cx-csv',
    settings: {},
    records: [
      '201 to +33612345678 at 2026-11-03T10:15:04.000 for 61000 ms',
      '300 to +33612345678 at 2026-11-03T10:15:04.000 for 61000 ms; diverted by 300',
      '201 to +33612345678 at 2026-11-03T10:15:04.000 for 61000 ms; diverted by 300',
      'unanswered',
      'internal',
      'inbound',
      'bad: no-line',
      'bad: column-count',
    ],
  },
  {
    file: 'yeastar.csv',
    format: 'yeastar-csv',
    settings: LOCAL,
    records: [
      '201 to 0612345678 at 2026-11-03T10:15:05.000 for 61000 ms; from 192.0.2.44',
      'unanswered',
      'internal',
      'inbound',
      'bad: no-line',
      'bad: invalid-field',
      '201 to 0612345678 at 2026-10-25T01:30:05.000 for 61000 ms; local-time-ambiguous',
      'other-event',
      'bad: contradiction',
      'bad: column-count',
    ],
  },
  {
    file: 'kazoo.ndjson',
    format: 'kazoo-json',
    settings: {},
    records: [
      'L000201 to 0612345678 at 2026-11-03T09:15:04.000 for 61000 ms; with Yealink SIP-T46U',
      'other-leg',
      'other-event',
      'L000300 to +33612345678 at 2026-11-03T09:15:04.000 for 61000 ms; diverted by L000300',
      'inbound',
      'application',
      'unanswered',
      'bad: invalid-field',
      'bad: invalid-field',
    ],
  },
  {
    file: 'jambonz.ndjson',
    format: 'jambonz-json',
    settings: {},
    records: [
      'L000201 to 0612345678 at 2026-11-03T09:15:04.250 for 61500 ms; from 192.0.2.44',
      'other-leg',
      'inbound',
      'unanswered',
      'bad: no-line',
      'bad: duration-mismatch',
      'bad: missing-field',
    ],
  },
  {
    file: 'registrations.ndjson',
    format: 'registrations',
    settings: {},
    records: [
      'registration of L000201 at 2026-11-03T09:15:00.000 for 3600 s; with Yealink SIP-T46U 108.86.0.20; from 192.0.2.44',
      'registration of L000201 at 2026-11-03T10:20:00.000 ends; contact *',
      'bad: invalid-field',
      'bad: invalid-field',
      'bad: unknown-field',
      'bad: missing-field',
      'bad: no-line',
      'registration of L000201 at 2026-11-03T09:15:04.500 for 3600 s; contact "L000201" <sip:L000201@198.51.100.7:5062>; with Zoiper rv2.10; from 198.51.100.7',
      'registration of L000201 at 2026-11-03T09:16:04.500 ends; contact "L000201" <sip:L000201@198.51.100.7:5062>; from 198.51.100.7',
      'registration of L000202 at 2026-11-03T09:16:04.500 ends; contact sip:L000202@198.51.100.7; with Zoiper rv2.10',
      'other-event',
      'bad: invalid-field',
      'registration of L000201 at 2026-11-03T09:15:04.250 until 2026-11-03T10:15:04.000; contact sip:L000201@198.51.100.7:5062; with Zoiper rv2.10; from 198.51.100.7',
      'registration of L000201 at 2026-11-03T09:15:04.250 until 2026-11-03T10:15:04.000; contact sip:L000201@10.0.0.7:5062; with Yealink SIP-T46U 108.86.0.20',
      'registration of L000201 at its arrival ends; contact sip:L000201@198.51.100.7:5062; with Zoiper rv2.10; from 198.51.100.7',
      'other-event',
      'bad: missing-field',
      'registration of L000201 at 2026-11-03T09:15:04.000 until 2026-11-03T10:15:04.000; contact sip:L000201@198.51.100.7:5062; with MicroSIP/3.21.3; from 203.0.113.9',
      'registration of L000201 at 2026-11-03T09:16:44.000 ends; contact sip:L000201@198.51.100.7:5062; with MicroSIP/3.21.3',
      'registration of L000201 at 2026-11-03T09:16:44.000 ends; contact sip:L000201@198.51.100.7:5062',
      'registration of L000201 at its arrival until 2026-11-03T10:15:04.000; contact sip:L000201@198.51.100.7; with MicroSIP/3.21.3; from 2001:db8::9',
      'registration of L000201 at 2026-11-03T09:16:44.000 ends; contact sip:L000201@198.51.100.7; with MicroSIP/3.21.3',
      'registration of L000201 at 2026-11-03T09:16:44.000 ends; contact *',
      'other-event',
      'bad: invalid-field',
      'bad: invalid-field',
      'bad: missing-field',
      'bad: not-json',
    ],
  },
  {
    file: 'other.csv',
    format: 'mapped',
    settings: { switch: 'sw', mapping: `${FIXTURES}/other-mapping.json` },
    records: [
      'L000201 to 0612345678 at 2026-11-03T10:15:04.000 for 61000 ms',
      'L000202 to 0612345678 at 2026-11-03T10:15:04.000 for 61500 ms',
      'unanswered',
      'bad: invalid-field',
      'bad: invalid-field',
      'bad: invalid-field',
      'bad: column-count',
    ],
  },
];

describe('a file of each format, detected', () => {
  it.each(READ.map((read) => [read.file, read] as const))('%s: says of each record what it is', async (_, read) => {
    const { format, decoded } = await readBytes(fixture(read.file), read.settings);
    expect(format).toBe(read.format);
    expect(decoded.map(told)).toEqual(read.records);
  });

  it.each(READ.map((read) => [read.file, read] as const))('%s: comes to the same in chunks', async (_, read) => {
    const settings = { ...read.settings, ...(read.settings.mapping === undefined ? { format: read.format } : {}) };
    // The head is read whole whatever the chunks; records end wherever they like.
    for (const chunk of [7, 64]) {
      const { decoded } = await readBytes(fixture(read.file), settings, chunk);
      expect(decoded.map(told)).toEqual(read.records);
    }
  });

  it.each(READ.map((read) => [read.file, read] as const))('%s: reads the same as one message', (_, read) => {
    const settings = readFormatSettings(read.settings, (name) => name);
    if (settings.kind === 'faults') throw new Error(settings.faults.join());
    const format = formatIds.find((id) => id === read.format) ?? 'mapped';
    const reader = openMessages({ ...settings.options, format });
    if ('problem' in reader) throw new Error(reader.problem);
    const records = reader.read([{ offset: '0', value: fixture(read.file) }]);
    expect(records.map(({ decoded }) => told(decoded))).toEqual(read.records);
  });
});

describe('docs/reference/format-outcomes.md', () => {
  const page = new URL('../../docs/reference/format-outcomes.md', import.meta.url);

  test('lists what each record of each fixture comes to (UPDATE_PAGES=1 writes it anew)', () => {
    const sections = READ.map(({ file, format, records }) => {
      const rows = records.map((record, index) => `| ${index + 1} | ${record} |`);
      return [`## \`${file}\`: ${format}`, '', '| record | what it is |', '| --- | --- |', ...rows, ''].join('\n');
    });
    const text = `${PAGE_HEAD}\n${sections.join('\n')}`;
    if (process.env['UPDATE_PAGES'] === '1') writeFileSync(page, text);
    expect(readFileSync(page, 'utf8').replaceAll(/ +\|| -+ \|/g, ' |')).toBe(text.replaceAll(/ +\|| -+ \|/g, ' |'));
  });
});

const KAMAILIO = { format: 'kamailio-json', switch: 'sw' };

async function toldOfKamailio(more: FormatSettings): Promise<readonly string[]> {
  const { decoded } = await readBytes(fixture('kamailio.ndjson'), { ...KAMAILIO, ...more });
  return decoded.map(told);
}

describe('what a format is told of its switch', () => {
  test('lets dialog CDRs be calls where they begin at the answer', async () => {
    const { decoded } = await readBytes(fixture('kamailio.ndjson'), { ...KAMAILIO, durationFrom: 'answer' });
    expect(decoded.map(told)[3]).toBe(
      'L000201 to 0612345678 at 2026-11-03T09:15:04.250 for 61500 ms; diverted by L000300; ' +
        'with Yealink SIP-T46U; from 192.0.2.44',
    );
  });

  test('makes extensions internal, clocks right and stuck calls wait', async () => {
    expect((await toldOfKamailio({ extension: ['061234567X'] }))[11]).toBe('internal');
    expect((await toldOfKamailio({ clockOffset: '1.5s' }))[11]).toContain('at 2026-11-03T09:15:02.500 for');
    expect((await toldOfKamailio({ longestCall: '4d' }))[10]).toContain('for 259200000 ms');
    expect((await toldOfKamailio({ longestCall: '30s' }))[11]).toBe('bad: call-too-long');
  });

  test('reads the same posted and not', async () => {
    const document = readFileSync(`${import.meta.dirname}/../fixtures/cdr/freeswitch-carrier-leg.json`);
    const plain = await readBytes(document);
    const encoded = encodeURIComponent(document.toString());
    const posted = [`cdr=${encoded}`, `cdr=${encoded.replaceAll('%20', '+')}`, `cdr=${document.toString('base64')}`];
    const read = await readBytes(Buffer.from(posted.join('\n')));
    expect(read.format).toBe('freeswitch-json');
    expect(plain.decoded.map(told)[0]).toContain('L000201 to +33612345678');
    expect(read.decoded.map(told)).toEqual([...plain.decoded, ...plain.decoded, ...plain.decoded].map(told));
    const xml = await readBytes(
      Buffer.from(`cdr=${encodeURIComponent(fixture('freeswitch.xml').toString().split('</cdr>')[0] + '</cdr>')}`),
    );
    expect(xml.format).toBe('freeswitch-xml');
    expect(xml.decoded.map(told)[0]).toContain('L000201 to +33612345678');
  });

  test('reads an event in its envelope, and one whose envelope lies about its length', async () => {
    const event = fixture('freeswitch-events.txt').toString().split('\n\n')[2] + '\n\n';
    const envelope = (length: number): string =>
      `Content-Length: ${length}\nContent-Type: text/event-plain\n\n${event}`;
    const right = await readBytes(Buffer.from(envelope(event.length) + envelope(event.length)));
    expect(right.decoded.map(({ kind }) => kind)).toEqual(['call', 'call']);
    const wrong = await readBytes(Buffer.from(envelope(900_000) + envelope(event.length)));
    expect(wrong.decoded.map(({ kind }) => kind)).toEqual(['not-a-call', 'call', 'call']);
  });
});
