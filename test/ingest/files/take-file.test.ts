import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Delivery } from '../../../engine/delivery.ts';
import { type TakeFileOptions, takeFile } from '../../../ingest/files/take-file.ts';
import { type Database, advanceSource, readHoles } from '../../../ledger/index.ts';
import { record } from '../../bin/small-month.ts';
import { openTestDatabase } from '../../support/test-database.ts';

let db: Database;
let folder: string;
let path: string;
let deliveries: Delivery[];

beforeAll(async () => {
  db = await openTestDatabase('pglite');
});
afterAll(() => db.close());
beforeEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = mkdtempSync(join(tmpdir(), 'fairtally-take-'));
  path = join(folder, 'calls.ndjson');
  deliveries = [];
  inTheMidst = () => {};
});

afterEach(async () => {
  const holes = await readHoles(db);
  if (holes.length > 0) throw new Error(`Bytes are neither a record's nor between records: ${JSON.stringify(holes)}`);
});

/** Called before the first batch is in the ledger; the file is larger than what was read of it by then. */
let inTheMidst: () => void;

/** Takes the file with an engine that only moves the source on, as the real one does in its transaction. */
function take(options: TakeFileOptions = {}) {
  let isFirst = true;
  const engine = {
    async take(delivery: Delivery) {
      if (isFirst) inTheMidst();
      isFirst = false;
      const { from, to, tallyOf } = delivery;
      const tally = tallyOf?.(from, to) ?? { taken: 0, empty: 0 };
      await db.transaction((tx) => advanceSource(tx, { ...delivery, tally }));
      deliveries.push(delivery);
      return new Map([['received\t', delivery.records.length]]);
    },
  };
  return takeFile(engine, db, { path, source: `file:${path}` }, options);
}

function lines(from: number, count: number): string {
  return Array.from({ length: count }, (_, index) => `${call(from + index)}\n`).join('');
}

function call(number: number): string {
  return record({ call: `c${number}`, line: 'L1', to: '+33612345678', minute: number, durationMs: 60_000 });
}

function callIds(): string[] {
  return deliveries.flatMap(({ records }) =>
    records.map(({ decoded }) => (decoded.kind === 'call' ? decoded.cdr.callId : decoded.kind)),
  );
}

function ids(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `c${from + index}`);
}

describe('takeFile()', () => {
  test('cuts a file into batches that join without gap, each with the hash of all bytes before its end', async () => {
    writeFileSync(path, lines(0, 25));
    const bytes = readFileSync(path);
    const result = await take({ batchSize: 10 });
    expect(deliveries.map(({ records }) => records.length)).toEqual([10, 10, 5]);
    expect(deliveries.map(({ from }) => from)).toEqual([0, ...deliveries.slice(0, -1).map(({ to }) => to)]);
    for (const { to, prefixHash } of deliveries) {
      expect(prefixHash).toBe(createHash('sha256').update(bytes.subarray(0, to)).digest('hex'));
    }
    expect(result).toMatchObject({ kind: 'taken', from: 0, to: bytes.length, isComplete: true, otherContents: 0 });
    expect(callIds()).toEqual(ids(0, 25));
  });

  test('hashes what no batch holds too: a header line, the rest of an endless record, files of many chunks', async () => {
    const header = 'v,switch,call,line,to,answered,durationMs\n';
    const row = '1,sbc,c1,L1,+33612345678,2026-11-03T10:15:00Z,61000\n';
    const endless = `1,sbc,${'x'.repeat(4_000_000)}\n`;
    writeFileSync(path, header + row + endless + row.repeat(40_000));
    const bytes = readFileSync(path);
    await take();
    expect(deliveries.length).toBeGreaterThan(2);
    for (const { to, prefixHash } of deliveries) {
      expect(prefixHash).toBe(createHash('sha256').update(bytes.subarray(0, to)).digest('hex'));
    }
    expect(await take()).toMatchObject({ from: bytes.length, otherContents: 0 });
  });

  test('takes nothing twice', async () => {
    writeFileSync(path, lines(0, 25));
    await take({ batchSize: 10 });
    deliveries = [];
    const result = await take({ batchSize: 10 });
    expect(deliveries).toEqual([]);
    expect(result).toMatchObject({ kind: 'taken', from: readFileSync(path).length, isComplete: true });
  });

  test('stops between batches when interrupted, and goes on from there', async () => {
    writeFileSync(path, lines(0, 25));
    const interrupt = new AbortController();
    const result = await take({ batchSize: 10, signal: interrupt.signal, onProgress: () => interrupt.abort() });
    expect(result).toMatchObject({ kind: 'taken', isComplete: false });
    const taken = callIds().length;
    expect(taken).toBeLessThan(25);
    await take({ batchSize: 7 });
    expect(callIds()).toEqual(ids(0, 25));
  });

  test('goes on where a file ended that grew since', async () => {
    writeFileSync(path, lines(0, 25));
    await take({ batchSize: 10 });
    appendFileSync(path, lines(25, 5));
    await take({ batchSize: 10 });
    expect(callIds()).toEqual(ids(0, 30));
  });

  test('reads a line again, whole, that had no end when it was read', async () => {
    const cut = call(2).slice(0, 40);
    writeFileSync(path, lines(0, 2) + cut);
    await take();
    expect(callIds()).toEqual(['c0', 'c1', 'bad']);
    writeFileSync(path, lines(0, 4));
    deliveries = [];
    await take();
    expect(callIds()).toEqual(['c2', 'c3']);
    const from = lines(0, 2).length;
    expect(deliveries.map(({ rereads }) => rereads)).toEqual([{ source: `file:${path}`, from, to: from + cut.length }]);
  });

  test('reads a file once more from its start, as another source, when told so', async () => {
    writeFileSync(path, lines(0, 5));
    await take({ isAgain: true });
    expect(deliveries.map(({ source }) => source)).toEqual([`file:${path}`]);
    deliveries = [];
    expect(await take({ isAgain: true })).toMatchObject({ source: `file:${path}#again-1`, from: 0 });
    expect(deliveries[0]?.rereads).toEqual({ source: `file:${path}`, from: 0, to: lines(0, 5).length });
    expect(await take({ isAgain: true })).toMatchObject({ source: `file:${path}#again-2`, from: 0 });
    appendFileSync(path, lines(5, 1));
    deliveries = [];
    expect(await take()).toMatchObject({ source: `file:${path}`, from: lines(0, 5).length });
    expect(callIds()).toEqual(['c5']);
  });

  test('a last line that only lacked its line end is not read again', async () => {
    writeFileSync(path, lines(0, 2).trimEnd());
    await take();
    appendFileSync(path, `\n${lines(2, 1)}`);
    await take();
    expect(callIds()).toEqual(['c0', 'c1', 'c2']);
  });

  test('reads a file whose beginning changed as another source, from its start, and both go on by their content', async () => {
    const old = lines(0, 5);
    writeFileSync(path, old);
    await take();
    writeFileSync(path, lines(100, 3));
    expect(await take()).toMatchObject({ source: `file:${path}#2`, from: 0, otherContents: 1 });
    writeFileSync(path, old + lines(5, 1));
    expect(await take()).toMatchObject({ source: `file:${path}`, from: old.length });
    writeFileSync(path, lines(0, 1));
    expect(await take()).toMatchObject({ source: `file:${path}#3`, from: 0, otherContents: 2 });
    expect(callIds()).toEqual([...ids(0, 5), ...ids(100, 3), 'c5', 'c0']);
  });

  test('positions of a gzip file are those of what is in it, so that it goes on under the same name unpacked', async () => {
    writeFileSync(path, gzipSync(lines(0, 25)));
    await take({ batchSize: 10 });
    expect(deliveries.at(-1)?.to).toBe(lines(0, 25).length);
    writeFileSync(path, lines(0, 26));
    await take();
    expect(callIds()).toEqual(ids(0, 26));
  });

  test('takes what can be read of a gzip file that is cut off, and the rest when it is whole', async () => {
    const packed = gzipSync(lines(0, 20_000));
    writeFileSync(path, packed.subarray(0, packed.length / 2));
    await expect(take({ batchSize: 100 })).rejects.toMatchObject({ code: 'truncated-gzip' });
    expect(callIds().length).toBeGreaterThan(0);
    writeFileSync(path, packed);
    await take();
    expect(callIds()).toEqual(ids(0, 20_000));
  });

  test('says so when a file is empty, or of no known format', async () => {
    writeFileSync(path, '');
    expect(await take()).toEqual({ kind: 'empty', source: `file:${path}` });
    writeFileSync(path, 'nothing that a switch writes\n');
    expect(await take()).toMatchObject({ kind: 'unusable' });
    expect(deliveries).toEqual([]);
  });

  test('refuses to go on when another process moved the source meanwhile', async () => {
    writeFileSync(path, lines(0, 25));
    const onProgress = async (): Promise<void> => {
      onProgressOnce ??= db.transaction((tx) =>
        advanceSource(tx, {
          source: `file:${path}`,
          partition: 0,
          from: 0,
          to: 1,
          prefixHash: 'x',
          tally: { taken: 1, empty: 0 },
        }),
      );
    };
    let onProgressOnce: Promise<void> | undefined;
    await expect(take({ onProgress: () => void onProgress() })).rejects.toMatchObject({ code: 'source-moved' });
    await onProgressOnce;
  });
});

describe('files with endless records', () => {
  test('are read once, however many there are: nothing is read again for what is thrown away', async () => {
    const endless = Array.from({ length: 8 }, (_, index) => `${'x'.repeat(2_500_000 + index)}\n`);
    writeFileSync(path, endless.map((line, index) => line + lines(index, 1)).join(''));
    const bytes = readFileSync(path);
    const engine = {
      async take(delivery: Delivery) {
        // Whoever wants to read from its start again fails.
        rmSync(path, { force: true });
        const tally = delivery.tallyOf?.(delivery.from, delivery.to) ?? { taken: 0, empty: 0 };
        await db.transaction((tx) => advanceSource(tx, { ...delivery, tally }));
        deliveries.push(delivery);
        return new Map([['received\t', delivery.records.length]]);
      },
    };
    const result = await takeFile(engine, db, { path, source: `file:${path}` }, { format: 'canonical-ndjson' });
    expect(result).toMatchObject({ kind: 'taken', from: 0, to: bytes.length, isComplete: true });
    const last = deliveries.at(-1)!;
    expect(last.prefixHash).toBe(createHash('sha256').update(bytes).digest('hex'));
    const records = deliveries.flatMap((delivery) => delivery.records);
    const long = records.filter(({ decoded }) => decoded.kind === 'bad');
    expect(long.map(({ start, end }) => end - start)).toEqual(endless.map(() => 1_048_576));
    expect(long.map(({ decoded }) => ('detail' in decoded ? decoded.detail : ''))).toEqual(
      endless.map((line) => `Cannot read the record: ${line.length - 1} bytes, at most 1048576 are read`),
    );
    expect(callIds().filter((id) => id !== 'bad')).toEqual(ids(0, 8));
  });

  test('come to little memory and time in the smallest pieces, too', async () => {
    const text = `${'x'.repeat(3_000_000)}\n${lines(0, 3)}${'['.repeat(3_000_000)}\n${lines(3, 2)}`;
    const { openRecords, recordsOf } = await import('../../../ingest/files/record-reader.ts');
    const pieces = (function* () {
      for (let at = 0; at < text.length; at += 500) yield Buffer.from(text.slice(at, at + 500));
    })();
    const opened = await openRecords({ stream: Readable.from(pieces), name: 'stdin' }, { format: 'canonical-ndjson' });
    if (opened.kind !== 'open') throw new Error(opened.problem);
    const reasons: string[] = [];
    for await (const batch of opened.batches) {
      for (const { decoded } of recordsOf(opened.format, batch)) {
        reasons.push(decoded.kind === 'call' ? decoded.cdr.callId : decoded.reason);
      }
    }
    expect(reasons).toEqual(['too-long', 'c0', 'c1', 'c2', 'too-long', 'c3', 'c4']);
  });
});

describe('a file that changes while it is read', () => {
  const content = lines(0, 30_000);

  /** The file, packed without being made smaller, or plain. */
  const written = (isGzip: boolean): Buffer => (isGzip ? gzipSync(content, { level: 0 }) : Buffer.from(content));

  test.each([false, true])(
    'is cut: says so, keeps what was read, and goes on once it is whole (gzip: %s)',
    async (isGzip) => {
      for (const cut of [(): void => truncateSync(path, 0), (): void => truncateSync(path, 900_000)]) {
        rmSync(folder, { recursive: true });
        folder = mkdtempSync(join(tmpdir(), 'fairtally-take-'));
        path = join(folder, 'calls.ndjson');
        deliveries = [];
        writeFileSync(path, written(isGzip));
        inTheMidst = cut;
        const problem = new RegExp(`^Cannot go on with '${path}' at byte \\d+: it has only (0|900000)$`);
        await expect(take({ batchSize: 100 })).rejects.toThrow(problem);
        expect(deliveries.length).toBeGreaterThan(0);
        inTheMidst = () => {};
        writeFileSync(path, written(isGzip));
        expect(await take()).toMatchObject({ kind: 'taken', to: content.length, otherContents: 0 });
        expect(callIds()).toEqual(ids(0, 30_000));
      }
    },
  );

  test('is cut and written anew, shorter: the next run reads the new one whole', async () => {
    writeFileSync(path, content);
    inTheMidst = () => writeFileSync(path, lines(50_000, 10));
    await expect(take({ batchSize: 100 })).rejects.toThrow('Cannot go on with');
    deliveries = [];
    inTheMidst = () => {};
    expect(await take()).toMatchObject({ kind: 'taken', from: 0, otherContents: 1, changeWhileRead: 'none' });
    expect(callIds()).toEqual(ids(50_000, 10));
  });

  test.each(['replaced', 'gone'] as const)('is %s: the one that was open is read to its end', async (change) => {
    writeFileSync(path, content);
    inTheMidst = () => {
      renameSync(path, `${path}.1`);
      if (change === 'replaced') writeFileSync(path, lines(50_000, 10));
    };
    expect(await take({ batchSize: 100 })).toMatchObject({ to: content.length, changeWhileRead: change });
    expect(callIds()).toEqual(ids(0, 30_000));
  });

  test('is replaced between two runs by one that begins alike: goes on in the new one', async () => {
    writeFileSync(path, lines(0, 10));
    await take();
    writeFileSync(`${path}.new`, lines(0, 20));
    renameSync(`${path}.new`, path);
    expect(await take()).toMatchObject({ from: lines(0, 10).length, changeWhileRead: 'none' });
    expect(callIds()).toEqual(ids(0, 20));
  });

  test('grows: what comes before its end is read is taken in, what comes later by the next run', async () => {
    writeFileSync(path, content);
    inTheMidst = () => appendFileSync(path, lines(30_000, 5));
    expect(await take({ batchSize: 100 })).toMatchObject({ changeWhileRead: 'none' });
    expect(callIds()).toEqual(ids(0, 30_005));
    // Read to its end by the time its only batch is in the ledger.
    writeFileSync(path, `${content}${lines(30_000, 6)}`);
    inTheMidst = () => appendFileSync(path, lines(30_006, 1));
    deliveries = [];
    const from = content.length + lines(30_000, 5).length;
    expect(await take()).toMatchObject({ from, changeWhileRead: 'grew' });
    inTheMidst = () => {};
    expect(await take()).toMatchObject({ kind: 'taken', changeWhileRead: 'none' });
    expect(callIds()).toEqual(ids(30_005, 2));
  });
});

describe('what is no file', () => {
  test('is refused by name: a folder, a pipe, a device, a socket', async () => {
    const cases: [string, string][] = [
      [folder, 'a folder'],
      [join(folder, 'pipe'), 'a pipe'],
      ['/dev/zero', 'a device'],
      [join(folder, 'socket'), 'a socket'],
    ];
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const server = createServer().listen(join(folder, 'socket'));
    await once(server, 'listening');
    for (const [name, kind] of cases) {
      path = name;
      await expect(take()).rejects.toThrow(`Cannot read '${name}': it is ${kind}, not a file`);
    }
    server.close();
  });
});
