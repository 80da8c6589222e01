import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  type Database,
  addCounts,
  advanceSource,
  beginPartitions,
  migrate,
  moveSource,
  openDatabase,
  readHoles,
  readHoleSettlements,
  readMigrations,
  readPartitionPositions,
  readSourceCounts,
  readSourcePosition,
  settleHole,
} from '../../../ledger/index.ts';
import {
  createTestDatabase,
  DATABASE_KINDS,
  openEmptyTestDatabase,
  openTestDatabase,
} from '../../support/test-database.ts';

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

  it('stands at its start when it was never seen, and moves on from there alone', async () => {
    const later = { source: 'unseen', partition: 0, from: 50, to: 100, prefixHash: null };
    await expect(db.transaction((tx) => advanceSource(tx, later))).rejects.toMatchObject({ code: 'source-moved' });
    expect(await readSourcePosition(db, 'unseen', 0)).toBeNull();
    await db.transaction((tx) => advanceSource(tx, { ...later, from: 0, to: 50 }));
    await db.transaction((tx) => advanceSource(tx, later));
    expect((await readSourcePosition(db, 'unseen', 0))?.position).toBe(100);
  });

  it('moves on from where its log began, once that is on record; the first to say so is right', async () => {
    const source = 'late log';
    await beginPartitions(db, source, null, [
      { partition: 1, at: 70 },
      { partition: 0, at: 0 },
    ]);
    await beginPartitions(db, source, 'id', [
      { partition: 1, at: 90 },
      { partition: 2, at: 5 },
    ]);
    await beginPartitions(db, source, 'another id', [{ partition: 1, at: 95 }]);
    const positions = await readPartitionPositions(db, source);
    const untouched = { moves: 0, isUntouched: true, hole: 0 };
    expect([...positions].toSorted(([a], [b]) => a - b)).toEqual([
      [0, { position: 0, topicId: null, ...untouched }],
      [1, { position: 70, topicId: 'id', ...untouched }],
      [2, { position: 5, topicId: 'id', ...untouched }],
    ]);
    for (const from of [0, 69, 71, 90]) {
      const elsewhere = { source, partition: 1, from, to: from + 5, prefixHash: null };
      await expect(db.transaction((tx) => advanceSource(tx, elsewhere))).rejects.toMatchObject({
        code: 'source-moved',
      });
    }
    const step = { source, partition: 1, from: 70, to: 75, prefixHash: null, tally: { taken: 3, empty: 2 } };
    await db.transaction((tx) => advanceSource(tx, step));
    expect((await readPartitionPositions(db, source)).get(1)).toMatchObject({
      position: 75,
      isUntouched: false,
      hole: 0,
    });
  });

  it('has a hole where its positions are not explained, and none by what a person moved', async () => {
    const source = 'counted';
    const step = { source, partition: 0, prefixHash: null };
    const move = { source, partition: 0, by: 'A', note: 'n' };
    const taken = (from: number, to: number, tally: { taken: number; empty: number }): Promise<void> =>
      db.transaction((tx) => advanceSource(tx, { ...step, from, to, tally }));
    const holes = async () => (await readHoles(db)).filter((hole) => hole.source === source);
    await taken(0, 10, { taken: 9, empty: 1 });
    await db.transaction((tx) => moveSource(tx, { ...move, from: 10, to: 30 }));
    await taken(30, 40, { taken: 10, empty: 0 });
    await db.transaction((tx) => moveSource(tx, { ...move, from: 40, to: 5 }));
    await taken(5, 20, { taken: 15, empty: 0 });
    expect(await holes()).toEqual([]);
    await taken(20, 30, { taken: 6, empty: 1 });
    expect(await holes()).toEqual([{ source, partition: 0, position: 30, hole: 3 }]);
    await db.query(`update source_position set taken = taken + 5 where source = $1`, [source]);
    expect(await holes()).toEqual([{ source, partition: 0, position: 30, hole: -2 }]);
  });

  it('has no hole any more once a person has settled it, as large as it is, which is kept', async () => {
    const source = 'settled';
    const step = { source, partition: 2, prefixHash: null, tally: { taken: 4, empty: 1 } };
    const holes = async () => (await readHoles(db)).filter((hole) => hole.source === source).map(({ hole }) => hole);
    const settle = (hole: number) =>
      db.transaction((tx) => settleHole(tx, { source, partition: 2, hole, by: 'Ada', note: `of ${hole}` }));
    await db.transaction((tx) => advanceSource(tx, { ...step, from: 0, to: 12 }));
    expect([await settle(6), await settle(0), await settle(-7)]).toEqual([null, null, null]);
    expect(await holes()).toEqual([7]);
    expect(await settle(7)).toBe(12);
    expect(await holes()).toEqual([]);
    expect([await settle(7), await settle(0)]).toEqual([null, null]);
    // What comes after is counted as ever.
    await db.transaction((tx) => advanceSource(tx, { ...step, from: 12, to: 14 }));
    expect(await holes()).toEqual([-3]);
    expect(await settle(-3)).toBe(14);
    expect(await readHoleSettlements(db, source)).toEqual([
      { source, partition: 2, position: 12, hole: 7, by: 'Ada', note: 'of 7', at: expect.any(Number) },
      { source, partition: 2, position: 14, hole: -3, by: 'Ada', note: 'of -3', at: expect.any(Number) },
    ]);
    expect(await readHoleSettlements(db)).toHaveLength(2);
  });

  it('moves on for nobody who does not know that a person has moved it, though it stands where it stood', async () => {
    const source = 'moved';
    const step = { source, partition: 0, prefixHash: null, from: 0, to: 4 };
    await beginPartitions(db, source, 'old', [{ partition: 0, at: 0 }]);
    const move = { source, partition: 0, from: 0, to: 0, by: 'A', note: 'made anew', topicId: 'new' };
    expect(await db.transaction((tx) => moveSource(tx, move))).toBe(true);
    const before = db.transaction((tx) => advanceSource(tx, { ...step, moves: 0 }));
    await expect(before).rejects.toMatchObject({ code: 'source-moved' });
    await db.transaction((tx) => advanceSource(tx, { ...step, moves: 1 }));
    expect((await readPartitionPositions(db, source)).get(0)).toMatchObject({ position: 4, topicId: 'new', moves: 1 });
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

describe.each(DATABASE_KINDS)('a ledger of before positions were counted, on %s', (kind) => {
  it('goes on from where its sources stand, and counts from there', async () => {
    const db = await openEmptyTestDatabase(kind);
    const all = await readMigrations();
    await migrate(db, all.slice(0, 3));
    await db.query(`insert into source_position (source, partition, position, prefix_hash) values
                    ('kafka:cdr', 3, 1000, null), ('file:/a', 0, 77, 'hash')`);
    await migrate(db, all);
    expect((await readPartitionPositions(db, 'kafka:cdr')).get(3)).toEqual({
      position: 1000,
      topicId: null,
      moves: 0,
      isUntouched: false,
      hole: 0,
    });
    const step = { source: 'kafka:cdr', partition: 3, prefixHash: null, moves: 0 };
    await db.transaction((tx) => advanceSource(tx, { ...step, from: 1000, to: 1010, tally: { taken: 10, empty: 0 } }));
    expect(await readSourcePosition(db, 'file:/a', 0)).toEqual({ position: 77, prefixHash: 'hash' });
    expect(await readHoles(db)).toEqual([]);
    await db.close();
  });
});
