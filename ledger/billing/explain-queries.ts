import { type CallIdentity, type Coverage, type Entry, type EntryKind, identityText } from '../../rater/index.ts';
import type { CallKey } from '../entries/call-queries.ts';
import type { Queryable } from '../database/database.ts';
import { type ColumnName, coverageOf, ENTRY_TABLE, type EntryRow, kindOf } from '../entries/entry-columns.ts';
import { CAN_PACK } from '../stretches/packed-call.ts';
import { placesOfCallId } from '../stretches/stretch-store.ts';

/** An entry with names for numbers, as an explanation shows it. Money in micros. */
export interface ExplainedEntry {
  readonly bucket: number;
  readonly position: number;
  readonly period: number;
  readonly billedPeriod: number;
  readonly account: string;
  readonly line: string;
  readonly identity: bigint;
  readonly revision: number;
  readonly kind: EntryKind;
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly called: number;
  readonly destination: string;
  readonly coverage: Coverage | null;
  readonly coverageBefore: Coverage | null;
  readonly reason: string;
  readonly billedSeconds: number;
  readonly charge: number;
  readonly meteredPrice: number;
  readonly currency: string;
  /** Name and version of the rate deck; version of the offer. */
  readonly rateDeck: string;
  readonly rateDeckVersion: string;
  readonly offer: string | null;
  readonly flags: number;
  readonly record: string | null;
}

/** Fields of an entry that an explanation shows under other names, or that say where others stand. */
type ShownOtherwise = 'identityHigh' | 'identityLow' | 'recordStart' | 'recordEnd';

/** The compiler refuses a field of `Entry` that an explanation does not show, and names it here. */
const UNSHOWN: Readonly<Record<Exclude<keyof Entry, keyof ExplainedEntry | ShownOtherwise>, never>> = {};
void UNSHOWN;

/** Where to look for a call; the account makes it an index scan. */
export interface CallSearch {
  readonly account?: { readonly bucket: number; readonly no: number };
  readonly period?: number;
}

/**
 * Where a call is, and which: calls that share a hash may have one number, in months that no process had in memory
 * together.
 */
export interface FoundCall extends CallKey {
  readonly call: CallIdentity;
}

/**
 * Where the ledger has a call of which the switch's id is known: the text of every usage is searched that may be its,
 * and each hit checked, so that an id that is quoted elsewhere in a record is no answer. Without the account, stretches
 * tell where to search; entries that are in none are searched, too: some 0.5 s for a million. More than one answer: the
 * call is under another account or month too.
 */
export async function findCallId(q: Queryable, callId: string, search: CallSearch = {}): Promise<FoundCall[]> {
  const found = new Map<string, FoundCall>();
  for (const { cdr, ...key } of await usagesNaming(q, callId, search)) {
    const call = callOf(cdr);
    if (call.callId === callId) found.set(`${key.account} ${key.identity} ${identityText(call)}`, { ...key, call });
  }
  return [...found.values()];
}

interface UsageRow extends CallKey {
  readonly cdr: string;
}

/** Usages whose records have the id as JSON writes it, wherever in them. */
async function usagesNaming(q: Queryable, callId: string, search: CallSearch): Promise<UsageRow[]> {
  const quoted = JSON.stringify(callId);
  if (search.account === undefined && CAN_PACK) {
    const { places, isMostlyUnpacked } = await placesOfCallId(q, callId, search.period ?? null);
    if (!isMostlyUnpacked) {
      return q.query<UsageRow>(NAMING_IN_PLACES, [
        quoted,
        search.period ?? null,
        places.map(({ bucket }) => bucket),
        places.map(({ after }) => after),
        places.map(({ upTo }) => upTo),
      ]);
    }
  }
  return q.query<UsageRow>(
    `select bucket, account, identity, cdr from entry
     where kind = 'u' and strpos(cdr, $1) > 0 and ${SEARCHED}
     order by bucket, account, identity`,
    [quoted, ...searched(search)],
  );
}

// Lateral, so that the planner reads the feed's index for each place.
const NAMING_IN_PLACES = `
  select e.bucket, e.account, e.identity, e.cdr
  from unnest($3::smallint[], $4::bigint[], $5::bigint[]) as p (bucket, after, up_to)
  cross join lateral (
    select bucket, account, identity, cdr from entry
    where bucket = p.bucket and position > p.after and position <= p.up_to and kind = 'u' and strpos(cdr, $1) > 0
      and ($2::int is null or period = $2)
    offset 0
  ) as e
  order by bucket, account, identity`;

// Written so that one statement serves every combination; `$2` to `$4` may be null.
const SEARCHED = `($2::smallint is null or bucket = $2) and ($3::int is null or account = $3)
  and ($4::int is null or period = $4)`;

/** What stands for the ledger's numbers. */
const NAMES = {
  account: 'a.id',
  line: 'l.id',
  destination: 'd.name',
  rate_deck: 'k.name',
  offer: 'o.version',
} as const;
const NAMED_COLUMNS = ENTRY_TABLE.map(({ name }) => (isNamed(name) ? `${NAMES[name]} as ${name}` : `e.${name}`)).join(
  ', ',
);

function isNamed(name: ColumnName): name is keyof typeof NAMES {
  return name in NAMES;
}

interface NamedRow extends Omit<EntryRow, keyof typeof NAMES> {
  readonly account: string;
  readonly line: string;
  readonly destination: string | null;
  readonly rate_deck: string | null;
  readonly offer: string | null;
  readonly currency: string | null;
  readonly rate_deck_version: string | null;
}

/** All entries of a call, in the order in which they were posted. */
export async function entriesOfCall(
  q: Queryable,
  { bucket, account, identity, call }: FoundCall,
): Promise<ExplainedEntry[]> {
  const rows = await q.query<NamedRow>(
    `select ${NAMED_COLUMNS}, k.currency, k.version as rate_deck_version
     from entry e
     join account a on a.no = e.account
     join line l on l.no = e.line
     left join destination d on d.no = e.destination
     left join rate_deck k on k.no = e.rate_deck
     left join offer o on o.no = e.offer
     where e.bucket = $1 and e.account = $2 and e.identity = $3
     order by e.revision`,
    [bucket, account, identity],
  );
  const own = identityText(call);
  const months = new Set(
    rows.flatMap(({ period, cdr }) => (cdr !== null && identityText(callOf(cdr)) === own ? [period] : [])),
  );
  return rows.filter(({ period }) => months.has(period)).map(fromRow);
}

function searched({ account, period }: CallSearch): (number | null)[] {
  return [account?.bucket ?? null, account?.no ?? null, period ?? null];
}

function callOf(cdr: string): CallIdentity {
  const {
    switch: switchId,
    call: callId,
    leg,
  }: { switch: string; call: string; leg?: string | null } = JSON.parse(cdr);
  return { switchId, callId, legId: leg ?? '' };
}

function fromRow(row: NamedRow): ExplainedEntry {
  return {
    bucket: row.bucket,
    position: Number(row.position),
    period: row.period,
    billedPeriod: row.billed_period,
    account: row.account,
    line: row.line,
    identity: row.identity,
    revision: row.revision,
    kind: kindOf(row.kind),
    startedAt: row.started_at,
    durationMs: row.duration_ms,
    called: Number(row.called),
    destination: row.destination ?? '',
    coverage: coverageOf(row.coverage),
    coverageBefore: coverageOf(row.coverage_before),
    reason: row.reason,
    billedSeconds: row.billed_seconds,
    charge: Number(row.charge),
    meteredPrice: Number(row.metered_price),
    currency: row.currency ?? '',
    rateDeck: row.rate_deck ?? '',
    rateDeckVersion: row.rate_deck_version ?? '',
    offer: row.offer,
    flags: row.flags,
    record: row.cdr,
  };
}
