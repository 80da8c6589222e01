import type { Coverage } from '../../rater/index.ts';
import type { Queryable } from '../database/database.ts';
import { type ColumnName, coverageOf, type EntryRow } from './entry-columns.ts';

/** A call as its entries leave it: what is posted, and the record that was rated. */
export interface PostedCall {
  readonly bucket: number;
  /** The ledger's numbers of account and line. */
  readonly account: number;
  readonly line: number;
  readonly period: number;
  readonly identity: bigint;
  /** Revision of the latest entry. */
  readonly revision: number;
  /** `null` when the latest entry is a reversal: the call is billed no more, here. */
  readonly coverage: Coverage | null;
  readonly reason: string;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly called: number;
  readonly destination: number;
  readonly billedSeconds: number;
  /** Micros: the sum of the call's entries. */
  readonly charge: number;
  readonly meteredPrice: number;
  readonly offer: number | null;
  readonly rateDeck: number;
  readonly flags: number;
  /** The canonical record of the latest usage. */
  readonly record: string;
}

const READ = [
  'bucket',
  'account',
  'line',
  'period',
  'identity',
  'revision',
  'coverage',
  'reason',
  'started_at',
  'duration_ms',
  'called',
  'destination',
  'billed_seconds',
  'charge',
  'metered_price',
  'offer',
  'rate_deck',
  'flags',
  'cdr',
] as const satisfies readonly ColumnName[];
type CallRow = Pick<EntryRow, (typeof READ)[number]>;

const COLUMNS = READ.map((name) => `e.${name}`).join(', ');
const ORDER = 'order by e.bucket, e.account, e.identity, e.period, e.revision';

/** No period is later. */
const LAST_PERIOD = 999_912;

/** Where a call may be: the index wants bucket and account with the identity. */
export interface CallKey {
  readonly bucket: number;
  readonly account: number;
  readonly identity: bigint;
}

/**
 * The calls of the given keys, in whatever periods they are, one for each period: a call that moved to another has
 * all its entries of the first reversed, and comes with both. Two that are not were posted by processes that did not
 * know of each other.
 */
export async function findCalls(q: Queryable, keys: readonly CallKey[]): Promise<PostedCall[]> {
  if (keys.length === 0) return [];
  const rows = await q.query<CallRow>(
    `select ${COLUMNS} from unnest($1::smallint[], $2::int[], $3::bigint[]) as k (bucket, account, identity)
     join entry e on e.bucket = k.bucket and e.account = k.account and e.identity = k.identity ${ORDER}`,
    [keys.map((key) => key.bucket), keys.map((key) => key.account), keys.map((key) => key.identity)],
  );
  return postedCalls(rows);
}

/** The calls that are billed to a line in `fromPeriod` and later, or up to `toPeriod`, by the account's index. */
export async function callsOfLine(
  q: Queryable,
  line: { readonly bucket: number; readonly account: number; readonly no: number },
  fromPeriod: number,
  toPeriod = LAST_PERIOD,
): Promise<PostedCall[]> {
  const rows = await q.query<CallRow>(
    `select ${COLUMNS} from entry e
     where e.bucket = $1 and e.account = $2 and e.line = $3 and e.period >= $4 and e.period <= $5 ${ORDER}`,
    [line.bucket, line.account, line.no, fromPeriod, toPeriod],
  );
  return postedCalls(rows).filter(({ coverage }) => coverage !== null);
}

/** Sums the entries of each call in each period; those rows follow one another in order of revision. */
function postedCalls(rows: readonly CallRow[]): PostedCall[] {
  const calls: PostedCall[] = [];
  let first = 0;
  for (let index = 1; index <= rows.length; index++) {
    if (index < rows.length && isSameCall(rows[first]!, rows[index]!)) continue;
    calls.push(postedCall(rows.slice(first, index)));
    first = index;
  }
  return calls;
}

function isSameCall(a: CallRow, b: CallRow): boolean {
  return a.bucket === b.bucket && a.account === b.account && a.identity === b.identity && a.period === b.period;
}

function postedCall(entries: readonly CallRow[]): PostedCall {
  const latest = entries.at(-1)!;
  const usage = entries.findLast(({ cdr }) => cdr !== null);
  return {
    bucket: latest.bucket,
    account: latest.account,
    line: latest.line,
    period: latest.period,
    identity: latest.identity,
    revision: latest.revision,
    coverage: coverageOf(latest.coverage),
    reason: latest.reason,
    startedAt: latest.started_at,
    durationMs: latest.duration_ms,
    called: Number(latest.called),
    destination: latest.destination,
    billedSeconds: latest.billed_seconds,
    charge: Number(entries.reduce((sum, { charge }) => sum + charge, 0n)),
    meteredPrice: Number(latest.metered_price),
    offer: latest.offer,
    rateDeck: latest.rate_deck,
    flags: latest.flags,
    record: usage?.cdr ?? '',
  };
}
