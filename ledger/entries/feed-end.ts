import { BUCKET_COUNT, type EntryKind } from '../../rater/index.ts';
import type { Queryable } from '../database/database.ts';
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

/** Between which positions, each by bucket, all 64. */
export interface FeedBetween {
  readonly after: readonly number[];
  readonly upTo: readonly number[];
}

/** Entries after some positions, up to others, by kind and currency. */
export async function feedTotals(q: Queryable, between: FeedBetween, filter: FeedFilter): Promise<KindTotal[]> {
  const rows = await q.query<Omit<KindTotal, 'kind'> & { kind: string }>(
    `select e.kind, d.currency, ${SUMS} ${FROM} ${WHERE} group by e.kind, d.currency order by d.currency, e.kind`,
    parametersOf(between, filter),
  );
  return rows.map(({ kind, ...row }) => ({ kind: kindOf(kind), ...row }));
}

/** By what totals can be told apart: the civil day of the call's start, its line, its destination. */
export type TotalsGroup = 'day' | 'line' | 'destination';

/** What entries of one group come to, in one currency. */
export interface GroupTotal extends Omit<KindTotal, 'kind'> {
  /** A day `2026-11-03`, the id of a line, or the name of a destination. */
  readonly group: string;
}

const GROUPS: Readonly<Record<TotalsGroup, { readonly column: string; readonly join: string }>> = {
  day: { column: '(e.started_at at time zone $10)::date::text', join: '' },
  line: { column: 'l.id', join: 'join line l on l.no = e.line' },
  destination: { column: 't.name', join: 'join destination t on t.no = e.destination' },
};

/** The same by group, in the order of its name. @param timeZone in which days begin */
export async function feedTotalsBy(
  q: Queryable,
  between: FeedBetween,
  filter: FeedFilter,
  by: TotalsGroup,
  timeZone: string,
): Promise<GroupTotal[]> {
  const { column, join } = GROUPS[by];
  return q.query<GroupTotal>(
    `select ${column} as "group", d.currency, ${SUMS} ${FROM} ${join} ${WHERE}
     group by 1, d.currency order by 1, d.currency`,
    [...parametersOf(between, filter), ...(by === 'day' ? [timeZone] : [])],
  );
}

const SUMS = `count(*)::float8 as entries, sum(e.billed_seconds)::float8 as "billedSeconds",
  sum(e.charge)::float8 as charge`;

const FROM = `from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as s (bucket, after, up_to)
  join entry e on e.bucket = s.bucket and e.position > s.after and e.position <= s.up_to
  join rate_deck d on d.no = e.rate_deck`;

const WHERE = `where ($4::int is null or e.account = $4) and ($5::int is null or e.line = $5)
    and ($6::int is null or e.period = $6) and ($7::int is null or e.billed_period = $7)
    and ($8::int is null or e.destination = $8) and ($9::text is null or e.kind::text = $9)`;

function parametersOf({ after, upTo }: FeedBetween, filter: FeedFilter) {
  return [
    after.map((_, bucket) => bucket),
    [...after],
    [...upTo],
    filter.account ?? null,
    filter.line ?? null,
    filter.period ?? null,
    filter.billedPeriod ?? null,
    filter.destination ?? null,
    filter.kind === undefined ? null : KIND_LETTERS[filter.kind],
  ];
}
