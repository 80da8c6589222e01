import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { readDefaultOffer } from '../../bin/set-up-ledger.ts';
import type { RatingEngine } from '../../engine/rating-engine.ts';
import { type Database, openDatabase, readClosePositions } from '../../ledger/index.ts';
import type { Line } from '../../rater/index.ts';
import type { PeriodState } from '../../rater/period/period-state.ts';
import { movePeriod } from '../../services/billing/move-period.ts';
import { deliveryOf, LedgerUnderTest, plan } from '../support/ledger-under-test.ts';
import { JANUARY, MOBILE_DECK } from '../support/mobile-deck.ts';
import { billedCalls, feedGaps } from '../support/posted-ledger.ts';
import { createTestDatabase } from '../support/test-database.ts';

const IN_DECEMBER = Date.UTC(2026, 11, 5);
const LINES = Array.from({ length: 12 }, (_, index) => `L${index}`);

function lineOf(id: string): Line {
  const facts = { number: null, usageClass: 'business', mobility: 'off', equipment: 'managed' } as const;
  return {
    id,
    account: `of ${id}`,
    spans: [{ from: JANUARY, to: Infinity, offer: 'full-illimite', ...facts }],
    devices: [],
    networks: [],
  };
}

/** A call of each line, by no line's number twice: accounts lie in several buckets. */
function callsOf(batch: number): string[] {
  return LINES.map((line, index) =>
    JSON.stringify({
      v: 1,
      switch: 'sbc',
      call: `${batch}-${line}`,
      line,
      to: '+33612345678',
      answered: new Date(Date.UTC(2026, 10, 3, 10, batch, index)).toISOString(),
      durationMs: 60_000,
    }),
  );
}

/** Takes in batches of one source, one after the other. */
class Writer {
  readonly engine: RatingEngine;
  readonly #source: string;
  #position = 0;

  constructor(engine: RatingEngine, source: string) {
    this.engine = engine;
    this.#source = source;
  }

  take(batch: number): Promise<unknown> {
    const delivery = deliveryOf(callsOf(batch), this.#position, this.#source);
    this.#position = delivery.to;
    return this.engine.take(delivery);
  }
}

interface Gate {
  readonly isReached: Promise<void>;
  reach(): void;
  readonly isOpen: Promise<void>;
  open(): void;
}

function gate(): Gate {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  return { isReached: reached.promise, reach: reached.resolve, isOpen: opened.promise, open: opened.resolve };
}

describe('closing a month on one PostgreSQL while another process posts', () => {
  let drop: () => Promise<void>;
  let databases: Database[];
  let ledger: LedgerUnderTest;
  /** What stops the writer, once a test sets it: before its transaction, or as its entries are copied. */
  let before: Gate | null;
  let within: Gate | null;
  let writer: Writer;

  beforeEach(async () => {
    const { url, drop: dropIt } = await createTestDatabase(inject('postgres').template);
    drop = dropIt;
    databases = await Promise.all([openDatabase({ url }), openDatabase({ url })]);
    ledger = await LedgerUnderTest.on(databases[0]!, [readDefaultOffer(plan)], MOBILE_DECK);
    await ledger.provision(LINES.map(lineOf));
    before = null;
    within = null;
    writer = new Writer(ledger.otherEngine(gated(databases[1]!)), 'writer');
  });
  afterEach(async () => {
    await Promise.all(databases.map((db) => db.close()));
    await drop();
  });

  function gated(db: Database): Database {
    return {
      ...db,
      async transaction(run) {
        await pass(before);
        return db.transaction((tx) =>
          run({
            ...tx,
            async copyIn(sql, bytes) {
              await pass(within);
              await tx.copyIn(sql, bytes);
            },
          }),
        );
      },
    };
  }

  async function pass(stop: Gate | null): Promise<void> {
    stop?.reach();
    await stop?.isOpen;
  }

  async function move(to: PeriodState): Promise<void> {
    const access = { db: ledger.db, plan, engine: ledger.engine };
    const outcome = await movePeriod(access, { period: '2026-11', to, by: 'anne', note: 'test' }, IN_DECEMBER);
    expect(outcome).toMatchObject({ kind: 'moved', to });
  }

  /** How many entries are billed in each month; none is in November that the close had not seen. */
  async function billed(): Promise<Record<number, number>> {
    const seen = await readClosePositions(ledger.db, 202611);
    const rows = await ledger.db.query<{ bucket: number; position: bigint; billed_period: number }>(
      'select bucket, position, billed_period from entry',
    );
    const strays = rows.filter(({ bucket, position, billed_period }) => {
      return billed_period === 202611 && Number(position) > seen.get(bucket)!;
    });
    expect([seen.size, strays, await feedGaps(ledger.db)]).toEqual([64, [], []]);
    const byMonth = Map.groupBy(rows, ({ billed_period }) => billed_period);
    return Object.fromEntries([...byMonth].map(([month, own]) => [month, own.length]));
  }

  it('bills what was rated before the close and commits after it in December', async () => {
    await move('closing');
    await writer.take(0);
    before = gate();
    const taken = writer.take(1);
    await before.isReached;
    await move('closed');
    before.open();
    await taken;
    expect(await billed()).toEqual({ 202611: 12, 202612: 12 });
    const [call] = await ledger.db.query('select distinct period from entry where billed_period = 202612');
    expect(call).toEqual({ period: 202611 });
  });

  it('does so with the batch that was rated ahead, too', async () => {
    await move('closing');
    await writer.take(0);
    before = gate();
    const taken = [writer.take(1), writer.take(2)];
    await before.isReached;
    await move('closed');
    before.open();
    await Promise.all(taken);
    expect(await billed()).toEqual({ 202611: 12, 202612: 24 });
  });

  it('waits for a batch that is being written: it is billed in November, and seen', async () => {
    await move('closing');
    await writer.take(0);
    within = gate();
    const taken = writer.take(1);
    await within.isReached;
    const closed = move('closed');
    within.open();
    await Promise.all([taken, closed]);
    expect(await billed()).toEqual({ 202611: 24 });
  });

  it('loses and doubles no call, whenever it comes', async () => {
    await move('closing');
    const other = new Writer(ledger.otherEngine(databases[0]!), 'other');
    const taken: Promise<unknown>[] = [];
    for (let batch = 0; batch < 40; batch++) {
      taken.push((batch % 2 === 0 ? writer : other).take(batch));
      if (batch === 15) taken.push(move('closed'));
      if (batch % 4 === 0) await taken[batch];
    }
    await Promise.all(taken);
    const months = await billed();
    expect((months[202611] ?? 0) + (months[202612] ?? 0)).toBe(40 * 12);
    expect(months[202611]).toBeGreaterThan(0);
    expect(months[202612]).toBeGreaterThan(0);
    expect((await billedCalls(ledger.db)).size).toBe(40 * 12);
  });
});
