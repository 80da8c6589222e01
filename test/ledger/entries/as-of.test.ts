import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { readDefaultOffer } from '../../../bin/set-up-ledger.ts';
import {
  type Database,
  moneyByDay,
  moneyByLine,
  openDatabase,
  positionsAsOf,
  type Transaction,
} from '../../../ledger/index.ts';
import type { Line } from '../../../rater/index.ts';
import { readMoneyAsOf } from '../../../services/reports/read-money-as-of.ts';
import { deliveryOf, LedgerUnderTest, plan } from '../../support/ledger-under-test.ts';
import { JANUARY, MOBILE_DECK } from '../../support/mobile-deck.ts';
import { createTestDatabase } from '../../support/test-database.ts';

const FACTS = { number: null, usageClass: 'business', mobility: 'off', equipment: 'managed' } as const;

function lineOf(id: string): Line {
  return {
    id,
    account: id,
    spans: [{ from: JANUARY, to: Infinity, offer: null, ...FACTS }],
    devices: [],
    networks: [],
  };
}

function call(id: string, line: string, answered: string): string {
  return JSON.stringify({ v: 1, switch: 'sbc', call: id, line, to: '+33612345678', durationMs: 60_000, answered });
}

describe('positionsAsOf() on PostgreSQL', () => {
  let drop: () => Promise<void>;
  let db: Database;
  let other: Database;
  let ledger: LedgerUnderTest;

  beforeEach(async () => {
    const { url, drop: dropIt } = await createTestDatabase(inject('postgres').template);
    drop = dropIt;
    [db, other] = await Promise.all([openDatabase({ url }), openDatabase({ url })]);
    ledger = await LedgerUnderTest.on(db, [readDefaultOffer(plan)], MOBILE_DECK);
    await ledger.provision(['L1', 'L2', 'L3'].map(lineOf));
  });
  afterEach(async () => {
    await Promise.all([db.close(), other.close()]);
    await drop();
  });

  /** An instant, ms, of the database's clock, and after it another ms. */
  async function instant(): Promise<number> {
    const [row] = await db.query<{ now: number }>('select clock_timestamp() as now');
    let later = row!.now;
    while (later <= row!.now)
      [{ now: later }] = (await db.query<{ now: number }>('select clock_timestamp() as now')) as [{ now: number }];
    return row!.now;
  }

  async function entriesAsOf(at: number): Promise<number> {
    const positions = await positionsAsOf(db, at);
    return [...positions!.values()].reduce((sum, position) => sum + position, 0);
  }

  it('says the last position that was posted then, whatever is posted later', async () => {
    const before = await instant();
    await ledger.deliver([call('a', 'L1', '2026-11-03T10:00:00Z'), call('b', 'L2', '2026-11-03T10:00:00Z')]);
    const between = await instant();
    await ledger.deliver([call('c', 'L1', '2026-11-04T10:00:00Z')]);
    const after = await instant();
    expect(await Promise.all([before, between, after].map(entriesAsOf))).toEqual([0, 2, 3]);
    expect(await positionsAsOf(db, after + 3_600_000)).toBeNull();
  });

  it('goes by when heads were locked, though the transaction began before another that posted first', async () => {
    let isGated = false;
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const slow: Database = {
      ...other,
      transaction: (run) =>
        other.transaction(async (tx) => {
          if (!isGated) return run(tx);
          await tx.query('select now()');
          begun.resolve();
          await gate.promise;
          return run(tx);
        }),
    };
    const engine = ledger.otherEngine(slow);
    const first = deliveryOf([call('first', 'L3', '2026-11-03T10:00:00Z')], 0, 'slow');
    await engine.take(first);
    isGated = true;
    const taken = engine.take(deliveryOf([call('slow', 'L1', '2026-11-03T10:00:00Z')], first.to, 'slow'));
    await begun.promise;
    await ledger.deliver([call('a', 'L1', '2026-11-03T10:00:00Z'), call('b', 'L2', '2026-11-03T10:00:00Z')]);
    const between = await instant();
    gate.resolve();
    await taken;
    expect(await entriesAsOf(between)).toBe(3);
    const disorder = await db.query(
      `select from posting p join posting q on q.bucket = p.bucket and q.up_to > p.up_to and q.posted_at < p.posted_at`,
    );
    expect(disorder).toEqual([]);
  });

  it('waits for what is posted by then and not committed, and for no writer that comes later', async () => {
    const posted = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const slow: Database = {
      ...other,
      transaction: (run) =>
        other.transaction(async (tx) => {
          let hasPosted = false;
          const outcome = await run({
            ...tx,
            query<Row>(sql: string, parameters?: Parameters<Transaction['query']>[1]) {
              hasPosted ||= sql.includes('insert into posting');
              return tx.query<Row>(sql, parameters);
            },
          });
          if (!hasPosted) return outcome;
          posted.resolve();
          await gate.promise;
          return outcome;
        }),
    };
    const taken = ledger.otherEngine(slow).take(deliveryOf([call('slow', 'L1', '2026-11-03T10:00:00Z')], 0, 'slow'));
    await posted.promise;
    const asked = await instant();
    let looks = 0;
    const watched: Database = {
      ...db,
      async query<Row>(sql: string, parameters?: Parameters<Database['query']>[1]) {
        // It has looked, found the writer, and looks again: only now may that commit.
        if (sql.includes('pg_locks') && ++looks === 3) gate.resolve();
        return db.query<Row>(sql, parameters);
      },
    };
    const positions = await positionsAsOf(watched, asked);
    expect(looks).toBeGreaterThanOrEqual(3);
    expect([...positions!.values()].reduce((sum, position) => sum + position, 0)).toBe(1);
    await taken;
    await ledger.deliver([call('later', 'L2', '2026-11-03T10:00:00Z')]);
    expect(await entriesAsOf(asked)).toBe(1);
  });

  it('gives the money of a month by day and line', async () => {
    await ledger.deliver([
      call('a', 'L1', '2026-10-31T22:59:59Z'),
      call('b', 'L1', '2026-10-31T23:00:00Z'),
      call('c', 'L2', '2026-11-30T22:59:59Z'),
    ]);
    const at = await instant();
    await ledger.deliver([call('d', 'L3', '2026-11-03T10:00:00Z')]);
    const money = await readMoneyAsOf({ db }, '2026-11', new Date(at).toISOString());
    if (money.kind === 'refused') throw new Error(money.code);
    expect([money.calls, money.charge, money.days.length]).toEqual([2, 180_000, 30]);
    expect(money.days.filter(({ calls }) => calls > 0)).toEqual([
      { day: '2026-11-01', calls: 1, charge: 90_000 },
      { day: '2026-11-30', calls: 1, charge: 90_000 },
    ]);
    expect(money.lines).toEqual([
      { line: 'L1', account: 'L1', calls: 1, charge: 90_000 },
      { line: 'L2', account: 'L2', calls: 1, charge: 90_000 },
    ]);
    const positions = (await positionsAsOf(db, at))!;
    expect(await moneyByLine(db, 202612, positions)).toEqual([]);
    expect(await moneyByDay(db, 202612, positions, [0])).toEqual([{ calls: 0, charge: 0 }]);
    expect(await readMoneyAsOf({ db }, '2026-11', 'yesterday')).toMatchObject({ code: 'as-of-unreadable' });
    expect(await readMoneyAsOf({ db }, '2026-11', '2059-01-01')).toMatchObject({ code: 'as-of-to-come' });
  });
});
