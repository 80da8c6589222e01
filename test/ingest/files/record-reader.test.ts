import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { openRecords, recordsOf, type ReadOptions } from '../../../ingest/files/record-reader.ts';
import { SourceError } from '../../../ingest/files/source-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'record-reader-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

function fileOf(bytes: Buffer | string): string {
  const path = join(folder, `${files++}`);
  writeFileSync(path, bytes);
  return path;
}

function* cut(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

interface Read {
  readonly records: string[];
  /** Position of each record, then where to go on after each batch. */
  readonly positions: number[];
  readonly resume: number[];
  readonly error: unknown;
}

async function readAll(source: string | Iterable<Buffer>, options: ReadOptions = {}): Promise<Read> {
  const from = typeof source === 'string' ? { path: source } : { stream: Readable.from(source), name: 'stdin' };
  const opened = await openRecords(from, { format: 'canonical-ndjson', ...options });
  if (opened.kind !== 'open') throw new Error(opened.problem);
  const read: Omit<Read, 'error'> = { records: [], positions: [], resume: [] };
  try {
    for await (const batch of opened.batches) {
      for (let i = 0; i < batch.count; i++) {
        const [start = 0, end = 0] = batch.records.subarray(2 * i, 2 * i + 2);
        read.records.push(batch.buffer.toString('latin1', start, end));
        read.positions.push(batch.position + start);
      }
      read.resume.push(batch.nextPosition);
    }
    return { ...read, error: null };
  } catch (error) {
    return { ...read, error };
  }
}

const call = (id: number): string =>
  `{"v":1,"switch":"s","call":"${id}","line":"L1","to":"+33612345678","answered":"2026-11-03T10:15:00Z","durationMs":1000}`;
const calls = (count: number): string[] => Array.from({ length: count }, (_, id) => call(id));

describe('openRecords()', () => {
  test('cuts lines with LF, CRLF, blank lines, a BOM and no final line end, and says where each stood', async () => {
    const read = await readAll(fileOf('\ufeffa\r\n\r\nbb\n  \nc'));
    expect(read).toMatchObject({ records: ['a', 'bb', 'c'], positions: [3, 8, 14], error: null });
  });

  test('gives the same records however the bytes arrive, compressed or not, in any size of batch', async () => {
    const lines = calls(300);
    const bytes = Buffer.from(lines.join('\n'));
    const zipped = Buffer.concat([gzipSync(bytes.subarray(0, 9999)), gzipSync(bytes.subarray(9999))]);
    for (const source of [bytes, zipped]) {
      for (const size of [1, 7, 4096, 1_000_000]) {
        const read = await readAll(cut(source, size), { batchSize: size === 7 ? 1 : 64 });
        expect(read.records).toEqual(lines);
      }
      expect((await readAll(fileOf(source))).records).toEqual(lines);
    }
  });

  test('goes on from any batch, plain or gzip, and refuses a source that has become shorter', async () => {
    const lines = calls(50);
    for (const bytes of [Buffer.from(lines.join('\n')), gzipSync(lines.join('\n'))]) {
      const path = fileOf(bytes);
      const { resume } = await readAll(path, { batchSize: 7 });
      for (const [index, from] of resume.entries()) {
        expect((await readAll(path, { from })).records).toEqual(lines.slice((index + 1) * 7));
      }
      expect((await readAll(path, { from: 1_000_000 })).error).toMatchObject({ code: 'shorter-than-position' });
    }
  });

  test('delivers what is whole of a truncated or damaged gzip, then says so', async () => {
    const noise = Array.from({ length: 3000 }, (_, i) => call(Math.imul(i + 1, 0x9e3779b1)));
    const zipped = gzipSync(noise.join('\n'));
    const truncated = await readAll(fileOf(zipped.subarray(0, zipped.length - 1000)));
    expect(truncated.error).toBeInstanceOf(SourceError);
    expect(truncated.error).toMatchObject({ code: 'truncated-gzip', retryable: false });
    const damaged = Buffer.from(zipped);
    damaged.fill(0xff, zipped.length - 8, zipped.length - 4);
    const broken = await readAll(fileOf(damaged));
    expect(broken.error).toMatchObject({ code: 'corrupt-gzip' });
    for (const { records } of [truncated, broken]) {
      expect(records.length).toBeGreaterThan(500);
      expect(records).toEqual(noise.slice(0, records.length));
    }
  });

  test('refuses an endless record without keeping it, and goes on after it', async () => {
    const endless = Buffer.alloc(5_000_000, 0x61);
    const bytes = Buffer.concat([Buffer.from(`${call(1)}\n`), endless, Buffer.from(`\n${call(2)}\n${call(3)}`)]);
    for (const size of [100_000, 10_000_000]) {
      const opened = await openRecords(
        { stream: Readable.from(cut(bytes, size)), name: 'stdin' },
        { format: 'canonical-ndjson' },
      );
      if (opened.kind !== 'open') throw new Error(opened.problem);
      const outcomes: string[] = [];
      let next = 0;
      for await (const batch of opened.batches) {
        next = batch.nextPosition;
        for (const { decoded } of recordsOf(opened.format, batch))
          outcomes.push(decoded.kind === 'call' ? decoded.cdr.callId : decoded.kind);
      }
      expect([outcomes, next]).toEqual([['1', 'bad', '2', '3'], bytes.length]);
    }
  });

  test('answers for what it cannot use', async () => {
    await expect(openRecords({ path: join(folder, 'absent') })).rejects.toMatchObject({ code: 'cannot-open' });
    expect(await openRecords({ path: fileOf('hello\nworld\n') })).toMatchObject({
      kind: 'unusable',
      code: 'unknown-format',
    });
    expect(await openRecords({ path: fileOf('') })).toMatchObject({ kind: 'unusable', code: 'unknown-format' });
    expect(await openRecords({ path: fileOf('v,switch,call,durationMs\n') })).toMatchObject({ code: 'bad-header' });
    expect(await openRecords({ path: fileOf('x') }, { format: 'asterisk-csv' })).toMatchObject({
      code: 'missing-options',
    });
  });

  test('reads canonical CSV after its header, in any order of columns', async () => {
    const path = fileOf(
      'call,switch,v,durationMs,to,line,answered,diversions,mobility\r\nc1,s,1,1000,+33612345678,"L ""1""",2026-11-03T10:15:00Z,L2; L3,true\r\nc2,s,1,0,1,L1,,,\nc3,s,1,x,1,L1,,,\nc4,s,1\n',
    );
    const opened = await openRecords({ path });
    if (opened.kind !== 'open') throw new Error(opened.problem);
    for await (const batch of opened.batches) {
      const [first, ...others] = recordsOf(opened.format, batch).map(({ decoded }) => decoded);
      expect(first).toMatchObject({
        cdr: { callId: 'c1', line: 'L "1"', diversions: ['L2', 'L3'], mobilityUsed: true },
      });
      expect(others).toMatchObject([{ reason: 'unanswered' }, { reason: 'invalid-field' }, { reason: 'column-count' }]);
    }
  });
});

const read = async (text: string): Promise<string[]> =>
  (await readAll([Buffer.from(text)], { format: 'freeswitch-json' })).records;
const pretty = (value: unknown): string => JSON.stringify(value, null, 1);

describe('framing of JSON documents', () => {
  const one = { variables: { a: '}{"\\', list: [{ b: 1 }, { c: '[' }] } };

  test('finds documents on a line each, over many lines, in a row, and in an array', async () => {
    const compact = JSON.stringify(one);
    expect(await read(`${compact}\n${compact}\r\n`)).toEqual([compact, compact]);
    expect(await read(`${compact}${compact}`)).toEqual([compact, compact]);
    expect(await read(pretty(one))).toEqual([pretty(one)]);
    expect(await read(`${pretty(one)}\n${pretty(one)}`)).toEqual([pretty(one), pretty(one)]);
    expect((await read(pretty([one, one]))).map((text) => JSON.parse(text))).toEqual([one, one]);
    expect(await read(`[${compact},\n${compact}]`)).toEqual([compact, compact]);
  });

  test('lets a broken document swallow no other', async () => {
    const compact = JSON.stringify(one);
    for (let length = 1; length < compact.length; length++) {
      const broken = compact.slice(0, length);
      expect(await read(`${compact}\n${broken}\n${compact}\n${compact}`)).toEqual([compact, broken, compact, compact]);
    }
    expect(await read(`garbage\n${compact}\nmore ] garbage\n${compact}`)).toEqual([
      'garbage',
      compact,
      'more ] garbage',
      compact,
    ]);
  });

  test('is the same however the bytes arrive', async () => {
    const documents = fc.array(fc.constantFrom(JSON.stringify(one), pretty(one), 'x', '{"a":"', '[', '{', '}', '"'));
    await fc.assert(
      fc.asyncProperty(documents, fc.integer({ min: 1, max: 40 }), async (parts, size) => {
        const bytes = Buffer.from(parts.join('\n'));
        const whole = await readAll([bytes], { format: 'freeswitch-json' });
        expect(await readAll(cut(bytes, size), { format: 'freeswitch-json' })).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });
});
