import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDefaultOffer } from '../../../bin/set-up-ledger.ts';
import type { Database } from '../../../ledger/index.ts';
import { LedgerUnderTest, plan } from '../../support/ledger-under-test.ts';
import { DATABASE_KINDS, openTestDatabase } from '../../support/test-database.ts';
import { BARBADOS, call, deckOf, lineOf } from '../small-ledger.ts';
import { linesOf, plainLines, streamed } from './plain-feed.ts';

/** More than the names that are taken in at once, and than the positions of a part. */
const LINES = 4_500;
const CALLS_OF_ONE = 24_000;
const CALLED_EACH = 20;

describe.each(DATABASE_KINDS)('the feed of many lines, one of which has more than a part, on %s', (kind) => {
  let db: Database;

  beforeAll(async () => {
    db = await openTestDatabase(kind);
    const ledger = await LedgerUnderTest.on(db, [readDefaultOffer(plan)], deckOf('first'));
    const ids = Array.from({ length: LINES }, (_, nth) => `L${nth}`);
    await ledger.provision(ids.map((id) => lineOf(id)));
    await ledger.deliver(
      ids.filter((_, nth) => nth % CALLED_EACH === 0).map((id) => call(`of-${id}`, BARBADOS, undefined, id)),
    );
    const much = Array.from({ length: CALLS_OF_ONE }, (_, nth) => call(`much-${nth}`, BARBADOS, undefined, 'L7'));
    await ledger.deliver(much);
  }, 120_000);
  afterAll(() => db.close());

  it('names each line rightly, by questions about many lines at once', async () => {
    const asked: string[] = [];
    const query: Database['query'] = (sql, params) => {
      if (sql.includes('generate_series')) asked.push((params ?? []).join(' to '));
      return db.query(sql, params);
    };
    const { pieces } = await streamed({ ...db, query }, null);
    const lines = await plainLines(db);
    expect(lines.length).toBeGreaterThan(CALLS_OF_ONE);
    expect(linesOf(pieces)).toEqual(lines);
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.length).toBeLessThan(5);
  });

  it('reads what is more than a part in parts of one size, and each position once', async () => {
    const parts: { readonly bucket: number; readonly after: number; readonly upTo: number }[] = [];
    const copyOut: Database['copyOut'] = (sql) => {
      const [, bucket, after, upTo] = /bucket = (\d+) and position > (\d+) and position <= (\d+)/.exec(sql) ?? [];
      if (bucket !== undefined) parts.push({ bucket: Number(bucket), after: Number(after), upTo: Number(upTo) });
      return db.copyOut(sql);
    };
    await streamed({ ...db, copyOut }, null);
    const [much] = parts.filter(({ upTo }) => upTo > CALLS_OF_ONE / 4);
    const ofIt = parts.filter(({ bucket }) => bucket === much?.bucket);
    // What comes last is read with what other buckets have.
    expect(ofIt.length).toBe(2);
    expect(ofIt.map(({ after }) => after)).toEqual([0, ofIt[0]!.upTo]);
    for (const { after, upTo } of ofIt) expect(Math.abs(upTo - after - CALLS_OF_ONE / 3)).toBeLessThan(10);
  });
});
