import { createRequire } from 'node:module';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addCompressionCodecs } from '../../../kafka/compression-codecs.ts';
import { FetchedMessage, UnreadableBatch } from '../../../kafka/fetch/fetched-message.ts';
import { HeldBatches } from '../../../kafka/fetch/held-batches.ts';
import { readRecordSet } from '../../../kafka/fetch/read-record-set.ts';
import {
  CODECS,
  type BatchToWrite,
  type RecordToWrite,
  oldMessage,
  recordBatch,
  recordBytes,
  varint,
} from '../../support/record-batch.ts';

const ROOM = 134_217_728;

async function read(bytes: Buffer, fromOffset = 0, room = ROOM, held = new HeldBatches()) {
  const { messages } = await readRecordSet({ key: 'cdr/0', bytes, fromOffset, end: 1_000_000 }, room, held);
  const last = messages.at(-1);
  return {
    messages: messages
      .filter((message) => message instanceof FetchedMessage)
      .filter((message) => !message.isControlRecord),
    unreadable: last instanceof UnreadableBatch ? last : null,
  };
}

/** The messages that all answers to fetches from offset 0 on give, as a consumer asks for them. */
async function readAll(bytes: Buffer, room: number) {
  const held = new HeldBatches();
  const all: { readonly offset: string; readonly length: number; readonly bytes: number }[] = [];
  let peak = 0;
  for (let from = 0, empty = 0; ;) {
    const { messages } = await readRecordSet({ key: 'cdr/0', bytes, fromOffset: from, end: 1e9 }, room, held);
    const last = messages.at(-1);
    let size = 0;
    for (const message of messages) {
      if (message instanceof UnreadableBatch) return { all, peak, unreadable: message };
      size += 200 + (message.value?.length ?? 0);
      if (message.isControlRecord) continue;
      all.push({ offset: message.offset, length: message.value?.length ?? -1, bytes: message.valueBytes });
    }
    peak = Math.max(peak, size);
    if (last === undefined) {
      if (++empty > 100) return { all, peak, unreadable: null };
      continue;
    }
    from = Number(last.offset) + 1;
    if (from === Number(bytes.readBigInt64BE(0)) + bytes.readInt32BE(23) + 1) return { all, peak, unreadable: null };
  }
}

const texts = fc.option(fc.string({ maxLength: 200 }), { nil: null });
const records = fc.array(
  fc.record({ value: texts, key: texts, headers: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string()) }),
  { minLength: 1, maxLength: 40 },
);

describe('batches of records', () => {
  it("are read as kafkajs' own code reads them", async () => {
    addCompressionCodecs();
    const require = createRequire(import.meta.url);
    const Decoder = require('kafkajs/src/protocol/decoder.js');
    const decodeMessages = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js');
    await fc.assert(
      fc.asyncProperty(records, fc.constantFrom(...CODECS), fc.nat(1e6), async (some, codec, firstOffset) => {
        const batch = recordBatch(some, { codec, firstOffset });
        const size = Buffer.alloc(4);
        size.writeInt32BE(batch.length);
        const expected = await decodeMessages(new Decoder(Buffer.concat([size, batch])));
        const { messages } = await read(batch, firstOffset);
        expect(messages.map(shown)).toEqual(expected.map(shown));
      }),
      { numRuns: 100 },
    );
  });

  it('are read from the offset asked for, and up to their last offset, also where compaction took records away', async () => {
    const kept = [
      { value: 'b', offsetDelta: 1 },
      { value: 'd', offsetDelta: 3 },
    ];
    const first = recordBatch(kept, { firstOffset: 10, lastOffsetDelta: 5, codec: 'zstd' });
    const bytes = Buffer.concat([
      first,
      recordBatch([], { firstOffset: 16, lastOffsetDelta: 3 }),
      recordBatch([{ value: 'z' }], { firstOffset: 20 }),
    ]);
    const all = await readRecordSet({ key: 'cdr/0', bytes, fromOffset: 12, end: 99 }, ROOM, new HeldBatches());
    expect(all.messages.map(({ offset, isControlRecord }) => [offset, isControlRecord])).toEqual([
      ['13', false],
      ['15', true],
      ['19', true],
      ['20', false],
    ]);
  });

  it('that are cut off at the end of an answer are left for the next', async () => {
    const whole = recordBatch([{ value: 'a' }]);
    const next = recordBatch([{ value: 'b' }], { firstOffset: 1 });
    for (const cut of [5, 16, 17, 40, next.length - 1]) {
      const { messages, unreadable } = await read(Buffer.concat([whole, next.subarray(0, cut)]));
      expect(messages.map(({ offset }) => offset)).toEqual(['0']);
      expect(unreadable).toBe(null);
    }
  });
});

function shown({ offset, key, value, headers, timestamp, magicByte }: FetchedMessage) {
  return { offset, key, value, headers: { ...headers }, timestamp, magicByte };
}

describe('what is no batch', () => {
  const some: RecordToWrite[] = [{ value: 'one' }, { value: 'two' }];
  const bomb: RecordToWrite[] = [{ value: 'x', headers: {} }];
  const faults: readonly (readonly [string, readonly RecordToWrite[], BatchToWrite])[] = [
    ['a wrong checksum', some, { checksum: 1 }],
    ['a length below zero', some, { length: -5 }],
    ['a length beyond the answer', some, { length: 2_000_000_000 }],
    ['a length of nothing', some, { length: 0 }],
    ['a count beyond its offsets', some, { count: 2_000_000_000, lastOffsetDelta: 1 }],
    ['a count beyond its records', some, { count: 2_000_000_000, lastOffsetDelta: 2_100_000_000 }],
    ['a count below its records', some, { count: 1 }],
    ['a count below zero', some, { count: -1 }],
    ['a last offset before the first', some, { lastOffsetDelta: -7 }],
    ['offsets beyond all numbers', some, { firstOffset: 2 ** 60 }],
    ['compression number 5', some, { codec: 5 }],
    ['compression number 7', some, { codec: 7 }],
    ['records that are no gzip', some, { codec: 'gzip', records: Buffer.from('no gzip at all') }],
    ['gzip that is cut off', some, { codec: 'gzip', records: gzipSync(recordBytes(some)).subarray(0, 20) }],
    ['zstd that is cut off', some, { codec: 'zstd', records: zstdCompressSync(recordBytes(some)).subarray(0, 15) }],
    [
      'zstd with a second, damaged frame',
      some,
      { codec: 'zstd', records: Buffer.concat([zstdCompressSync(recordBytes(some)), Buffer.from('garbage!')]) },
    ],
    ['no lz4', some, { codec: 'lz4', records: Buffer.alloc(30, 4) }],
    ['no snappy', some, { codec: 'snappy', records: Buffer.alloc(30, 0xff) }],
    ['nothing compressed', some, { codec: 'zstd', records: Buffer.alloc(0) }],
    ['a record of no length', some, { records: Buffer.concat([varint(-1), Buffer.alloc(20)]) }],
    ['a record longer than the batch', some, { records: Buffer.concat([varint(2_000_000_000), Buffer.alloc(20)]) }],
    [
      'a key longer than its record',
      some,
      { records: Buffer.from([20, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) },
    ],
    ['numbers without end', some, { records: Buffer.alloc(40, 0xff) }],
    [
      'offsets that go back',
      [
        { value: 'a', offsetDelta: 1 },
        { value: 'b', offsetDelta: 0 },
      ],
      {},
    ],
    ['an offset beyond its last', [{ value: 'a' }, { value: 'b', offsetDelta: 9 }], {}],
  ];

  it.each(faults)('ends the messages: %s', async (_name, faulty, given) => {
    const good = recordBatch([{ value: 'good' }], { firstOffset: 40 });
    const broken = recordBatch(faulty, { firstOffset: 41, ...given });
    const { messages, unreadable } = await read(
      Buffer.concat([good, broken, recordBatch(bomb, { firstOffset: 43 })]),
      40,
    );
    expect(messages[0]?.offset).toBe('40');
    // What seems to be cut off is left for the next answer, which begins with it.
    expect(unreadable === null || Number(unreadable.offset) >= 41).toBe(true);
    expect(unreadable === null).toBe(given.length === 2_000_000_000);
    expect((await read(broken, 41)).unreadable).toBeInstanceOf(UnreadableBatch);
  });

  it('is told with where the batch ends, so that somebody can pass over it', async () => {
    const { unreadable } = await read(recordBatch(some, { firstOffset: 7, checksum: 1 }), 7);
    expect(unreadable).toMatchObject({ offset: '7', end: 9, problem: 'its checksum is wrong' });
  });

  it('never breaks the reading, whatever byte is damaged', async () => {
    const whole = CODECS.map((codec, index) => recordBatch(some, { codec, firstOffset: 2 * index }));
    const all = Buffer.concat(whole);
    await fc.assert(
      fc.asyncProperty(fc.nat(all.length - 1), fc.nat(255), fc.nat(9), async (at, byte, from) => {
        const damaged = Buffer.from(all);
        damaged[at] = byte;
        expect((await read(damaged.subarray(from), from)).messages.length).toBeLessThanOrEqual(10);
      }),
      { numRuns: 300 },
    );
  });
});

describe('messages as they were before Kafka 0.11', () => {
  const values = ['first', null, 'third'].map((text) => (text === null ? null : Buffer.from(text)));

  it.each([0, 1] as const)('are read in format %i, compressed or not', async (format) => {
    const inner = values.map((value, index) => oldMessage(format, format === 0 ? 70 + index : index, value));
    const wrapped = oldMessage(format, 72, gzipSync(Buffer.concat(inner)), 1);
    const plain = values.map((value, index) => oldMessage(format, 73 + index, value));
    const { messages } = await read(Buffer.concat([wrapped, ...plain]), 71);
    expect(messages.map(({ offset, value }) => [Number(offset), value?.toString() ?? null])).toEqual([
      [71, null],
      [72, 'third'],
      [73, 'first'],
      [74, null],
      [75, 'third'],
    ]);
  });

  it('end the messages where they are damaged, or come to far more than they show', async () => {
    const damaged = oldMessage(1, 3, Buffer.from('x'));
    damaged[20] = 9;
    const bombed = oldMessage(1, 3, gzipSync(Buffer.alloc(100_000_000)), 1);
    const nested = oldMessage(1, 3, gzipSync(oldMessage(1, 0, gzipSync(oldMessage(1, 0, null)), 1)), 1);
    for (const bytes of [damaged, bombed, nested]) expect((await read(bytes, 3)).unreadable?.offset).toBe('3');
  });
});

describe('batches that come to far more than they show', () => {
  it.each([['gzip'], ['zstd'], ['lz4']] as const)('with %s are read in parts, whole: 60,000 records', async (codec) => {
    const many = Array.from({ length: 60_000 }, (_, index) => ({ value: Buffer.alloc(400, `${index} `) }));
    const { all, peak, unreadable } = await readAll(recordBatch(many, { codec, firstOffset: 0 }), 8_000_000);
    expect(unreadable).toBe(null);
    expect(all.map(({ offset }) => Number(offset))).toEqual(many.map((_, index) => index));
    expect(all.every(({ length }) => length === 400)).toBe(true);
    expect(peak).toBeLessThan(40_000_000);
  });

  it.each([['gzip'], ['zstd']] as const)('with %s keep 1 MiB of each value that is too long', async (codec) => {
    const long = Buffer.alloc(40_000_000, 'a');
    const mixed = [
      { value: 'before' },
      { value: long, key: long, headers: { h: long } },
      { value: null, key: long },
      { value: 'after' },
    ];
    const { all, unreadable } = await readAll(recordBatch(mixed, { codec }), ROOM);
    expect(unreadable).toBe(null);
    expect(all).toEqual([
      { offset: '0', length: 6, bytes: 6 },
      { offset: '1', length: 1_048_576, bytes: 40_000_000 },
      { offset: '2', length: 0, bytes: 0 },
      { offset: '3', length: 5, bytes: 5 },
    ]);
  });

  it('and are damaged far behind, are read up to there', async () => {
    const many = Array.from({ length: 60_000 }, (_, index) => ({ value: Buffer.alloc(400, `${index} `) }));
    const compressed = zstdCompressSync(recordBytes(many));
    const cut = recordBatch(many, { codec: 'zstd', records: compressed.subarray(0, compressed.length - 2_000) });
    const { all, unreadable } = await readAll(cut, 8_000_000);
    expect(all.length).toBeGreaterThan(30_000);
    expect(Number(unreadable?.offset)).toBe(all.length);
  });

  it('an uncompressed value that is too long leaves 1 MiB, in memory of its own', async () => {
    const { messages } = await read(recordBatch([{ value: Buffer.alloc(40_000_000, 'a') }, { value: 'after' }]));
    expect(messages.map(({ value, valueBytes }) => [value?.length, valueBytes])).toEqual([
      [1_048_576, 40_000_000],
      [5, 5],
    ]);
    expect(messages[0]?.value?.buffer.byteLength).toBeLessThan(2_000_000);
  });

  it('makes room for others once it was passed over', async () => {
    const held = new HeldBatches();
    const large = recordBatch([{ value: Buffer.alloc(160_000_000, 'x') }], { codec: 'gzip' });
    const readFrom = (key: string, bytes: Buffer, fromOffset: number) =>
      readRecordSet({ key, bytes, fromOffset, end: 1e9 }, ROOM, held);
    const small = recordBatch([{ value: 'small' }], { firstOffset: 1 });
    for (const key of ['cdr/0', 'cdr/1']) expect((await readFrom(key, large, 0)).messages).toEqual([]);
    // A person has moved both on.
    for (const key of ['cdr/0', 'cdr/1']) expect((await readFrom(key, small, 1)).messages).toHaveLength(1);
    let answers = 0;
    while ((await readFrom('cdr/2', large, 0)).messages.length === 0) expect(++answers).toBeLessThan(6);
    held.forget('cdr/2');
  });
});
