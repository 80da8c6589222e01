import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCanonicalJson } from '../../../formats/canonical/canonical-json.ts';
import { canonicalNdjson } from '../../../formats/canonical/canonical-ndjson.ts';
import { scanCallId, scanCanonical, scanIntoColumns } from '../../../formats/canonical/canonical-scanner.ts';
import type { Decoded } from '../../../formats/format.ts';
import { identityOf } from '../../../engine/settling/identity-halves.ts';
import { CallColumns, type Cdr, hashOfId } from '../../../rater/index.ts';

const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.stringMatching(/^[\w+.-]{1,40}$/),
  fc.constantFrom('', 'é', 'a"b', 'a\\b', 'a\tb', 'x'.repeat(1024), 'x'.repeat(1025), 'a,b', '","'),
);
const instant = fc.oneof(
  fc
    .date({ min: new Date('2000-06-01'), max: new Date('2060-06-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.constantFrom(
    '2026-11-03T10:15:00Z',
    '2026-11-03T10:15:00.1Z',
    '2026-11-03T10:15:00.12+01:00',
    '2026-02-29T10:15:00Z',
    '2028-02-29T23:59:59.999-05:30',
    '2026-11-03T24:00:00Z',
    '2026-11-03T10:15:60Z',
    '2026-11-03 10:15:00Z',
    '2026-11-03T10:15:00',
    '2026-11-03T10:15:00.1234Z',
    '2026-11-03T10:15:00.Z',
    '2026-11-03T10:15:00+15:00',
    '2026-11-03T10:15:00+14:00',
    '2026-11-03T10:15:00-14:00',
    '2026-11-03T10:15:00+14:01',
    '2026-11-03T10:15:00-14:59',
    '2026-11-03T10:15:00+99:99',
    '2026-11-03T10:15:00+13:60',
    '9999-12-31T23:59:59Z',
    '0000-01-01T00:00:00Z',
    '1970-01-01T00:00:00Z',
    '2060-01-01T00:30:00+01:00',
    '2000-12-31T23:30:00-01:00',
  ),
  text,
);
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom(
    '192.0.2.256',
    '192.0.2',
    '192.0.2.01',
    '',
    '1.2.3.4.',
    '::1',
    '::1%eth0',
    'fe80::1%1',
    '::ffff:1.2.3.4',
    '1.2.3.4:5060',
    '[::1]',
  ),
  text,
);
const count = fc.oneof(
  fc.integer({ min: 0, max: 700_000_000 }),
  fc.integer(),
  fc.double(),
  fc.constantFrom(604_800_000, 604_800_001, 2_147_483_647, 2_147_483_648),
);
const json = fc.oneof(fc.boolean(), fc.constant(null), fc.integer(), text);
/** Mostly a usual value, so that many records are wholly usual; sometimes a strange one, sometimes of another type. */
const usually = <T>(usual: fc.Arbitrary<T>, strange: fc.Arbitrary<unknown> = text): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 60, arbitrary: usual }, { weight: 1, arbitrary: strange }, { weight: 1, arbitrary: json });
const word = fc.stringMatching(/^[\w+. -]{1,40}$/);
const goodInstant = fc
  .date({ min: new Date('2001-06-01'), max: new Date('2059-06-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

const record = fc.record(
  {
    v: fc.oneof({ weight: 20, arbitrary: fc.constant<unknown>(1) }, { weight: 1, arbitrary: json }),
    switch: usually(fc.stringMatching(/^sbc-[a-z]{1,5}$/)),
    call: usually(word),
    leg: usually(fc.constantFrom('', 'a', 'b')),
    line: usually(fc.stringMatching(/^L\d{6}$/)),
    to: usually(fc.stringMatching(/^\+\d{7,15}$/)),
    from: usually(word),
    answered: usually(fc.option(goodInstant), instant),
    durationMs: usually(fc.nat(604_800_000), count),
    ua: usually(word),
    ip: usually(fc.oneof(fc.ipV4(), fc.ipV6()), address),
    diversions: usually(fc.array(word, { maxLength: 3 }), fc.array(text, { maxLength: 3 })),
    transferredBy: usually(word),
    mobility: usually(fc.boolean()),
    revision: usually(fc.nat(), count),
    kind: usually(fc.constant('call'), fc.constantFrom('attempt', 'interim', 'inbound', 'internal', 'other')),
    extra: json,
  },
  { requiredKeys: ['v', 'switch', 'call', 'line', 'to', 'answered', 'durationMs'] },
);
/** Records of such fields, their keys in random order, most without the unknown one, with or without spaces. */
function writtenOf(fields: fc.Arbitrary<Readonly<Record<string, unknown>>>): fc.Arbitrary<string> {
  return fc
    .tuple(fields, fc.infiniteStream(fc.nat()), fc.constantFrom(0, 0, 1), fc.nat(9))
    .map(([given, order, indent, rest]) => {
      const kept = Object.entries(given).filter(([name]) => name !== 'extra' || rest === 0);
      const shuffled = kept
        .map((entry) => ({ entry, at: order.next().value ?? 0 }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ entry }) => entry);
      const compact = JSON.stringify(Object.fromEntries(shuffled));
      return indent === 0 ? compact : compact.replaceAll('":', '": ').replaceAll(',"', ', "');
    });
}
const line = writtenOf(record);

const cdrFields = [
  ...(['switchId', 'callId', 'legId', 'revision', 'line', 'dialled', 'calling', 'startedAt', 'durationMs'] as const),
  ...(['userAgent', 'sourceIp', 'diversions', 'transferredBy', 'mobilityUsed'] as const),
  ...(['recordBuffer', 'recordStart', 'recordEnd'] as const),
];

/** All that a call says, whether it was read at once or is read from its bytes when asked for. */
function saidBy(decoded: Decoded): unknown {
  if (decoded.kind !== 'call') return decoded;
  const { cdr, notes } = decoded;
  return [...cdrFields.map((field) => [field, cdr[field]]), ['identity', identityOf(cdr)], ['notes', notes]];
}

const columns = new CallColumns(2);

/** What the columns hold at `at`, in the words of a call. */
function heldAt(at: number) {
  const buffer = columns.buffers[at]!;
  const between = (from: Int32Array, to: Int32Array): string => buffer.toString('utf8', from[at], to[at]);
  return {
    startedAt: columns.startedAt[at],
    durationMs: columns.durationMs[at],
    identity: { high: columns.identityHigh[at], low: columns.identityLow[at] },
    line: between(columns.lineStart, columns.lineEnd),
    lineHash: columns.lineHash[at],
    dialled: between(columns.dialledStart, columns.dialledEnd),
    record: between(columns.recordStart, columns.recordEnd),
  };
}

/** The same of a call that was decoded. */
function saidInColumns(cdr: Cdr) {
  const { startedAt, durationMs, line: named, dialled, recordBuffer, recordStart, recordEnd } = cdr;
  const lineHash = hashOfId(Buffer.from(named), 0, Buffer.byteLength(named));
  const written = recordBuffer.toString('utf8', recordStart, recordEnd);
  return { startedAt, durationMs, identity: identityOf(cdr), line: named, lineHash, dialled, record: written };
}

/** How many records the scanner did not hand on: a test in which it declines all proves nothing. */
let taken = 0;

/** All decoders on the same bytes, which lie somewhere inside a buffer, as they do in a batch. */
function expectSame(bytes: Buffer, before = 3, after = 40): Decoded {
  const buffer = Buffer.concat([Buffer.alloc(before, 10), bytes, Buffer.alloc(after, 10)]);
  const [start, end] = [before, before + bytes.length];
  const plain = decodeCanonicalJson(buffer, start, end);
  const scanned = scanCanonical(buffer, start, end);
  expect(saidBy(scanned ?? plain)).toEqual(saidBy(plain));
  if (scanned !== null) {
    taken++;
    if (scanned.kind === 'call') expectSameInBytes(scanned.cdr);
  }
  expect(saidBy(canonicalNdjson.decode(buffer, start, end))).toEqual(saidBy(plain));
  const callId = scanCallId(buffer, start, end);
  const isScannedCall = scanned?.kind === 'call' && plain.kind === 'call';
  expect(isScannedCall ? callId : null).toBe(isScannedCall ? plain.cdr.callId : null);
  // Where the scanner leaves the rest to the plain decoder, what it says of the id must be right, too.
  const isTold = plain.kind === 'call' && callId !== null;
  expect(isTold ? callId : null).toBe(isTold ? plain.cdr.callId : null);
  const isRead = scanIntoColumns(buffer, start, end, columns, 0);
  expect(isRead && heldAt(0)).toEqual(isRead && plain.kind === 'call' && saidInColumns(plain.cdr));
  return plain;
}

function expectSameInBytes({ inBytes, recordBuffer, line: lineId, dialled }: Cdr): void {
  expect(recordBuffer.toString('utf8', inBytes?.lineStart, inBytes?.lineEnd)).toBe(lineId);
  expect(recordBuffer.toString('utf8', inBytes?.dialledStart, inBytes?.dialledEnd)).toBe(dialled);
}

/** A record that says nothing uncommon. */
const plain = {
  v: 1,
  switch: 'sbc-lyon-2',
  call: '5d0c6a4e-77f1-4d4f',
  leg: 'a',
  line: 'L004711',
  to: '+33612345678',
  from: '+33472000001',
  answered: '2026-11-03T10:15:00.123Z',
  durationMs: 61_000,
  ua: 'Yealink SIP-T54W 96.86.0.15',
  ip: '192.0.2.17',
};

describe('scanCanonical()', () => {
  test('agrees with JSON.parse on records of random fields, order and white space', () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(line, fc.constantFrom(0, 15, 16, 40), (written, after) => {
        kinds.add(expectSame(Buffer.from(written), 3, after).kind);
      }),
      { numRuns: 3000 },
    );
    expect([...kinds].toSorted()).toEqual(['bad', 'call', 'not-a-call']);
    expect(taken).toBeGreaterThan(500);
  });

  test('agrees with JSON.parse on records with changed, missing and added bytes', () => {
    const kinds = new Set<string>();
    const change = fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'add', 'end'));
    fc.assert(
      fc.property(line, fc.array(change, { minLength: 1, maxLength: 2 }), (written, changes) => {
        let bytes = Buffer.from(written);
        for (const [place, byte, how] of changes) {
          const at = place % Math.max(1, bytes.length);
          const rest = how === 'end' ? Buffer.alloc(0) : bytes.subarray(how === 'add' ? at : at + 1);
          bytes = Buffer.concat([bytes.subarray(0, at), how === 'cut' ? Buffer.alloc(0) : Buffer.of(byte), rest]);
        }
        kinds.add(expectSame(bytes).kind);
      }),
      { numRuns: 3000 },
    );
    expect(kinds).toContain('bad');
  });

  const typical = {
    ...plain,
    diversions: ['+33472000002'],
    transferredBy: null,
    mobility: false,
    revision: 2,
    kind: 'call',
  };

  test('takes a typical record in any key order itself, and keeps its bytes where they lie', () => {
    for (const entries of [Object.entries(typical), Object.entries(typical).toReversed()]) {
      const written = JSON.stringify(Object.fromEntries(entries));
      const buffer = Buffer.from(`\n${written}${'\n'.repeat(16)}`);
      const decoded = scanCanonical(buffer, 1, 1 + written.length);
      expect(decoded?.kind === 'call' && decoded.cdr).toMatchObject({
        switchId: 'sbc-lyon-2',
        callId: '5d0c6a4e-77f1-4d4f',
        legId: 'a',
        revision: 2,
        line: 'L004711',
        dialled: '+33612345678',
        calling: '+33472000001',
        startedAt: Date.UTC(2026, 10, 3, 10, 15, 0, 123),
        durationMs: 61_000,
        userAgent: 'Yealink SIP-T54W 96.86.0.15',
        sourceIp: '192.0.2.17',
        diversions: ['+33472000002'],
        transferredBy: null,
        mobilityUsed: false,
        recordBuffer: buffer,
        recordStart: 1,
        recordEnd: 1 + written.length,
      });
    }
  });

  test('reads messages that lie in memories of their own, and one that ends where its memory does', () => {
    const written = JSON.stringify(typical);
    const own = [1, 2, 3].map((n) => Buffer.from(new TextEncoder().encode(written.replace('77f1', `77f${n}`))));
    const shared = Buffer.from(own.map(String).join(''));
    const parts = own.map((message, i) => shared.subarray(i * message.length, (i + 1) * message.length));
    const ids = [...own, ...parts].map((message) => {
      const decoded = canonicalNdjson.decode(message, 0, message.length);
      return decoded.kind === 'call' && decoded.cdr.callId;
    });
    const expected = ['5d0c6a4e-77f1-4d4f', '5d0c6a4e-77f2-4d4f', '5d0c6a4e-77f3-4d4f'];
    expect(ids).toEqual([...expected, ...expected]);
  });

  const cases: readonly (readonly [string, string, string])[] = [
    ['unanswered', '"answered":"2026-11-03T10:15:00.123Z"', '"answered":null'],
    ['unanswered', '"kind":"call"', '"kind":"attempt"'],
    ['interim', '"kind":"call"', '"kind":"interim"'],
    ['inbound', '"kind":"call"', '"kind":"inbound"'],
    ['internal', '"kind":"call"', '"kind":"internal"'],
    ['not-json', '"v":1,', '"v":1,,'],
    ['duplicate-field', '"v":1,', '"v":1,"durationMs":1,'],
    ['duplicate-field', '"v":1,', '"v":1,"\\u0076":1,'],
    ['unsupported-version', '"v":1,', '"v":2,'],
    ['unknown-field', '"v":1,', '"v":1,"Line":"x",'],
    ['missing-field', '"v":1,', ''],
    ['invalid-field', '"call":"5d0c6a4e-77f1-4d4f"', '"call":""'],
    ['invalid-field', '"call":"5d0c6a4e-77f1-4d4f"', '"call":"a\\u0000b"'],
    ['invalid-field', '"call":"5d0c6a4e-77f1-4d4f"', '"call":"\\ud800"'],
    ['invalid-field', '"durationMs":61000', '"durationMs":-1'],
    ['invalid-field', '"durationMs":61000', '"durationMs":61000.5'],
    ['invalid-field', '"durationMs":61000', '"durationMs":604800001'],
    ['invalid-field', '"ip":"192.0.2.17"', '"ip":"192.0.2.17:5060"'],
  ];
  test.each(cases)('canonicalNdjson answers %s for %s -> %s', (reason, from, to) => {
    const written = JSON.stringify(typical);
    expect(written).toContain(from);
    expect(expectSame(Buffer.from(written.replace(from, to)))).toMatchObject({ reason });
  });

  test('canonicalNdjson answers invalid-utf8 and too-long', () => {
    const broken = Buffer.from(JSON.stringify(typical).replace('sbc-lyon-2', 'sbc-\u00ff'), 'latin1');
    expect(expectSame(broken)).toMatchObject({ reason: 'invalid-utf8' });
    expect(expectSame(Buffer.alloc(1_048_577, 0x20))).toMatchObject({ reason: 'too-long' });
  });

  test('canonicalNdjson reads 61000.0 and 6.1e4 as the whole numbers that they are', () => {
    for (const number of ['61000.0', '6.1e4']) {
      const decoded = expectSame(Buffer.from(JSON.stringify(typical).replace('61000', number)));
      expect(decoded.kind === 'call' && decoded.cdr.durationMs).toBe(61_000);
    }
  });
});

/** The fields of which columns hold nothing. */
const UNCOMMON = ['kind', 'revision', 'diversions', 'transferredBy', 'mobility'] as const;
const phone = fc.record({
  ua: fc.constantFrom('Yealink 1', 'Yealink 2', 'x'.repeat(59), 'x'.repeat(60), '', null, undefined),
  ip: fc.constantFrom('192.0.2.1', '192.0.2.2', '0.0.0.0', '255.255.255.255', '::1', '', null, undefined),
});
/** Records of few phones, most of which say nothing uncommon. */
const commonLine = writtenOf(
  fc.tuple(record, fc.option(phone), fc.nat(4)).map(([fields, of, uncommon]) => {
    const kept = Object.entries(fields).filter(([name]) => uncommon === 0 || !UNCOMMON.some((one) => one === name));
    return { ...Object.fromEntries(kept), ...of };
  }),
);

/** Bytes in a memory that ends so many bytes after them, and a buffer that begins so many after it does. */
function placed(recordText: string, offset: number, before: number, after: number) {
  const length = Buffer.byteLength(recordText);
  const memory = new ArrayBuffer(offset + before + length + after);
  const buffer = Buffer.from(memory, offset);
  buffer.fill('}').write(recordText, before);
  return { buffer, start: before, end: before + length };
}

/** Whether a record is read into the columns at `at`. */
function scan({ buffer, start, end }: ReturnType<typeof placed>, at = 0): boolean {
  return scanIntoColumns(buffer, start, end, columns, at);
}

function callOf({ buffer, start, end }: ReturnType<typeof placed>): Cdr | null {
  const decoded = decodeCanonicalJson(buffer, start, end);
  return decoded.kind === 'call' ? decoded.cdr : null;
}

describe('scanIntoColumns()', () => {
  test('reads what the decoder reads, of calls that say nothing uncommon, wherever they lie', () => {
    let read = 0;
    fc.assert(
      fc.property(
        commonLine,
        fc.nat(9),
        fc.nat(9),
        fc.constantFrom(0, 15, 16, 17),
        (recordText, offset, before, after) => {
          const given = placed(recordText, offset, before, after);
          const isRead = scan(given);
          const cdr = callOf(given);
          expect(isRead && heldAt(0)).toEqual(isRead && cdr !== null && saidInColumns(cdr));
          expect(isRead && UNCOMMON.filter((name) => (JSON.parse(recordText)[name] ?? null) !== null)).toEqual(
            isRead && [],
          );
          if (isRead) read++;
        },
      ),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(300);
  });

  test('tells phones apart as the decoder does: by user agent and address', () => {
    const met = { same: 0, other: 0 };
    fc.assert(
      fc.property(commonLine, commonLine, (one, other) => {
        const pair = [one, other].map((each) => placed(each, 0, 0, 16));
        fc.pre(pair.every((given, at) => scan(given, at)));
        const phones = pair.map((given) => callOf(given)).map((cdr) => JSON.stringify([cdr?.userAgent, cdr?.sourceIp]));
        const numbers = [0, 1].map((at) => `${columns.device[at]} ${columns.address[at]}`);
        const isSame = phones[0] === phones[1];
        expect(numbers[0] === numbers[1]).toBe(isSame);
        met[isSame ? 'same' : 'other']++;
      }),
      { numRuns: 600 },
    );
    expect(Math.min(met.same, met.other)).toBeGreaterThan(10);
  });

  test('tells each phone from every other, and none from itself', () => {
    const agents = [undefined, 'phone 1', 'phone 2', 'phone 3', 'x'.repeat(59)];
    const addresses = [undefined, '0.0.0.0', '0.0.0.1', '1.0.0.0', '127.255.255.255', '128.0.0.0', '255.255.255.255'];
    const phones = agents.flatMap((ua) => addresses.map((ip) => JSON.stringify({ ...plain, ua, ip })));
    const numbersOf = (): string[] =>
      phones.map((one) => `${scan(placed(one, 0, 0, 16))} ${columns.device[0]} ${columns.address[0]}`);
    const numbers = numbersOf();
    expect(new Set(numbers).size).toBe(phones.length);
    expect(numbersOf()).toEqual(numbers);
  });

  test('reads a plain record, also in a buffer that begins within its memory', () => {
    for (const [offset, before] of [
      [0, 0],
      [7, 0],
      [0, 5],
      [7, 5],
    ] as const) {
      const given = placed(JSON.stringify(plain), offset, before, 16);
      expect(scan(given)).toBe(true);
      expect(columns.buffers[0]).toBe(given.buffer);
      expect([columns.recordStart[0], columns.recordEnd[0]]).toEqual([given.start, given.end]);
      expect(heldAt(0)).toMatchObject({ line: 'L004711', dialled: '+33612345678', durationMs: 61_000 });
    }
  });

  test('leaves a record that ends less than 16 bytes before its memory does', () => {
    const read = [0, 1, 15, 16, 17].map((after) => scan(placed(JSON.stringify(plain), 3, 2, after)));
    expect(read).toEqual([false, false, false, true, true]);
  });

  test.each([
    ['without what may be left out', { leg: undefined, from: undefined, ua: undefined, ip: undefined }],
    ['with nulls in the place of what is uncommon', Object.fromEntries(UNCOMMON.map((name) => [name, null]))],
    ['of 0 ms', { durationMs: 0 }],
    ['of seven days', { durationMs: 604_800_000 }],
    ['with a user agent of 59 bytes', { ua: 'x'.repeat(59) }],
  ])('reads a record %s', (_, given) => {
    expect(scan(placed(JSON.stringify({ ...plain, ...given }), 0, 0, 16))).toBe(true);
  });

  test.each([
    ['a kind', { kind: 'call' }],
    ['a revision', { revision: 0 }],
    ['diversions, though none', { diversions: [] }],
    ['a transferor', { transferredBy: 'L1' }],
    ['mobility, used or not', { mobility: false }],
    ['no answer', { answered: null }],
    ['an instant that is none', { answered: '2026-02-29T10:15:00Z' }],
    ['another version', { v: 2 }],
    ['more than seven days', { durationMs: 604_800_001 }],
    ['an address that is no IPv4 address', { ip: '2001:db8::1' }],
    ['an address that is none', { ip: '192.0.2.256' }],
    ['a user agent of 60 bytes', { ua: 'x'.repeat(60) }],
    ['a field that nobody knows', { extra: 1 }],
    ['no line', { line: undefined }],
    ['no plain text', { line: 'Lé' }],
  ])('leaves a record with %s', (_, given) => {
    expect(scan(placed(JSON.stringify({ ...plain, ...given }), 0, 0, 16))).toBe(false);
  });
});
