import { recordedRecord } from '../../engine/index.ts';
import {
  countQuarantine,
  type KeptWriteOff,
  type QuarantineCount,
  type QuarantinedRecord,
  quarantinedRecord,
  type Queryable,
  repeatWhileCut,
  type UnreadPlace,
  unreadPlaces,
  waitingQuarantine,
  writeOffsOf,
} from '../../ledger/index.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { type Refusal, type Refused, refusal, refused, refusedFor } from '../refusals.ts';
import { reasonFaults } from './reasons.ts';

/** Which records are asked for. */
export interface QuarantineRequest {
  /** Those that wait where nothing is said; or those that people wrote off. */
  readonly state?: ListedState | undefined;
  /** Of any reason where nothing is said. */
  readonly reason?: string | undefined;
  /** How many records a page holds; 20 where nothing is said. */
  readonly limit?: string | undefined;
  /** No record is read. */
  readonly countsOnly?: boolean | undefined;
  /** Where the page before ended: its `next`. */
  readonly after?: string | undefined;
}

/** What a page of quarantine lists: what waits, or what people wrote off. */
export type ListedState = 'waiting' | 'written-off';

export interface QuarantineList {
  readonly kind: 'quarantine';
  /** How many records there are, by reason and state: those that wait, and those that are settled. */
  readonly counts: readonly QuarantineCount[];
  /** In the order in which they came. */
  readonly records: readonly ListedRecord[];
  /** The cursor with which the next page is asked for; `null`: this is the last. */
  readonly next: string | null;
}

/** A record in quarantine, as it came. */
export interface ListedRecord extends Pick<
  QuarantinedRecord,
  'no' | 'state' | 'source' | 'position' | 'format' | 'reason' | 'detail' | 'record'
> {
  /** In canonical form, JSON. It, the line, the switch and what was dialled are `null` where it can't be read. */
  readonly canonical: string | null;
  readonly line: string | null;
  readonly dialled: string | null;
  /** The id of the call that it tells of. */
  readonly callId: string | null;
  /** The name of the switch that wrote it. */
  readonly switchId: string | null;
  /** ms since the epoch; `null` also where a correction names no start. */
  readonly startedAt: number | null;
  /** Who wrote it off or opened it again, and why, oldest first. */
  readonly writeOffs: readonly KeptWriteOff[];
}

const USUAL_PAGE = 20;
/** Most records in one page. */
const LONGEST_PAGE = 9_999_999;

/** Counts what is in quarantine, and lists what waits there, a page at a time. */
export async function listQuarantine(
  { db }: LedgerReading,
  request: QuarantineRequest,
): Promise<QuarantineList | Refused> {
  const read = readRequest(request);
  if ('code' in read) return read;
  const { limit, afterNo } = read;
  const reason = request.reason ?? null;
  return repeatWhileCut(async () => {
    const counts = await countQuarantine(db);
    // One more than the page has, which tells whether it is the last.
    const isCount = request.countsOnly === true;
    const page = { state: request.state ?? 'waiting', reason, afterNo, limit: limit + 1 };
    const found = isCount ? [] : await waitingQuarantine(db, page);
    const records = found.slice(0, limit);
    const acts = await writeOffsByRecord(db, records);
    const next = found.length === records.length ? null : String(records.at(-1)?.no);
    return { kind: 'quarantine', counts, records: records.map((each) => listedRecord(each, acts)), next };
  });
}

/** What is wrong with a request whatever the ledger holds; `null`: nothing. */
export function checkQuarantine(request: QuarantineRequest): Refused | null {
  const read = readRequest(request);
  return 'code' in read ? read : null;
}

function readRequest({
  reason,
  limit = String(USUAL_PAGE),
  after = '0',
}: QuarantineRequest): { readonly limit: number; readonly afterNo: number } | Refused {
  const faults = reasonFaults(reason);
  if (!/^[1-9]\d{0,6}$/.test(limit)) faults.push(refusal('page-unusable', { limit, most: String(LONGEST_PAGE) }));
  if (!/^\d{1,15}$/.test(after)) faults.push(refusal('cursor-unreadable', { cursor: after }));
  return refusedFor(faults) ?? { limit: Number(limit), afterNo: Number(after) };
}

export interface ShownRecord extends ListedRecord {
  readonly kind: 'record';
  /** Of one that could not be read: every place of a file at which its bytes stand and wait. */
  readonly places: readonly UnreadPlace[];
}

/** One record by its number, in whatever state. */
export async function showRecord({ db }: LedgerReading, record: string): Promise<ShownRecord | Refused> {
  const fault = checkRecord(record);
  if (fault !== null) return fault;
  const found = await repeatWhileCut(() => quarantinedRecord(db, Number(record)));
  if (found === null) return refused(refusal('record-unknown', { record }));
  const places = await repeatWhileCut(() => unreadPlaces(db, found.no));
  const acts = await repeatWhileCut(() => writeOffsByRecord(db, [found]));
  return { kind: 'record', ...listedRecord(found, acts), places };
}

/** What is wrong with the number of a record whatever the ledger holds; `null`: nothing. */
export function checkRecord(record: string): Refused | null {
  return refusedFor(recordFaults(record));
}

/** What is wrong with the number of a record. */
export function recordFaults(record: string): Refusal[] {
  return /^[1-9]\d{0,14}$/.test(record) ? [] : [refusal('record-unusable', { record })];
}

type ActsByRecord = ReadonlyMap<number, readonly KeptWriteOff[]>;

async function writeOffsByRecord(q: Queryable, records: readonly QuarantinedRecord[]): Promise<ActsByRecord> {
  const acts = await writeOffsOf(
    q,
    records.map(({ no }) => no),
  );
  return Map.groupBy(acts, ({ record }) => record);
}

function listedRecord(kept: QuarantinedRecord, acts: ActsByRecord): ListedRecord {
  const { no, state, source, position, format, reason, detail, record, cdr } = kept;
  const read = cdr === null ? null : recordedRecord(cdr);
  const canonical = cdr === null ? null : cdr.toString('utf8');
  const { line = null, dialled = null, callId = null, switchId = null, startedAt = null } = read ?? {};
  return {
    no,
    state,
    source,
    position,
    format,
    reason,
    detail,
    record,
    canonical,
    line,
    dialled,
    callId,
    switchId,
    startedAt,
    writeOffs: acts.get(no) ?? [],
  };
}
