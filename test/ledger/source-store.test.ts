import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Database } from '../../ledger/index.ts';
import { addCounts, advanceSource, openDatabase, readSourceCounts, readSourcePosition } from '../../ledger/index.ts';
import { createTestDatabase, DATABASE_KINDS, openTestDatabase } from '../support/test-database.ts';

describe.each(DATABASE_KINDS)('source on %s', (kind) => {
  let db: Database;
  beforeAll(async () => {
    db = await openTestDatabase(kind);
  });
  afterAll(() => db.close());

  const advance = (from: number, to: number, partition = 0): Promise<void> =>
    db.transaction((tx) => advanceSource(tx, { source: 'topic', partition, from, to, prefixHash: `hash-${to}` }));

  it('moves on from where it is, and from nowhere else', async () => {
    expect(await readSourcePosition(db, 'topic', 0)).toBeNull();
    await advance(0, 10);
    await advance(10, 5_000_000_000);
    expect(await readSourcePosition(db, 'topic', 0)).toEqual({
      position: 5_000_000_000,
      prefixHash: 'hash-5000000000',
    });
    for (const from of [0, 10, 5_000_000_001]) {
      await expect(advance(from, from + 1)).rejects.toMatchObject({ code: 'source-moved', retryable: true });
    }
    expect((await readSourcePosition(db, 'topic', 0))?.position).toBe(5_000_000_000);
  });

  it('has a position for each partition', async () => {
    await advance(0, 3, 1);
    expect((await readSourcePosition(db, 'topic', 1))?.position).toBe(3);
    expect((await readSourcePosition(db, 'topic', 0))?.position).toBe(5_000_000_000);
  });

  it('is not seen when its first batch fails', async () => {
    const failed = db.transaction(async (tx) => {
      await advanceSource(tx, { source: 'new', partition: 0, from: 0, to: 1, prefixHash: null });
      throw new Error('crash');
    });
    await expect(failed).rejects.toThrow('crash');
    expect(await readSourcePosition(db, 'new', 0)).toBeNull();
  });

  it('adds up what became of its records', async () => {
    const counts = new Map([
      ['rated', 7],
      ['duplicate\t', 1],
      ['not-a-call\tinternal', 2],
    ]);
    await db.transaction((tx) => addCounts(tx, 'file', counts));
    await db.transaction((tx) => addCounts(tx, 'file', new Map([['rated', 3]])));
    await db.transaction((tx) => addCounts(tx, 'other', new Map()));
    expect(await readSourceCounts(db, 'file')).toEqual([
      { source: 'file', outcome: 'duplicate', reason: '', records: 1 },
      { source: 'file', outcome: 'not-a-call', reason: 'internal', records: 2 },
      { source: 'file', outcome: 'rated', reason: '', records: 10 },
    ]);
    expect(await readSourceCounts(db)).toHaveLength(3);
  });
});

describe('advanceSource() by two at once', () => {
  it('lets one through', async () => {
    const { url, drop } = await createTestDatabase(inject('postgres').template);
    const both = await Promise.all([1, 2].map(() => openDatabase({ url })));
    const step = { source: 'topic', partition: 0, prefixHash: null };
    const [first] = both;
    await first?.transaction((tx) => advanceSource(tx, { ...step, from: 0, to: 5 }));
    const raced = await Promise.allSettled(
      both.map((db) => db.transaction((tx) => advanceSource(tx, { ...step, from: 5, to: 9 }))),
    );
    expect(raced.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    for (const db of both) await db.close();
    await drop();
  });
});
