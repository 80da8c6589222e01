import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, type ProofFinding, verifyBucket } from '../../ledger/index.ts';
import { DATABASE_KINDS } from '../support/test-database.ts';
import { Ledgers, type LedgerWithSource, recordOf } from './ledger-of-lines.ts';

interface Stretch {
  readonly bucket: number;
  readonly after: bigint;
  readonly up_to: bigint;
}

const STRETCHES = 'select bucket, after, up_to from call_stretch order by bucket, up_to';

function calls(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const answered = new Date(Date.UTC(2026, 10, 3, 10, 0, 0) + (from + index) * 1000).toISOString();
    return recordOf(`c${from + index}`, { answered, to: `+3361234${String((from + index) % 40).padStart(4, '0')}` });
  });
}

async function verified(db: Database): Promise<readonly ProofFinding[]> {
  const [head] = await db.query<{ bucket: number }>('select bucket from head order by position desc limit 1');
  return (await verifyBucket(db, head!.bucket, null)).findings;
}

describe.each(DATABASE_KINDS)('what an engine posts on %s', (kind) => {
  const ledgers = new Ledgers(kind);
  let on: LedgerWithSource;
  beforeAll(async () => {
    on = await ledgers.openWithSource();
  });
  afterAll(() => ledgers.close());

  it('is packed once a bucket has some thousand entries, and whoever starts finds each call in it', async () => {
    await on.source.give(on.engine, ...calls(0, 1500));
    expect(await on.db.query(STRETCHES)).toEqual([]);
    await on.source.give(on.engine, ...calls(1500, 1000));
    const [stretch] = await on.db.query<Stretch>(STRETCHES);
    expect(stretch).toMatchObject({ after: 0n, up_to: 2500n });
    await on.source.give(on.engine, ...calls(2500, 300));
    expect(await verified(on.db)).toEqual([]);
    const next = on.ledger.otherEngine();
    await on.source.give(next, ...calls(2400, 300), ...calls(2800, 5));
    expect(await on.source.counts()).toEqual({ received: 3105, rated: 2805, duplicate: 300 });
    // The one before comes back, and finds what the other posted.
    await on.source.give(on.engine, ...calls(2700, 110));
    expect(await on.source.counts()).toEqual({ received: 3215, rated: 2810, duplicate: 405 });
  });

  it('is packed later where the process ended before, or two took turns', async () => {
    const { engine, other, source } = { engine: on.engine, other: on.ledger.otherEngine(), source: on.source };
    for (let from = 3_000; from < 7_000; from += 500) {
      await source.give(from % 1000 === 0 ? engine : other, ...calls(from, 500));
    }
    const before = await on.db.query<Stretch>(STRETCHES);
    await on.ledger.otherEngine().catchUp();
    const after = await on.db.query<Stretch>(STRETCHES);
    expect(after.length).toBeGreaterThan(before.length);
    const packed = after.reduce((sum, each) => sum + Number(each.up_to - each.after), 0);
    expect(packed).toBe(6_810);
    expect(await verified(on.db)).toEqual([]);
    await source.give(on.ledger.otherEngine(), ...calls(0, 7_001));
    expect(await source.counts()).toEqual({ received: 14_216, rated: 7_001, duplicate: 7_215 });
  });
});
