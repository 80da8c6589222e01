import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Coverage, Entry, EntryKind } from '../../../rater/index.ts';
import { type Database, ENTRY_COPY_STATEMENT, ensurePeriod, EntryCopyBuffer } from '../../../ledger/index.ts';
import { postEntries, testEntry } from '../../support/entries.ts';
import { DATABASE_KINDS, openTestDatabase } from '../../support/test-database.ts';

const COVERAGES = ['included', 'metered', 'free'] as const satisfies readonly Coverage[];
const LETTERS = { usage: 'u', rerate: 'r', reversal: 'v', reprice: 'p', included: 'i', metered: 'm', free: 'f' };

const int16 = fc.integer({ min: -32_768, max: 32_767 });
/** Buckets are the ones that there are. */
const anyBucket = fc.integer({ min: 0, max: 63 });
const int32 = fc.integer({ min: -2_147_483_648, max: 2_147_483_647 });
const safe = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -1, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, 1 - 2 ** 53));
const instant = fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2199, 11, 31) });
const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\0', ''));

/** Entries of every kind with every field anywhere in its column's range, within the rules of the table. */
const anyEntry = fc
  .record({
    bucket: anyBucket,
    period: fc.constantFrom(202611, 202612),
    billedPeriod: int32,
    account: int32,
    line: int32,
    identityHigh: int32,
    identityLow: int32,
    revision: fc.integer({ min: 1, max: 32_767 }),
    kind: fc.constantFrom<EntryKind>('usage', 'rerate', 'reversal', 'reprice'),
    startedAt: instant,
    durationMs: int32,
    called: safe,
    destination: int32,
    coverage: fc.constantFrom(...COVERAGES),
    coverageBefore: fc.constantFrom(...COVERAGES),
    reason: text,
    billedSeconds: int32,
    charge: safe,
    meteredPrice: safe,
    rateDeck: int32,
    offer: fc.option(int32),
    flags: int16,
    text,
    before: text,
  })
  .map(({ text: record, before, ...fields }): Omit<Entry, 'position'> => {
    const isUsage = fields.kind === 'usage';
    const bytes = Buffer.from(`${before}${record}tail`);
    const start = Buffer.byteLength(before);
    return {
      ...fields,
      coverage: fields.kind === 'reversal' ? null : fields.coverage,
      coverageBefore: isUsage ? null : fields.coverageBefore,
      charge: isUsage && fields.coverage !== 'metered' ? 0 : fields.charge,
      record: isUsage ? bytes : null,
      recordStart: isUsage ? start : 0,
      recordEnd: isUsage ? start + Buffer.byteLength(record) : 0,
    };
  });

/** The row that an entry should make, by the plainest means. */
function rowOf(entry: Entry): Readonly<Record<string, unknown>> {
  const identity = BigInt.asIntN(64, (BigInt(entry.identityHigh) << 32n) | BigInt(entry.identityLow >>> 0));
  return {
    bucket: entry.bucket,
    position: BigInt(entry.position),
    period: entry.period,
    billed_period: entry.billedPeriod,
    account: entry.account,
    line: entry.line,
    identity,
    revision: entry.revision,
    kind: LETTERS[entry.kind],
    started_at: entry.startedAt,
    duration_ms: entry.durationMs,
    called: BigInt(entry.called),
    destination: entry.destination,
    coverage: entry.coverage === null ? null : LETTERS[entry.coverage],
    coverage_before: entry.coverageBefore === null ? null : LETTERS[entry.coverageBefore],
    reason: entry.reason,
    billed_seconds: entry.billedSeconds,
    charge: BigInt(entry.charge),
    metered_price: BigInt(entry.meteredPrice),
    rate_deck: entry.rateDeck,
    offer: entry.offer,
    flags: entry.flags,
    cdr: entry.record === null ? null : entry.record.toString('utf8', entry.recordStart, entry.recordEnd),
  };
}

/** The upper half of the identities that `testEntry` makes. */
const HIGH_ONE = 2n ** 32n;

describe.each(DATABASE_KINDS)('EntryCopyBuffer on %s', (kind) => {
  let db: Database;
  let position = 0;
  beforeAll(async () => {
    db = await openTestDatabase(kind);
    await ensurePeriod(db, 202611);
    await ensurePeriod(db, 202612);
  });
  afterAll(() => db.close());

  it('brings every field of every entry into the ledger as it is', async () => {
    const buffer = new EntryCopyBuffer();
    const oneCallOnce = { selector: (entry: Omit<Entry, 'position'>) => `${entry.identityHigh}:${entry.identityLow}` };
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(anyEntry, { ...oneCallOnce, minLength: 1, maxLength: 20 }), async (given) => {
        const first = position + 1;
        const entries = given.map((entry): Entry => ({ ...entry, position: ++position }));
        for (const entry of entries) buffer.append(entry);
        expect(buffer.count).toBe(entries.length);
        expect(await rowsOnceWritten(db, buffer.take(), first)).toEqual(entries.map(rowOf));
      }),
      { numRuns: 60 },
    );
  });

  it('takes entries by bucket and account, each with the next feed position of its bucket', async () => {
    const buffer = new EntryCopyBuffer();
    const given = [
      { bucket: 9, account: 7, identityLow: 1 },
      { bucket: 8, account: 900_001, identityLow: 2 },
      { bucket: 9, account: 5, identityLow: 3 },
      { bucket: 8, account: 4, identityLow: 4 },
      { bucket: 8, account: 900_001, identityLow: 5 },
    ];
    for (const fields of given) buffer.append(testEntry(fields));
    const positions = new Map([
      [8, 2e6],
      [9, 2e6 + 100],
    ]);
    const { bytes: copy } = buffer.takeInOrder((bucket) => {
      const next = positions.get(bucket)! + 1;
      positions.set(bucket, next);
      return next;
    });
    expect(await rowsOnceWritten(db, copy, 2e6)).toMatchObject([
      { bucket: 8, position: 2_000_001n, account: 4, identity: HIGH_ONE + 4n },
      { bucket: 8, position: 2_000_002n, account: 900_001, identity: HIGH_ONE + 2n },
      { bucket: 8, position: 2_000_003n, account: 900_001, identity: HIGH_ONE + 5n },
      { bucket: 9, position: 2_000_101n, account: 5, identity: HIGH_ONE + 3n },
      { bucket: 9, position: 2_000_102n, account: 7, identity: HIGH_ONE + 1n },
    ]);
    expect(buffer.count).toBe(0);
  });

  it('takes what was appended after it was arranged, too', async () => {
    const buffer = new EntryCopyBuffer();
    buffer.append(testEntry({ bucket: 12, account: 7, identityLow: 11 }));
    buffer.append(testEntry({ bucket: 12, account: 5, identityLow: 12 }));
    buffer.arrange();
    buffer.append(testEntry({ bucket: 12, account: 6, identityLow: 13 }));
    let last = 3e6;
    const { bytes: copy } = buffer.takeInOrder(() => ++last);
    expect(await rowsOnceWritten(db, copy, 3e6)).toMatchObject([
      { position: 3_000_001n, account: 5, identity: HIGH_ONE + 12n },
      { position: 3_000_002n, account: 6, identity: HIGH_ONE + 13n },
      { position: 3_000_003n, account: 7, identity: HIGH_ONE + 11n },
    ]);
  });

  it('grows with its batch and is empty after each', async () => {
    const record = Buffer.alloc(5000, 'x');
    const entries = Array.from({ length: 1000 }, (_, index) =>
      testEntry({ position: 1e6 + index, identityLow: index, bucket: 1, record, recordEnd: 5000 }),
    );
    await postEntries(db, entries);
    await postEntries(db, [testEntry({ bucket: 2 })]);
    const rows = await db.query('select bucket, count(*)::int as rows from entry group by bucket order by bucket');
    expect(rows).toEqual([
      { bucket: 1, rows: 1000 },
      { bucket: 2, rows: 1 },
    ]);
  });
});

/** The rows from position `first` on that a COPY makes; rolled back, since the next round may bring the same call. */
async function rowsOnceWritten(db: Database, copy: Uint8Array, first: number): Promise<unknown[]> {
  let rows: unknown[] = [];
  const undo = new Error('undo');
  await db
    .transaction(async (tx) => {
      await tx.copyIn(ENTRY_COPY_STATEMENT, copy);
      rows = await tx.query('select * from entry where position >= $1 order by position', [first]);
      throw undo;
    })
    .catch((cause: unknown) => {
      if (cause !== undo) throw cause;
    });
  return rows;
}

describe('EntryCopyBuffer', () => {
  it.each([
    ['bucket', { bucket: 32_768 }],
    ['durationMs', { durationMs: 2 ** 31 }],
    ['durationMs', { durationMs: 0.5 }],
    ['charge', { charge: 2 ** 53 }],
    ['charge', { charge: Number.NaN }],
    ['meteredPrice', { meteredPrice: 1.5 }],
    ['startedAt', { startedAt: 0.5 / 1000 }],
    ['revision', { revision: -32_769 }],
  ])('refuses what the column of %s does not hold, and adds nothing', (field, given) => {
    const buffer = new EntryCopyBuffer();
    buffer.append(testEntry());
    const before = Buffer.from(buffer.take());
    buffer.append(testEntry());
    expect(() => buffer.append(testEntry(given))).toThrow(`field '${field}' is`);
    expect(buffer.count).toBe(1);
    expect(Buffer.from(buffer.take())).toEqual(before);
  });

  it('makes an empty COPY of nothing', () => {
    const bytes = new EntryCopyBuffer().take();
    expect(Buffer.from(bytes).toString('latin1')).toBe('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0\xff\xff');
  });
});
