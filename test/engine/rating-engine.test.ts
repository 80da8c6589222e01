import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, SourceMovedError, readSourceCounts } from '../../ledger/index.ts';
import type { Line } from '../../rater/index.ts';
import type { Offer } from '../../rules/index.ts';
import { LedgerUnderTest, deliveryOf } from '../support/ledger-under-test.ts';
import { billedCalls, feedGaps, standingFindings } from '../support/posted-ledger.ts';
import { openTestDatabase } from '../support/test-database.ts';
import { storeProvisioning } from '../support/store-provisioning.ts';

const OFFER: Offer = JSON.parse(
  readFileSync(new URL('../../rules/offers/full-illimite.json', import.meta.url), 'utf8'),
);
const DECK = 'prefix,price_per_minute\n33,0.02\n336,0.09\n1246,0.48\n';

const LINES: readonly Line[] = ['L1', 'L2', 'L3', 'L4'].map((id, index) => ({
  id,
  account: `A${index}`,
  spans: [
    {
      from: 0,
      to: Infinity,
      number: 33_140_000_001 + index,
      offer: 'full-illimite',
      usageClass: 'business',
      mobility: 'off',
      equipment: 'managed',
    },
  ],
  devices: [],
  networks: [],
}));

/** Call number `index` of the month: each of the four lines calls a new number each time. */
function record(index: number, given: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    v: 1,
    switch: 'sbc',
    call: `c${index}`,
    line: `L${(index % 4) + 1}`,
    to: `+3361${String(1_000_000 + index * 7)}`,
    answered: new Date(Date.UTC(2026, 10, 2, 8) + index * 61_000).toISOString(),
    durationMs: 61_000,
    ...given,
  });
}

function records(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => record(from + index));
}

/** Runs `run` the first time. */
function once(run: () => unknown): () => void {
  let hasRun = false;
  return () => {
    if (!hasRun) run();
    hasRun = true;
  };
}

let db: Database;
let ledger: LedgerUnderTest;
beforeAll(async () => {
  db = await openTestDatabase('postgres');
  ledger = await LedgerUnderTest.on(db, [OFFER], DECK);
  await ledger.provision(LINES);
});
afterAll(() => db.close());

describe('RatingEngine on PostgreSQL', () => {
  it('lets two processes write the same buckets at once: each finds the other out and goes on from the ledger', async () => {
    const engines = [ledger.otherEngine(), ledger.otherEngine()];
    const work = engines.map(async (engine, which) => {
      let position = 0;
      for (let batch = 0; batch < 32; batch++) {
        const first = which * 320 + batch * 10;
        const delivery = deliveryOf(records(first, first + 10), position, `source-${which}`);
        position = delivery.to;
        await engine.take(delivery);
      }
    });
    await Promise.all(work);

    const calls = await billedCalls(db);
    expect(calls.size).toBe(640);
    expect(await feedGaps(db)).toEqual([]);
    // 160 numbers a line: the 151st crossed on each, and all its calls are re-rated, whoever rated them.
    expect(
      [...calls.values()].every(({ coverage, reason }) => coverage === 'metered' && reason === 'distinct-numbers'),
    ).toBe(true);
    const findings = (await standingFindings(db)).filter(({ finding }) => finding.condition === 'distinct-numbers');
    expect(
      findings.map(({ line, finding }) => [line, finding.condition === 'distinct-numbers' && finding.crossing.callId]),
    ).toEqual([
      ['L1', 'c600'],
      ['L2', 'c601'],
      ['L3', 'c602'],
      ['L4', 'c603'],
    ]);
  }, 60_000);

  it('takes nothing of a delivery whose source another process has moved on', async () => {
    const engine = ledger.otherEngine();
    const first = deliveryOf(records(1000, 1010), 0, 'moved');
    await engine.take(first);
    const before = (await billedCalls(db)).size;
    await expect(ledger.otherEngine().take(deliveryOf(records(1000, 1020), 0, 'moved'))).rejects.toThrow(
      SourceMovedError,
    );
    expect((await billedCalls(db)).size).toBe(before);
  });

  it('rates each delivery while the one before it is written, in order, when many are asked for at once', async () => {
    const seen: string[] = [];
    const told: Database = {
      ...db,
      async transaction(run) {
        const result = await db.transaction(run);
        seen.push('written');
        return result;
      },
    };
    const engine = ledger.otherEngine(told);
    await engine.take(deliveryOf(records(1100, 1104), 0, 'ahead'));
    seen.length = 0;
    const deliveries = [1, 2, 3, 4].map((place) => {
      const delivery = deliveryOf(records(1100 + place * 4, 1104 + place * 4), 0, `ahead ${place}`);
      const read = once(() => seen.push(`rated ${place}`));
      return {
        ...delivery,
        get records() {
          read();
          return delivery.records;
        },
      };
    });
    await Promise.all(deliveries.map((delivery) => engine.take(delivery)));
    expect(seen).toEqual(['rated 1', 'rated 2', 'written', 'rated 3', 'written', 'rated 4', 'written', 'written']);
  });

  it('accounts for every record of a delivery: rated, duplicate, no call, or in quarantine with its reason', async () => {
    const texts = [
      record(2000),
      record(2000),
      record(2000, { durationMs: 30_000 }),
      record(2001, { line: 'nobody' }),
      record(2002, { to: '+1' }),
      record(2003, { kind: 'attempt', answered: null }),
      record(2004, { durationMs: 0 }),
      '{"v":1,',
    ];
    await ledger.otherEngine().take(deliveryOf(texts, 0, 'mixed'));
    const counts = (await readSourceCounts(db, 'mixed')).map(({ outcome, reason, records: n }) => [outcome, reason, n]);
    expect(Object.fromEntries(counts.map(([outcome, reason, n]) => [`${outcome} ${reason}`.trim(), n]))).toEqual({
      received: 8,
      rated: 3,
      duplicate: 1,
      'not-a-call unanswered': 1,
      'quarantined unknown-line': 1,
      'quarantined not-json': 1,
      'quarantined wrong-length': 1,
    });
    const waiting = await db.query<{ reason: string }>(
      `select reason from quarantine where source in ('mixed', 'ledger') order by reason`,
    );
    expect(waiting.map(({ reason }) => reason)).toEqual(['conflict', 'not-json', 'unknown-line', 'wrong-length']);
  });

  it('settles by a sweep what two workers billed under two accounts, as one worker would have', async () => {
    const [one, other] = [ledger.otherEngine(), ledger.otherEngine()];
    await one.take(deliveryOf([record(3000, { line: 'L1' })], 0, 'sweep-1'));
    await other.take(deliveryOf([record(3000, { line: 'L2', durationMs: 30_000 })], 0, 'sweep-2'));
    await expect(billedCalls(db)).rejects.toThrow('is billed twice');

    expect(await other.sweep([202611, 202612])).toBe(1);
    expect(await one.sweep()).toBe(0);
    expect((await billedCalls(db)).get(JSON.stringify(['sbc', 'c3000', '']))).toMatchObject({
      account: 'A1',
      line: 'L2',
    });
    const [kept] = await db.query<{ state: string; cdr: Buffer }>(
      `select * from quarantine where reason = 'conflict' order by no desc`,
    );
    expect([kept?.state, JSON.parse(String(kept?.cdr)).line]).toEqual(['waiting', 'L1']);
  });

  it('notices a call under two accounts at once, without a sweep, when it rates alone', async () => {
    await ledger.otherEngine().take(deliveryOf([record(3050, { line: 'L1' })], 0, 'alone-1'));
    const alone = ledger.otherEngine(db, { loadsWholePeriods: true });
    await alone.take(deliveryOf([record(3050, { line: 'L2', durationMs: 30_000 })], 0, 'alone-2'));
    expect((await billedCalls(db)).get(JSON.stringify(['sbc', 'c3050', '']))).toMatchObject({ line: 'L2' });
    expect(await alone.sweep()).toBe(0);
  });

  it('rates by itself what came while its line was entered, and settles no other record for it', async () => {
    const engine = ledger.otherEngine();
    const waiting = ['L7', 'L8', '0140000009'].map((line, index) => record(3100 + index, { line }));
    await engine.take(deliveryOf(waiting, 0, 'late'));
    const line = { ...LINES[0]!, id: 'L9', spans: [{ ...LINES[0]!.spans[0]!, number: 33_140_000_009 }] };
    await storeProvisioning(db, { accounts: [], lines: [line] });
    const stale = (): Promise<unknown[]> => db.query('select waits_for from quarantine where is_stale order by no');
    expect(await stale()).toEqual([{ waits_for: '{line:0140000009,line:+33140000009}' }]);

    // Its memory does not know the line when it rates this: it finds out within the transaction.
    const counts = await engine.take(deliveryOf([record(3103, { line: 'L9' })], 0, 'late-again'));
    expect(counts.get('quarantined\tunknown-line')).toBe(1);
    await engine.catchUp();
    expect(await stale()).toEqual([]);
    const calls = await billedCalls(db);
    expect(['c3102', 'c3103'].map((call) => calls.get(JSON.stringify(['sbc', call, '']))?.line)).toEqual(['L9', 'L9']);
  });

  it('judges again the calls of a line that name a party which is entered later', async () => {
    const engine = ledger.otherEngine();
    await engine.take(deliveryOf([record(3200, { line: 'L1', diversions: ['0140000010'] })], 0, 'forwarded'));
    const line = { ...LINES[0]!, id: 'L10', spans: [{ ...LINES[0]!.spans[0]!, number: 33_140_000_010 }] };
    await storeProvisioning(db, { accounts: [], lines: [line] });
    await engine.catchUp();
    const call = (await billedCalls(db)).get(JSON.stringify(['sbc', 'c3200', '']));
    expect(call).toMatchObject({ line: 'L10', coverage: 'metered', reason: 'forwarding' });
  });

  it('loads months of all its buckets at once, where there is room', async () => {
    const engine = ledger.otherEngine(db, { maxBucketMonths: 40 });
    engine.retain(new Set(Array.from({ length: 32 }, (_, bucket) => bucket)));
    const first = deliveryOf([record(3900, { line: 'L1' })], 0, 'neighbours');
    await engine.take(first);
    const loaded = engine.memory.bucketMonths;
    expect([32, 33]).toContain(loaded);
    const earlier = record(3901, { line: 'L1', answered: '2026-10-05T10:00:00.000Z' });
    await engine.take(deliveryOf([earlier], first.to, 'neighbours'));
    expect(engine.memory.bucketMonths).toBe(loaded + 1);
  });

  it('keeps no more months in memory than it is told to, and only those of its buckets', async () => {
    const engine = ledger.otherEngine(db, { maxBucketMonths: 3 });
    let position = 0;
    for (let month = 0; month < 6; month++) {
      const answered = new Date(Date.UTC(2025, month, 15, 12)).toISOString();
      const delivery = deliveryOf([record(3300 + month, { line: 'L1', answered })], position, 'months');
      position = delivery.to;
      await engine.take(delivery);
      expect(engine.memory.bucketMonths).toBeLessThanOrEqual(3);
    }
    expect(engine.memory.lines).toBeGreaterThanOrEqual(LINES.length);
    engine.retain(new Set());
    await engine.catchUp();
    expect(engine.memory.bucketMonths).toBe(0);
  });

  it('bills once a call that is reported under two accounts, the shorter one, whichever came first', async () => {
    const engine = ledger.otherEngine();
    const long = record(3400, { line: 'L1', durationMs: 90_000 });
    const short = record(3400, { line: 'L2', durationMs: 30_000 });
    const other = record(3401, { line: 'L3', durationMs: 30_000 });
    const later = record(3401, { line: 'L4', durationMs: 90_000 });
    let position = 0;
    for (const text of [long, short, other, later]) {
      const delivery = deliveryOf([text], position, 'twice');
      position = delivery.to;
      await engine.take(delivery);
    }
    const calls = await billedCalls(db);
    const lineOf = (call: string): string | undefined => calls.get(JSON.stringify(['sbc', call, '']))?.line;
    expect([lineOf('c3400'), lineOf('c3401')]).toEqual(['L2', 'L3']);
    const kept = await db.query(
      `select source, reason, detail from quarantine where detail ~ 'c340[01]' order by detail`,
    );
    // What was billed until now stands in the ledger, the other at its place in its source.
    expect(kept).toMatchObject([
      { source: 'ledger', reason: 'conflict' },
      { source: 'twice', reason: 'conflict' },
    ]);
    const counts = (await readSourceCounts(db, 'twice')).map(({ outcome, reason, records: n }) => [outcome, reason, n]);
    expect(counts).toEqual([
      ['quarantined', 'conflict', 1],
      ['rated', '', 3],
      ['received', '', 4],
    ]);
  });
});
