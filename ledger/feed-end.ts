import { BUCKET_COUNT, type EntryKind } from '../rater/index.ts';
import type { Queryable } from './database.ts';
import { KIND_LETTERS, kindOf } from './entry-columns.ts';
import type { FeedFilter } from './usage-feed.ts';

/** Where the feed ends, as of an instant: everything up to there is committed. */
export interface FeedEnd {
  /** The id of the life that the ledger is in. */
  readonly life: string;
  /** By bucket, all 64: the position of its last entry; 0 where it has none. */
  readonly positions: readonly number[];
  /** ms since the epoch, by the database's clock. */
  readonly asOf: number;
}

/** Where the feed ends now. One statement, so that the life and the positions belong together. */
export async function feedEnd(q: Queryable): Promise<FeedEnd> {
  const rows = await q.query<{ bucket: number; position: number; life: string; asOf: number }>(
    `select h.bucket, h.position::float8 as position, (extract(epoch from now()) * 1000)::float8 as "asOf",
            (select id::text from ledger_life order by no desc limit 1) as life
     from head h`,
  );
  const [first] = rows;
  if (first === undefined) throw new Error('Cannot read the feed: the ledger has no heads');
  const positions = Array.from({ length: BUCKET_COUNT }, () => 0);
  for (const { bucket, position } of rows) positions[bucket] = position;
  return { life: first.life, positions, asOf: Math.floor(first.asOf) };
}

/** What entries of one kind come to, in one currency. */
export interface KindTotal {
  readonly kind: EntryKind;
  readonly currency: string;
  readonly entries: number;
  readonly billedSeconds: number;
  /** Micros: the sum of what the entries add to charges. */
  readonly charge: number;
}

/** Entries after some positions, up to others, by kind and currency. Both have all 64 buckets. */
export async function feedTotals(
  q: Queryable,
  after: readonly number[],
  upTo: readonly number[],
  filter: FeedFilter,
): Promise<KindTotal[]> {
  const rows = await q.query<Omit<KindTotal, 'kind'> & { kind: string }>(
    `select e.kind, d.currency, count(*)::float8 as entries, sum(e.billed_seconds)::float8 as "billedSeconds",
            sum(e.charge)::float8 as charge
     from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as s (bucket, after, up_to)
     join entry e on e.bucket = s.bucket and e.position > s.after and e.position <= s.up_to
     join rate_deck d on d.no = e.rate_deck
     where ($4::int is null or e.account = $4) and ($5::int is null or e.line = $5)
       and ($6::int is null or e.period = $6) and ($7::int is null or e.billed_period = $7)
       and ($8::int is null or e.destination = $8) and ($9::text is null or e.kind::text = $9)
     group by e.kind, d.currency order by d.currency, e.kind`,
    [
      after.map((_, bucket) => bucket),
      [...after],
      [...upTo],
      filter.account ?? null,
      filter.line ?? null,
      filter.period ?? null,
      filter.billedPeriod ?? null,
      filter.destination ?? null,
      filter.kind === undefined ? null : KIND_LETTERS[filter.kind],
    ],
  );
  return rows.map(({ kind, ...row }) => ({ kind: kindOf(kind), ...row }));
}
