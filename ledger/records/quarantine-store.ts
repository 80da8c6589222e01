import type { Queryable, Transaction } from '../database/database.ts';
import { bytesText, sqlInstant } from '../database/sql-values.ts';
import { keepUnreadArrivals } from '../sources/unread-arrivals.ts';

/**
 * `waiting` for its cause to be repaired; `rated` since; `superseded` by another record of its call; `no-call`: a
 * correction that says that there was no call, and counts; `written-off`: a person says that nothing mends it. That one
 * is as if it had not come, until somebody opens it again or it comes once more.
 */
export type QuarantineState = 'waiting' | 'rated' | 'superseded' | 'no-call' | 'written-off';

/**
 * When a record reached its source, and which starts are plausible for it. One object for all records of one receipt.
 */
export interface Receipt {
  /** As the source says, ms since the epoch; `null` where a person gave the bounds. */
  readonly receivedAt: number | null;
  /** First and last plausible start, ms since the epoch. */
  readonly startsFrom: number;
  readonly startsTo: number;
}

/** A record that is not rated, with the bytes as they came. */
export interface NewQuarantinedRecord {
  /** Where it came from: source, partition, and position in it (a file: the byte at which the record starts). */
  readonly source: string;
  readonly partition: number;
  readonly position: number;
  /** Which of the records at that position, from 0: a message may hold many. */
  readonly item: number;
  /**
   * Where the source can be read once more: its name, or, of one that is read again from its start, that of the first
   * reading of the same content; else `null` or left out.
   */
  readonly firstReading?: string | null;
  /** Name of the format that read it, or should have. */
  readonly format: string;
  /** Stable code, e.g. `unknown-line`. */
  readonly reason: string;
  /** For people: field and value. */
  readonly detail: string;
  readonly record: Uint8Array;
  /**
   * Of a record that could be read: the hashes of its identity and its content, and its canonical form; else `null`.
   */
  readonly identity: bigint | null;
  readonly content: string | null;
  readonly cdr: Uint8Array | null;
  /** SHA-256 of who the call is; `null` of a record that could not be read. */
  readonly callKey: Uint8Array | null;
  /** SHA-256 of what the record says, or of its format and bytes where it could not be read: it is kept once. */
  readonly recordKey: Uint8Array;
  readonly state: QuarantineState;
  /** When it reached its source; `null` or left out where nobody said. */
  readonly receipt?: Receipt | null;
  /** The month (yyyymm) without a partition that it waits for; `null` or left out where it waits for none. */
  readonly waitsMonth?: number | null;
  /** The facts that could change what becomes of it (`partyKeys`); none when left out. */
  readonly waitsFor?: readonly string[];
  /** Those facts changed since it was judged: it is settled again. */
  readonly isStale?: boolean;
}

/** A record in quarantine, under its number. */
export interface QuarantinedRecord extends Omit<
  NewQuarantinedRecord,
  'waitsFor' | 'isStale' | 'waitsMonth' | 'callKey' | 'recordKey' | 'firstReading'
> {
  readonly no: number;
  readonly record: Buffer;
  readonly cdr: Buffer | null;
  readonly receipt: Receipt | null;
}

/**
 * Puts records into quarantine, each once. One that could be read and is there already, set aside by another worker
 * meanwhile, stays and is settled again: either of the two knew less than both. One that could not be read and is there
 * already waits on, with one arrival more, and each place that it came from is kept. Where one delivery of a record had
 * a plausible start, its start is plausible.
 *
 * @param onRepeat told of each record that could not be read and is kept already
 * @returns of the records that could not be read, how many are kept already, by reason
 */
export async function addQuarantine(
  tx: Transaction,
  given: readonly NewQuarantinedRecord[],
  onRepeat?: (record: NewQuarantinedRecord) => void,
): Promise<ReadonlyMap<string, number>> {
  if (given.length === 0) return new Map();
  const arrived = Map.groupBy(given, ({ recordKey }) => hexOf(recordKey));
  // What came last knows most.
  const records = [...arrived.values()].map((same) => same.at(-1)!);
  const rows = await tx.query<{ no: bigint; key: string | null; arrivals: bigint }>(ADD_QUARANTINE, [
    records.map(({ source }) => source),
    records.map(({ partition }) => partition),
    records.map(({ position }) => position),
    records.map(({ item }) => item),
    records.map(({ format }) => format),
    records.map(({ reason }) => reason),
    records.map(({ detail }) => withoutNul(detail)),
    records.map(({ record }) => bytesText(record)),
    records.map(({ identity }) => identity),
    records.map(({ content }) => content),
    records.map(({ cdr }) => (cdr === null ? null : bytesText(cdr))),
    records.map(({ state }) => state),
    records.map(({ isStale }) => isStale === true),
    records.map(({ waitsFor = [] }) => JSON.stringify(waitsFor)),
    records.map(({ callKey }) => (callKey === null ? null : bytesText(callKey))),
    records.map(({ recordKey }) => bytesText(recordKey)),
    records.map(({ recordKey }) => arrived.get(hexOf(recordKey))?.length ?? 1),
    records.map(({ receipt }) => instantOrNull(receipt?.receivedAt)),
    records.map(({ receipt }) => instantOrNull(receipt?.startsFrom)),
    records.map(({ receipt }) => instantOrNull(receipt?.startsTo)),
    records.map(({ waitsMonth = null }) => waitsMonth),
  ]);
  const unread = rows.flatMap(({ no, key, arrivals }) =>
    key === null ? [] : [{ no, arrivals: Number(arrivals), same: arrived.get(key) ?? [] }],
  );
  await keepUnreadArrivals(
    tx,
    unread.flatMap(({ no, same }) =>
      same.flatMap(({ firstReading, position, item }) =>
        typeof firstReading === 'string' ? [{ quarantine: no, source: firstReading, position, item }] : [],
      ),
    ),
  );
  const repeats = new Map<string, number>();
  for (const { arrivals, same } of unread) {
    const isNew = arrivals === same.length;
    for (const record of isNew ? same.slice(1) : same) {
      repeats.set(record.reason, (repeats.get(record.reason) ?? 0) + 1);
      onRepeat?.(record);
    }
  }
  return repeats;
}

/**
 * Those of some records that could not be read which wait as what came from the very same place: whoever added them did
 * not live to move the source on.
 */
export async function addedBefore(
  q: Queryable,
  given: readonly NewQuarantinedRecord[],
): Promise<ReadonlySet<NewQuarantinedRecord>> {
  if (given.length === 0) return new Set();
  const rows = await q.query<{ place: string; key: string }>(
    `select concat_ws(' ', partition, position, item, source) as place, encode(record_key, 'hex') as key
     from quarantine where record_key = any ($1::bytea[]) and state <> 'rated' and cdr is null`,
    [given.map(({ recordKey }) => bytesText(recordKey))],
  );
  const known = new Set(rows.map(({ place, key }) => `${key} ${place}`));
  const isKnown = ({ recordKey, partition, position, item, source }: NewQuarantinedRecord): boolean =>
    known.has(`${hexOf(recordKey)} ${partition} ${position} ${item} ${source}`);
  return new Set(given.filter(isKnown));
}

// A record that was given up as its source was read once more waits again, if that reading could not read it either; so
// does one that was written off, once it comes again.
const ADD_QUARANTINE = `
  insert into quarantine as q (source, partition, position, item, format, reason, detail, record, identity, content,
                               cdr, state, is_stale, waits_for, call_key, record_key, arrivals, received_at,
                               starts_from, starts_to, waits_month)
  select g.source, g.partition, g.position, g.item, g.format, g.reason, g.detail, g.record, g.identity, g.content,
         g.cdr, g.state, g.is_stale, array(select json_array_elements_text(g.waits_for)), g.call_key, g.record_key,
         case when g.cdr is null then g.arrivals else 1 end, g.received_at, g.starts_from, g.starts_to, g.waits_month
  from unnest($1::text[], $2::int[], $3::bigint[], $4::int[], $5::text[], $6::text[], $7::text[], $8::bytea[],
              $9::bigint[], $10::text[], $11::bytea[], $12::text[], $13::bool[], $14::json[], $15::bytea[],
              $16::bytea[], $17::bigint[], $18::timestamptz[], $19::timestamptz[], $20::timestamptz[], $21::int[])
    with ordinality as g (source, partition, position, item, format, reason, detail, record, identity, content, cdr,
          state, is_stale, waits_for, call_key, record_key, arrivals, received_at, starts_from, starts_to,
          waits_month, place)
  order by g.place
  on conflict (record_key) where state <> 'rated' do update set
    is_stale = q.cdr is not null,
    arrivals = q.arrivals + case when q.cdr is null then excluded.arrivals else 0 end,
    state = case when q.cdr is null or q.state = 'written-off' then 'waiting' else q.state end,
    reason = case when q.cdr is null and q.state <> 'waiting' or q.reason = 'start-implausible' then excluded.reason
                  else q.reason end,
    detail = case when q.cdr is null and q.state <> 'waiting' then excluded.detail else q.detail end
  returning q.no, case when q.cdr is null then encode(q.record_key, 'hex') end as key, q.arrivals`;

function instantOrNull(instant: number | null | undefined): string | null {
  return instant === null || instant === undefined ? null : sqlInstant(instant);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

export interface QuarantineCount {
  readonly reason: string;
  readonly state: QuarantineState;
  readonly records: number;
}

/** How many records are in quarantine, by reason and state, most first. */
export async function countQuarantine(q: Queryable): Promise<QuarantineCount[]> {
  return q.query<QuarantineCount>(
    `select reason, state, count(*)::int as records from quarantine
     group by reason, state order by records desc, reason, state`,
  );
}

/** Records that wait, by reason. */
export interface WaitingCount {
  readonly reason: string;
  readonly records: number;
  /** When the oldest of them was first set aside, ms since the epoch. */
  readonly oldestAt: number;
}

/** How many records wait, by reason, and since when: answered from an index that holds waiting records alone. */
export async function countWaiting(q: Queryable): Promise<WaitingCount[]> {
  return q.query<WaitingCount>(
    `select reason, count(*)::float8 as records, min(set_aside_at) as "oldestAt" from quarantine
     where state = 'waiting' group by reason order by reason`,
  );
}

/** A page of records that wait, or are written off: of one reason, or of all (`null`). */
export interface QuarantinePage {
  /** Those that wait where nothing is said. */
  readonly state?: 'waiting' | 'written-off';
  readonly reason: string | null;
  /** Number of the last record of the page before; 0 for the first page. */
  readonly afterNo: number;
  readonly limit: number;
}

/** Waiting records, or written-off ones, in the order in which they came, a page at a time. */
export async function waitingQuarantine(q: Queryable, page: QuarantinePage): Promise<QuarantinedRecord[]> {
  const rows = await q.query<QuarantineRow>(page.state === 'written-off' ? WRITTEN_OFF_PAGE : WAITING_PAGE, [
    page.reason,
    page.afterNo,
    page.limit,
  ]);
  return rows.map(quarantinedFromRow);
}

export const QUARANTINE_COLUMNS =
  'no, source, partition, position, item, format, reason, detail, record, identity, content, cdr, state, received_at, starts_from, starts_to';

// Each state has an index of its own, and is no parameter.
const WAITING_PAGE = pageOf(`state = 'waiting'`);
const WRITTEN_OFF_PAGE = pageOf(`state = 'written-off'`);

function pageOf(isInState: string): string {
  return `select ${QUARANTINE_COLUMNS} from quarantine
     where ${isInState} and ($1::text is null or reason = $1) and no > $2
     order by no limit $3`;
}

/** The records of some calls, by their keys, in whatever state, in the order in which they came. */
export async function findQuarantined(q: Queryable, callKeys: readonly Uint8Array[]): Promise<QuarantinedRecord[]> {
  if (callKeys.length === 0) return [];
  const rows = await q.query<QuarantineRow>(
    `select ${QUARANTINE_COLUMNS} from quarantine where call_key = any($1::bytea[]) order by no`,
    [callKeys.map(bytesText)],
  );
  return rows.map(quarantinedFromRow);
}

/**
 * The records in quarantine that hold this text in their canonical form, but for those that were rated since. Looks
 * through all that is kept.
 */
export async function quarantinedHolding(q: Queryable, text: string): Promise<QuarantinedRecord[]> {
  const rows = await q.query<QuarantineRow>(
    `select ${QUARANTINE_COLUMNS} from quarantine
     where state <> 'rated' and cdr is not null and position(convert_to($1, 'UTF8') in cdr) > 0 order by no`,
    [text],
  );
  return rows.map(quarantinedFromRow);
}

/** One record by its number, in whatever state; `null` when there is none. */
export async function quarantinedRecord(q: Queryable, no: number): Promise<QuarantinedRecord | null> {
  const rows = await q.query<QuarantineRow>(`select ${QUARANTINE_COLUMNS} from quarantine where no = $1`, [no]);
  return rows[0] === undefined ? null : quarantinedFromRow(rows[0]);
}

/** The identities of all records that were ever in quarantine, so that one that comes again is known. */
export async function quarantinedIdentities(q: Queryable): Promise<bigint[]> {
  const rows = await q.query<{ identity: bigint }>(
    'select distinct identity from quarantine where identity is not null',
  );
  return rows.map(({ identity }) => identity);
}

/**
 * Records of calls that could be read and are not rated, superseded ones too, in the order in which they came: when
 * facts change which records of a call can be rated, all of them are settled again.
 */
export async function settleableQuarantine(q: Queryable, afterNo: number, limit: number): Promise<QuarantinedRecord[]> {
  const rows = await q.query<QuarantineRow>(
    `select ${QUARANTINE_COLUMNS} from quarantine
     where state in ('waiting', 'superseded') and cdr is not null and no > $1 order by no limit $2`,
    [afterNo, limit],
  );
  return rows.map(quarantinedFromRow);
}

/**
 * What became of a record in quarantine; without `detail` that stays as it was, without `waitsMonth` it waits for
 * none.
 */
export interface QuarantineChange {
  readonly no: number;
  readonly reason: string;
  readonly state: QuarantineState;
  readonly detail?: string;
  readonly waitsMonth?: number | null;
}

/** Says what became of records, each once a call. */
export async function changeQuarantine(tx: Transaction, changes: readonly QuarantineChange[]): Promise<void> {
  if (changes.length === 0) return;
  await tx.query(
    `update quarantine set reason = g.reason, state = g.state, detail = coalesce(g.detail, quarantine.detail),
       waits_month = g.waits_month
     from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::int[])
       as g (no, reason, state, detail, waits_month)
     where quarantine.no = g.no`,
    [
      changes.map(({ no }) => no),
      changes.map(({ reason }) => reason),
      changes.map(({ state }) => state),
      changes.map(({ detail }) => (detail === undefined ? null : withoutNul(detail))),
      changes.map(({ waitsMonth = null }) => waitsMonth),
    ],
  );
}

/**
 * Records that could not be decided, by their keys, wait no longer: other records of their calls came. `rated`: they
 * are calls now; else they are none.
 */
export async function settleUnread(
  tx: Transaction,
  recordKeys: readonly Uint8Array[],
  state: 'rated' | 'superseded',
): Promise<void> {
  if (recordKeys.length === 0) return;
  await tx.query(
    `update quarantine set state = $2 where state <> 'rated' and cdr is null and record_key = any($1::bytea[])`,
    [recordKeys.map(bytesText), state],
  );
}

/** A record that could not be read, by its key, and its bytes. */
export interface UnreadRecord {
  readonly recordKey: Uint8Array;
  readonly record: Uint8Array;
}

/** Records that could not be read wait no longer where the very same bytes were read by now. */
export async function settleReadAgain(tx: Transaction, read: readonly UnreadRecord[]): Promise<void> {
  if (read.length === 0) return;
  await tx.query(
    `update quarantine q set state = 'superseded'
     from unnest($1::bytea[], $2::bytea[]) as g (record_key, record)
     where q.state in ('waiting', 'written-off') and q.cdr is null and q.record_key = g.record_key
       and q.record = g.record`,
    [read.map(({ recordKey }) => bytesText(recordKey)), read.map(({ record }) => bytesText(record))],
  );
}

export interface QuarantineRow extends Omit<QuarantinedRecord, 'no' | 'position' | 'receipt'> {
  readonly no: bigint;
  readonly position: bigint;
  readonly received_at: number | null;
  readonly starts_from: number | null;
  readonly starts_to: number | null;
}

/** A row as it comes from the database. */
export function quarantinedFromRow(row: QuarantineRow): QuarantinedRecord {
  const { received_at: receivedAt, starts_from: startsFrom, starts_to: startsTo, ...rest } = row;
  const receipt = startsFrom === null || startsTo === null ? null : { receivedAt, startsFrom, startsTo };
  return { ...rest, no: Number(row.no), position: Number(row.position), receipt };
}

/** Text columns refuse the character NUL, which a broken record may show in its detail. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', String.raw`\0`);
}
