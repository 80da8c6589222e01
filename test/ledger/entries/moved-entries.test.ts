import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDefaultOffer } from '../../../bin/set-up-ledger.ts';
import { type Database, type FeedStretch, type MovedEntry, entriesBetween } from '../../../ledger/index.ts';
import { BARBADOS, PARIS, call, deckOf, lineOf } from '../../services/small-ledger.ts';
import { LedgerUnderTest, plan } from '../../support/ledger-under-test.ts';
import { DATABASE_KINDS, openTestDatabase } from '../../support/test-database.ts';

describe.each(DATABASE_KINDS)('the entries that others posted, on %s', (kind) => {
  let db: Database;
  let stretches: FeedStretch[];

  beforeAll(async () => {
    db = await openTestDatabase(kind);
    const ledger = await LedgerUnderTest.on(db, [readDefaultOffer(plan)], deckOf('first'));
    await ledger.provision([lineOf('L1'), lineOf('L2'), lineOf('L3')]);
    const numbers = Array.from({ length: 260 }, (_, nth) => `+336123${String(45_000 + nth)}`);
    await ledger.deliver(numbers.map((number, nth) => call(`many-${nth}`, number)));
    await ledger.deliver([
      call('other', PARIS, '2026-10-05T10:00:00Z', 'L2'),
      call('free', '112', '2026-10-05T11:00:00Z', 'L3'),
      call('said', BARBADOS, '2026-10-05T12:00:00Z', 'L3'),
    ]);
    // The same call, said once more with another number: what was measured by it is measured anew.
    await ledger.deliver([corrected('said', PARIS)]);
    stretches = await db.query<FeedStretch>(
      `select bucket, 0 as after, position::float8 as "upTo" from head where position > 0 order by bucket`,
    );
  });
  afterAll(() => db.close());

  it('are what a plain question says of them, in the order of their positions', async () => {
    const all = await taken(db, stretches);
    expect(all).toEqual(await plainly(db));
    expect(all.filter(({ changesMeasures }) => changesMeasures).length).toBeGreaterThan(0);
    expect(all.filter(({ revision, changesMeasures }) => revision > 0 && !changesMeasures).length).toBeGreaterThan(0);
    expect(new Set(all.map(({ isFree }) => isFree))).toEqual(new Set([true, false]));
  });

  it('are those of the stretches alone', async () => {
    const [first] = stretches.toSorted((a, b) => b.upTo - a.upTo);
    const some = [{ ...first!, after: 3, upTo: 7 }];
    const all = (await plainly(db)).filter(({ bucket }) => bucket === first!.bucket);
    expect(await taken(db, some)).toEqual(all.slice(3, 7));
    expect(await taken(db, [])).toEqual([]);
    expect(await taken(db, [{ ...first!, after: 5, upTo: 5 }])).toEqual([]);
  });

  it('break where the feed lacks a position', async () => {
    const [first] = stretches;
    await expect(taken(db, [{ ...first!, upTo: first!.upTo + 1 }])).rejects.toThrow(
      `Cannot follow bucket '${first!.bucket}': there is no position '${first!.upTo + 1}'`,
    );
  });
});

function corrected(id: string, to: string): string {
  return JSON.stringify({
    ...(JSON.parse(call(id, to, '2026-10-05T12:00:00Z', 'L3')) as object),
    revision: 1,
  });
}

async function taken(db: Database, stretches: readonly FeedStretch[]): Promise<MovedEntry[]> {
  const next = await entriesBetween(db, stretches);
  const all: MovedEntry[] = [];
  for (let entry = next(); entry !== null; entry = next()) all.push({ ...entry });
  return all;
}

/** One row an entry, as the database's driver gives it. */
async function plainly(db: Database): Promise<MovedEntry[]> {
  const rows = await db.query<Omit<MovedEntry, 'identityHigh' | 'identityLow'> & { identity: bigint }>(
    `select e.bucket, e.account, e.line, e.period, e.identity, e.revision, e.started_at as "startedAt",
            e.duration_ms as "durationMs", e.called::float8 as called, e.coverage is not distinct from 'f' as "isFree",
            coalesce(e.offer, 0) as offer, e.flags,
            e.revision > 0 and (e.kind <> 'r' or b.revision is null
              or (b.called, b.flags, b.offer, b.coverage = 'f')
                 is distinct from (e.called, e.flags, e.offer, e.coverage = 'f')) as "changesMeasures"
     from entry e left join entry b on e.revision > 0 and b.period = e.period and b.bucket = e.bucket
       and b.account = e.account and b.identity = e.identity and b.revision = e.revision - 1
     order by e.bucket, e.position`,
  );
  return rows.map(({ identity, ...row }) => ({
    ...row,
    identityHigh: Number(BigInt.asIntN(32, identity >> 32n)),
    identityLow: Number(BigInt.asIntN(32, identity)),
  }));
}
