import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKET_COUNT, type Entry } from '../../rater/index.ts';
import {
  CallRuns,
  type Database,
  type KeptCall,
  type PackedBlock,
  ENTRY_COPY_STATEMENT,
  EntryCopyBuffer,
  addStretches,
  ensurePeriod,
  findCallId,
  packGap,
  unpackedGaps,
  verifyBucket,
  verifyStrays,
  visitMonth,
} from '../../ledger/index.ts';
import { testEntry } from '../support/entries.ts';
import { numbersFrom, packSomewhere } from '../support/pack-somewhere.ts';
import { runsOf } from '../support/runs.ts';
import { DATABASE_KINDS, type DatabaseKind, openTestDatabase } from '../support/test-database.ts';

const MONTHS = [202610, 202611, 202612];
/** Each is 150 entries of all sorts, read up to 18 sets of positions. */
const HISTORIES = { pglite: runsOf(1), postgres: runsOf(5) };

/** What a month says: its calls and its identities, each as a text, in order. */
async function readMonth(db: Database, period: number, at: ReadonlyMap<number, number>): Promise<string[]> {
  const told: string[] = [];
  await visitMonth(db, period, at, {
    visit: (call) => told.push(JSON.stringify(call)),
    visitIdentities: ({ accounts, highs, lows, count }) => {
      for (let i = 0; i < count; i++) told.push(`identity ${accounts[i]} ${highs[i]} ${lows[i]}`);
    },
  });
  return told.toSorted();
}

/**
 * The same, where calls that are packed stay so until their line is asked for: what a month is built from, line by
 * line, and each identity.
 */
async function readLineByLine(db: Database, period: number, at: ReadonlyMap<number, number>): Promise<string[]> {
  const told: string[] = [];
  const blocks: PackedBlock[] = [];
  const visit = ({ line, startedAt, durationMs, called, isFree, offer, flags }: KeptCall): void => {
    told.push(JSON.stringify({ line, startedAt, durationMs, called, isFree, offer, flags }));
  };
  await visitMonth(db, period, at, {
    visit,
    visitIdentities: ({ accounts, highs, lows, count }) => {
      for (let i = 0; i < count; i++) told.push(`identity ${accounts[i]} ${highs[i]} ${lows[i]}`);
    },
    keep: (_bucket, block) => blocks.push(block),
  });
  for (const block of blocks) {
    let visited = 0;
    for (const line of new Set(block.lines())) visited += block.visitLine(line, visit);
    expect(visited).toBe(block.count);
    expect(block.visitLine(999_999, visit)).toBe(0);
  }
  return told.toSorted();
}

/** What `read` says by the entries alone. */
async function readEntries(
  db: Database,
  period: number,
  at: ReadonlyMap<number, number>,
  read = readMonth,
): Promise<string[]> {
  await db.exec('alter table call_stretch rename to call_stretch_kept');
  await db.exec('create table call_stretch (like call_stretch_kept including all)');
  try {
    return await read(db, period, at);
  } finally {
    await db.exec('drop table call_stretch; alter table call_stretch_kept rename to call_stretch');
  }
}

function bytes(length: number): string {
  return `decode(repeat('00', ${length}), 'hex')`;
}

/** Calls, corrections, reversals and calls rated again after a reversal, of all sorts that there are. */
function historyOf(random: (limit: number) => number, entries: number, buckets: readonly number[]): Entry[] {
  const made: Entry[] = [];
  const heads = new Map<number, number>();
  const calls: Entry[] = [];
  for (let index = 0; index < entries; index++) {
    const before = calls.length > 0 && random(4) === 0 ? calls[random(calls.length)]! : null;
    const bucket = before?.bucket ?? buckets[random(buckets.length)]!;
    const position = (heads.get(bucket) ?? 0) + 1;
    heads.set(bucket, position);
    const period = before?.period ?? MONTHS[random(MONTHS.length)]!;
    const common = {
      bucket,
      position,
      period,
      account: before?.account ?? bucket * 10 + random(3),
      line: bucket * 100 + random(6),
      identityHigh: before?.identityHigh ?? random(2 ** 32) - 2 ** 31,
      identityLow: before?.identityLow ?? random(2 ** 32) - 2 ** 31,
      startedAt: Date.UTC(Math.floor(period / 100), (period % 100) - 1, 1, -1) + random(2_592_000_000),
      durationMs: random(10_000_000),
      called: random(3) === 0 ? 112 : 33_600_000_000 + random(1e9) + random(2) * 900_000_000_000_000,
      charge: 0,
      flags: random(65_536) - 32_768,
      offer: random(3) === 0 ? null : random(16_384),
    };
    const revision = before === null ? 0 : before.revision + 1;
    const entry = testEntry(
      before === null
        ? { ...common, coverage: (['included', 'metered', 'free'] as const)[random(3)]! }
        : random(3) === 0
          ? { ...common, kind: 'reversal', revision, coverage: null, coverageBefore: 'metered' }
          : random(2) === 0
            ? { ...common, revision }
            : { ...common, kind: 'rerate', revision, coverage: 'free', coverageBefore: 'metered' },
    );
    made.push(entry);
    if (before !== null) calls.splice(calls.indexOf(before), 1);
    calls.push(entry);
  }
  return made;
}

/** Posts entries in transactions of random sizes, as a batch does, the writer's runs with them. */
async function post(
  db: Database,
  entries: readonly Entry[],
  random: (limit: number) => number,
  fullRun: number,
): Promise<void> {
  for (const { period } of entries) await ensurePeriod(db, period);
  const buckets = [...new Set(entries.map(({ bucket }) => bucket))];
  const buffer = new EntryCopyBuffer();
  let runs = new CallRuns(fullRun);
  for (let from = 0; from < entries.length;) {
    const some = entries.slice(from, from + 1 + random(20));
    // One batch in five fails: the next has its entries again.
    const fails = random(5) === 0;
    const failure = new Error('the batch failed');
    for (const entry of some) buffer.append(entry);
    const next = new Map(
      buckets.map((bucket) => [bucket, some.find((entry) => entry.bucket === bucket)?.position ?? 0]),
    );
    runs.begin();
    const copy = buffer.takeInOrder((bucket) => {
      const position = next.get(bucket)!;
      next.set(bucket, position + 1);
      return position;
    });
    runs.add(copy);
    const done = db.transaction(async (tx) => {
      await tx.copyIn(ENTRY_COPY_STATEMENT, copy.bytes);
      await addStretches(tx, runs.full());
      await tx.query(
        `update head set position = coalesce((select max(position) from entry e where e.bucket = head.bucket), 0)
         where bucket = any($1::smallint[])`,
        [buckets],
      );
      if (fails) throw failure;
    });
    if (fails) {
      const why: unknown = await done.then(
        () => null,
        (error: unknown) => error,
      );
      if (why !== failure) throw why;
      continue;
    }
    await done;
    runs.confirm();
    from += some.length;
    // The process ends, and another goes on; or another posted what comes next.
    if (random(15) === 0) runs = new CallRuns(fullRun);
  }
}

/**
 * Of a made-up history, in a ledger of its own: stretches, however much of them is packed, say what entries say.
 * Returns how often they were compared.
 */
async function compareWithEntries(kind: DatabaseKind, history: number): Promise<number> {
  let compared = 0;
  const db = await openTestDatabase(kind);
  try {
    const random = numbersFrom(history);
    const first = (2 * history) % BUCKET_COUNT;
    const buckets = [first, first + 1];
    const entries = historyOf(random, 150, buckets);
    await post(db, entries, random, 1 + random(12));
    const [written] = await db.query<{ count: bigint }>('select count(*) as count from call_stretch');
    expect(written?.count).toBeGreaterThan(0n);
    for (let times = 0; times < 3; times++) {
      for (const period of MONTHS) {
        const at = new Map(buckets.map((bucket) => [bucket, random(2) === 0 ? random(100) : 1_000]));
        const where = { history, period };
        expect({ ...where, told: await readMonth(db, period, at) }).toEqual({
          ...where,
          told: await readEntries(db, period, at),
        });
        expect({ ...where, told: await readLineByLine(db, period, at) }).toEqual({
          ...where,
          told: await readEntries(db, period, at, readLineByLine),
        });
        compared += 2;
      }
      await packSomewhere(db, random);
    }
    return compared;
  } finally {
    await db.close();
  }
}

describe.each(DATABASE_KINDS)('stretches of calls on %s', (kind) => {
  let db: Database;
  beforeAll(async () => {
    db = await openTestDatabase(kind);
  });
  afterAll(() => db.close());
  it('say of every month what its entries say, whatever is packed of it, up to any positions', async () => {
    let compared = 0;
    for (let history = 1; history <= HISTORIES[kind]; history++) compared += await compareWithEntries(kind, history);
    expect(compared).toBe(HISTORIES[kind] * 18);
  }, 600_000);

  it('leave no gap once each was packed, but where entries do not fit', async () => {
    const random = numbersFrom(99);
    const bucket = 40;
    // One in the middle has an offer for which 14 bits have no room.
    const entries = historyOf(random, 60, [bucket]).map((entry, index) =>
      index === 20 ? { ...entry, account: 400, offer: 16_384 } : { ...entry, account: 400 },
    );
    const unfit = entries[20]!;
    await post(db, entries, random, 4);
    const at = new Map([[bucket, entries.length]]);
    await db.query('delete from call_stretch where bucket = $1', [bucket]);
    const before = await readMonth(db, unfit.period, at);
    await db.transaction((tx) => packGap(tx, { bucket, after: 0, upTo: entries.length }));
    const stretches = await db.query<{ after: bigint; up_to: bigint }>(
      'select after, up_to from call_stretch where bucket = $1 order by after',
      [bucket],
    );
    expect(stretches).toEqual([
      { after: 0n, up_to: BigInt(unfit.position - 1) },
      { after: BigInt(unfit.position), up_to: BigInt(entries.length) },
    ]);
    const gaps = (await unpackedGaps(db)).filter((gap) => gap.bucket === bucket);
    expect(gaps).toEqual([{ bucket, after: unfit.position - 1, upTo: unfit.position }]);
    expect(await readMonth(db, unfit.period, at)).toEqual(before);
  });

  it('are refused by the database where they are not of the length of their positions', async () => {
    await db.transaction((tx) =>
      tx.exec(
        `insert into call_stretch select 50, 0, 2, 202611, 202611, decode(repeat('00', 72), 'hex'), null, decode(repeat('00', 8), 'hex')`,
      ),
    );
    for (const [column, hex] of [
      ['calls', 71],
      ['call_hashes', 9],
      ['corrections', 35],
    ] as const) {
      const values = { calls: 72, corrections: 36, call_hashes: 8, [column]: hex };
      await expect(
        db.exec(`insert into call_stretch select 50, 2, 4, 202611, 202611, ${bytes(values.calls)},
          ${bytes(values.corrections)}, ${bytes(values.call_hashes)}`),
      ).rejects.toMatchObject({ sqlState: '23514' });
    }
  });

  it('are held against their entries by verifying: what they hold, their months, and how far they reach', async () => {
    const random = numbersFrom(7);
    const bucket = 41;
    await post(db, historyOf(random, 80, [bucket]), random, 5);
    await packSomewhere(db, random);
    const changed = async (): Promise<number[]> => {
      const { findings } = await verifyBucket(db, bucket, null);
      const strays = (await verifyStrays(db)).filter((finding) => finding.bucket === bucket);
      return [...findings, ...strays].filter(({ fault }) => fault === 'stretch-changed').map(({ upTo }) => upTo);
    };
    expect(await changed()).toEqual([]);
    const stretches = await db.query<{ up_to: bigint }>(
      'select up_to from call_stretch where bucket = $1 and corrections is not null order by up_to limit 5',
      [bucket],
    );
    const lies = [
      'calls = set_byte(calls, 20, (get_byte(calls, 20) + 1) % 256)',
      'call_hashes = set_byte(call_hashes, 1, (get_byte(call_hashes, 1) + 1) % 256)',
      'corrections = null',
      'first_period = first_period - 1',
      'up_to = up_to + 1000, calls = calls || decode(repeat($$00$$, 36000), $$hex$$), call_hashes = call_hashes || decode(repeat($$00$$, 4000), $$hex$$)',
    ];
    expect(stretches).toHaveLength(lies.length);
    await db.exec('alter table call_stretch disable trigger all');
    for (const [index, lie] of lies.entries()) {
      await db.exec(`update call_stretch set ${lie} where bucket = ${bucket} and up_to = ${stretches[index]!.up_to}`);
    }
    const wanted = stretches.map(({ up_to: upTo }, index) => Number(upTo) + (index === 4 ? 1000 : 0));
    expect((await changed()).toSorted((a, b) => a - b)).toEqual(wanted);
  });

  it('say where a call is of which only the id is known, however its record writes it', async () => {
    const bucket = 42;
    const ids = ['plain', 'with "quotes"', 'écrit', '', 'a'.repeat(300), 'plain'];
    const shapes = [
      (call: string) => JSON.stringify({ v: 1, switch: 's', call }),
      (call: string) => JSON.stringify({ call, v: 1, switch: 's', leg: 'plain' }),
      (call: string) => `{ "v":1, "switch":"s \\"x", "call":${JSON.stringify(call)}}`,
    ];
    const records = ids.flatMap((id) => shapes.map((shape) => Buffer.from(shape(id))));
    const entries = records.map((record, index) =>
      testEntry({ bucket, position: index + 1, identityLow: index, charge: 0, record, recordEnd: record.length }),
    );
    await post(db, entries, numbersFrom(1), 1_000);
    const search = (id: string) => findCallId(db, id).then((found) => found.filter((each) => each.bucket === bucket));
    const before = await Promise.all(ids.map(search));
    await db.transaction((tx) => packGap(tx, { bucket, after: 0, upTo: 10 }));
    expect(await Promise.all(ids.map(search))).toEqual(before);
    await db.transaction((tx) => packGap(tx, { bucket, after: 10, upTo: entries.length }));
    expect(await Promise.all(ids.map(search))).toEqual(before);
    expect(before.map((found) => found.length)).toEqual([6, 3, 3, 3, 3, 6]);
    expect(await search('nobody')).toEqual([]);
  });
});
