import { BUCKET_COUNT, type Coverage, compareText } from '../../rater/index.ts';
import type { Database, Queryable } from '../database/database.ts';
import { coverageOf } from '../entries/entry-columns.ts';

/** Calls of one coverage. Money in micros of the decks' currency. */
export interface CoverageTotal {
  readonly coverage: Coverage;
  readonly calls: number;
  readonly billedSeconds: number;
  /** What the calls cost: 0 unless metered. */
  readonly charge: number;
  /** What they cost by the minute, whatever their coverage. */
  readonly meteredPrice: number;
}

export interface DestinationTotal extends CoverageTotal {
  readonly destination: string;
}

/** What a period comes to. */
export interface MonthTotals {
  /** By destination and coverage, dearest first; a reversed call is in none. */
  readonly destinations: readonly DestinationTotal[];
  /** Micros: the sum of all entries of the period's calls. It is the charge of the totals, by another way. */
  readonly postedCharge: number;
}

/** Sums by destination and coverage, as of positions of the feed. Never changed once they are kept. */
interface KeptSums {
  readonly life: string;
  /** Of each bucket. */
  readonly upTo: readonly number[];
  readonly sums: ReadonlyMap<string, Sum>;
}

interface Sum {
  /** The ledger's number of the destination. */
  readonly no: number;
  /** As the ledger writes it; `null`: of entries that take back all of a call. */
  readonly coverage: string | null;
  readonly calls: number;
  readonly billedSeconds: number;
  readonly meteredPrice: number;
  readonly charge: number;
}

/** More than anybody looks at in turn: each has some hundred sums. */
const MOST_KEPT = 24;
const keptByLedger = new WeakMap<Database, Map<number, KeptSums>>();

/**
 * What a period comes to now. The first time in a process this passes over all of its entries; then only over those
 * that were posted since.
 */
export async function monthTotals(db: Database, period: number): Promise<MonthTotals> {
  const kept = keptByLedger.get(db) ?? new Map<number, KeptSums>();
  keptByLedger.set(db, kept);
  const before = kept.get(period);
  const since = before === undefined ? null : await sumsSince(db, period, before);
  const now = since ?? (await sumsOfAll(db, period));
  // The one looked at longest ago goes first.
  kept.delete(period);
  kept.set(period, now);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return totalsOf(db, now);
}

/** Where the period's entries end in each bucket, of the same snapshot as what stands beside it. */
const END = `
  (select (select id::text from ledger_life order by no desc limit 1) as life,
          (select json_object_agg(b.no, b.position)
           from (select no, (select max(position) from entry where period = $1 and bucket = no) as position
                 from generate_series(0, ${BUCKET_COUNT - 1}) as bucket (no)) as b
           where b.position is not null) as ends) as feed`;

const SUMS = `count(*) as calls, sum(billed_seconds)::bigint as billed_seconds,
  sum(metered_price)::bigint as metered_price, sum(charge)::bigint as charge`;

/** As `SUMS`, of entries that others correct: they count no more, but what entries charge adds up. */
const CORRECTED_SUMS = `-count(*) as calls, -sum(e.billed_seconds)::bigint, -sum(e.metered_price)::bigint, 0::bigint`;

const CORRECTED = `
  join entry e on e.period = $1 and e.bucket = c.bucket and e.account = c.account and e.identity = c.identity
              and e.revision = c.revision - 1`;

/** Each half is added up by itself: only so does PostgreSQL let all processors share the pass. */
const ALL = `
  select feed.life, feed.ends, s.*
  from ${END} left join (
    (select destination, coverage, ${SUMS} from entry where period = $1 group by destination, coverage)
    union all
    (select e.destination, e.coverage, ${CORRECTED_SUMS}
     from entry c ${CORRECTED} where c.period = $1 and c.revision > 0 group by e.destination, e.coverage)
  ) as s on true`;

/**
 * What was posted after positions ($2: buckets, $3: positions). Each bucket by itself (`offset 0`), by its index: taken
 * for a third of all entries, as the planner does, they would be sought among all.
 */
const SINCE = `
  with posted as materialized (
    select e.*
    from unnest($2::smallint[], $3::bigint[]) as after (bucket, position)
    cross join lateral (
      select bucket, account, identity, revision, destination, coverage, billed_seconds, metered_price, charge
      from entry where period = $1 and bucket = after.bucket and position > after.position
      offset 0
    ) as e
  )
  select feed.life, feed.ends, s.*
  from ${END} left join (
    (select destination, coverage, ${SUMS} from posted group by destination, coverage)
    union all
    (select e.destination, e.coverage, ${CORRECTED_SUMS}
     from posted c ${CORRECTED} where c.revision > 0 group by e.destination, e.coverage)
  ) as s on true`;

/** What a period comes to now by all of its entries, whatever was kept of it: one pass over them. */
export async function wholeMonthTotals(q: Queryable, period: number): Promise<MonthTotals> {
  return totalsOf(q, await sumsOfAll(q, period));
}

async function sumsOfAll(q: Queryable, period: number): Promise<KeptSums> {
  return addedUp(await q.query<SumRow>(ALL, [period]), []);
}

/** `null`: the ledger is another than it was, such as a copy that was restored in its place. */
async function sumsSince(q: Queryable, period: number, before: KeptSums): Promise<KeptSums | null> {
  const rows = await q.query<SumRow>(SINCE, [period, [...before.upTo.keys()], before.upTo]);
  const now = addedUp(rows, [...before.sums.values()]);
  const isSame = now.life === before.life && now.upTo.every((position, bucket) => position >= before.upTo[bucket]!);
  return isSame ? now : null;
}

function addedUp(rows: readonly SumRow[], before: readonly Sum[]): KeptSums {
  const [first] = rows;
  if (first === undefined) throw new Error('Cannot add up a month: the ledger said nothing');
  const ends = first.ends ?? {};
  const sums = new Map<string, Sum>();
  const add = (sum: Sum): void => {
    const key = `${sum.no} ${sum.coverage ?? ''}`;
    const own = sums.get(key);
    sums.set(key, own === undefined ? sum : bothOf(own, sum));
  };
  before.forEach(add);
  for (const row of rows) if (row.destination !== null) add(toSum(row, row.destination));
  return {
    life: first.life,
    upTo: Array.from({ length: BUCKET_COUNT }, (_, bucket) => ends[bucket] ?? 0),
    sums,
  };
}

function bothOf(one: Sum, other: Sum): Sum {
  return {
    no: one.no,
    coverage: one.coverage,
    calls: one.calls + other.calls,
    billedSeconds: one.billedSeconds + other.billedSeconds,
    meteredPrice: one.meteredPrice + other.meteredPrice,
    charge: one.charge + other.charge,
  };
}

async function totalsOf(q: Queryable, { sums }: KeptSums): Promise<MonthTotals> {
  const all = [...sums.values()];
  const numbers = [...new Set(all.map(({ no }) => no))];
  const sql = 'select no, name from destination where no = any($1::int[])';
  const named = numbers.length === 0 ? [] : await q.query<{ no: number; name: string }>(sql, [numbers]);
  const names = new Map(named.map(({ no, name }) => [no, name]));
  return {
    destinations: all
      .flatMap(({ no, coverage, calls, billedSeconds, meteredPrice }): DestinationTotal[] => {
        if (coverage === null || calls <= 0) return [];
        const of = coverageOf(coverage);
        // A call's entries add up to its metered price when it is metered, else to nothing.
        const charge = of === 'metered' ? meteredPrice : 0;
        return [{ destination: names.get(no) ?? '', coverage: of, calls, billedSeconds, charge, meteredPrice }];
      })
      .toSorted(
        (a, b) =>
          b.meteredPrice - a.meteredPrice ||
          compareText(a.destination, b.destination) ||
          compareText(a.coverage, b.coverage),
      ),
    postedCharge: all.reduce((sum, { charge }) => sum + charge, 0),
  };
}

function toSum(row: SumRow, no: number): Sum {
  return {
    no,
    coverage: row.coverage,
    calls: Number(row.calls),
    billedSeconds: Number(row.billed_seconds),
    meteredPrice: Number(row.metered_price),
    charge: Number(row.charge),
  };
}

interface SumRow {
  readonly life: string;
  readonly ends: Readonly<Record<number, number>> | null;
  /** `null`: nothing was found. */
  readonly destination: number | null;
  readonly coverage: string | null;
  readonly calls: bigint;
  readonly billed_seconds: bigint;
  readonly metered_price: bigint;
  readonly charge: bigint;
}
