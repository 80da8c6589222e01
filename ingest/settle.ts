import {
  type Cdr,
  type IdentifiedRecord,
  type RatedCall,
  type RatingOutcome,
  contentHash,
  losingReason,
  rateCall,
  recordToBill,
} from '../rater/index.ts';
import {
  type CallKey,
  type PostedCall,
  type QuarantinedRecord,
  type Transaction,
  changeQuarantine,
  findCalls,
  findQuarantined,
} from '../ledger/index.ts';
import type { Batch } from './batch.ts';
import { type Provenance, type WaitingReason, detailOf } from './kept-record.ts';
import { canonicalNdjson } from './formats/canonical-ndjson.ts';
import { type IdentityHalves, identityNumber, identityOf } from './identity-halves.ts';
import { isPlausible } from './plausible-starts.ts';
import type { RatingState } from './rating-state.ts';
import { cdrsOf, recordedCdr } from './recorded-cdr.ts';

/** A record whose identity may have been met before. */
export interface Suspect {
  readonly cdr: Cdr;
  readonly identity: IdentityHalves;
  readonly provenance: Provenance;
  /** The batch has posted it already, as a call that was never met. */
  readonly isPosted?: boolean;
  /** Its start is implausible for when it reached its source. */
  readonly isStartDoubted?: true;
  /** It was billed until now and counted then: what becomes of it is no news of the delivery. */
  readonly wasCounted?: true;
}

/** Why an identity is settled again: a record came, or the facts by which one was refused have changed. */
type Known =
  | (IdentifiedRecord & {
      readonly from: 'posted';
      readonly posted: PostedCall;
      /** The record of this batch that it was posted for, if it was. */
      readonly suspect: Suspect | undefined;
    })
  | (IdentifiedRecord & { readonly from: 'quarantine'; readonly kept: QuarantinedRecord })
  | (IdentifiedRecord & { readonly from: 'delivery'; readonly suspect: Suspect });

/** One batch within its transaction. */
export interface Settlement {
  readonly tx: Transaction;
  readonly batch: Batch;
  /** Numbers of records in quarantine whose starts are plausible after all: a person said so, or another delivery of them. */
  readonly believed: Set<number>;
  /** Sends the entries and quarantined records gathered so far into the transaction. */
  flush(): Promise<void>;
}

/**
 * Settles identities that were met before: which record of each is billed, which wait for a person, which say nothing
 * new. The outcome hangs on the records alone, never on which came first (domain page, "Records that are not simply new
 * calls").
 */
export async function settleSuspects(settlement: Settlement, suspects: readonly Suspect[]): Promise<void> {
  if (suspects.length === 0) return;
  const { tx } = settlement;
  const { state } = settlement.batch;
  const groups = Map.groupBy(suspects, ({ identity }) => identityNumber(identity));
  const found = await findQuarantined(tx, [...groups.keys()]);
  const kept = Map.groupBy(found, ({ identity }) => identity);
  // What waits may be billed now, too, and memory need not know that its account has the call already.
  const cdrs = [...suspects.map(({ cdr }) => cdr), ...cdrsOf(found)];
  const posted = Map.groupBy(await findCalls(tx, keysOf(cdrs, state)), ({ identity }) => identity);
  for (const [identity, delivered] of groups) {
    await settleHash(settlement, delivered, posted.get(identity) ?? [], kept.get(identity) ?? []);
  }
}

/**
 * Settles again the identities of records in quarantine, after facts or tables have changed; canonical records that could
 * not be read are read again, since what reads them may have been mended.
 */
export async function settleQuarantined(settlement: Settlement, records: readonly QuarantinedRecord[]): Promise<void> {
  await settleReadAgain(
    settlement,
    records.filter(({ cdr }) => cdr === null),
  );
  const { tx } = settlement;
  const identities = new Set(records.flatMap(({ identity }) => identity ?? []));
  const found = await findQuarantined(tx, [...identities]);
  const kept = Map.groupBy(found, ({ identity }) => identity);
  const calls = await findCalls(tx, keysOf(cdrsOf(found), settlement.batch.state));
  const posted = Map.groupBy(calls, ({ identity }) => identity);
  for (const identity of identities) {
    await settleHash(settlement, [], posted.get(identity) ?? [], kept.get(identity) ?? []);
  }
}

/** Settles identities that are billed in several places, each with all that is known of it. */
export async function settleBilledTwice(settlement: Settlement, keys: readonly CallKey[]): Promise<void> {
  const { tx } = settlement;
  const identities = new Set(keys.map(({ identity }) => identity));
  const posted = Map.groupBy(await findCalls(tx, keys), ({ identity }) => identity);
  const kept = Map.groupBy(await findQuarantined(tx, [...identities]), ({ identity }) => identity);
  for (const identity of identities) {
    await settleHash(settlement, [], posted.get(identity) ?? [], kept.get(identity) ?? []);
  }
}

async function settleReadAgain(settlement: Settlement, unread: readonly QuarantinedRecord[]): Promise<void> {
  for (const { no, reason, source, partition, position, item, format, record, receipt } of unread) {
    if (format !== canonicalNdjson.id) continue;
    const decoded = canonicalNdjson.decode(record, 0, record.length);
    if (decoded.kind !== 'call') continue;
    const provenance = { source, partition, position, item, format, record, receipt };
    const { cdr } = decoded;
    const doubt = isPlausible(cdr.startedAt, receipt) ? {} : { isStartDoubted: true as const };
    await changeQuarantine(settlement.tx, [{ no, reason, state: 'rated' }]);
    await settleSuspects(settlement, [{ cdr, identity: identityOf(cdr), provenance, ...doubt }]);
    await settlement.flush();
  }
}

/** Where calls with the identities of these records may be billed: where they were met, and where these would be. */
function keysOf(cdrs: readonly Cdr[], state: RatingState): CallKey[] {
  const keys = new Map<string, CallKey>();
  for (const cdr of cdrs) {
    const { high, low } = identityOf(cdr);
    const identity = identityNumber({ high, low });
    const rated = rateCall(cdr, state.context);
    const accounts = new Set(state.seen.find(high, low));
    if (typeof rated !== 'string') accounts.add(rated.line.account);
    for (const account of accounts) {
      if (account === 0) continue;
      keys.set(`${account}:${identity}`, { bucket: state.bucketOfAccount(account), account, identity });
    }
  }
  return [...keys.values()];
}

/** Settles all records of one hash: of one identity, but for a collision of hashes, which is told by the text. */
async function settleHash(
  settlement: Settlement,
  delivered: readonly Suspect[],
  posted: readonly PostedCall[],
  kept: readonly QuarantinedRecord[],
): Promise<void> {
  // What is posted is what this batch posted: a call that was never met, after all.
  if (delivered[0]?.isPosted === true && delivered.length === 1 && posted.length === 1 && kept.length === 0) return;
  const records: Known[] = [
    ...posted.map((call): Known => {
      const record = identified(recordedCdr(call.record));
      const suspect = delivered.find(({ isPosted, cdr }) => isPosted && contentHash(cdr) === record.content);
      return { from: 'posted', posted: call, suspect, ...record };
    }),
    ...kept.flatMap((record): Known[] =>
      record.cdr === null || record.state === 'rated'
        ? []
        : [{ from: 'quarantine', kept: record, ...identified(recordedCdr(record.cdr)) }],
    ),
    ...delivered.flatMap((suspect): Known[] =>
      suspect.isPosted ? [] : [{ from: 'delivery', suspect, ...identified(suspect.cdr) }],
    ),
  ];
  for (const same of Map.groupBy(records, ({ cdr }) => `${cdr.switchId}\0${cdr.callId}\0${cdr.legId}`).values()) {
    await settleIdentity(settlement, same);
  }
}

function identified(cdr: Cdr): IdentifiedRecord {
  return { cdr, content: contentHash(cdr) };
}

async function settleIdentity(settlement: Settlement, records: readonly Known[]): Promise<void> {
  // Entries that are all reversed say nothing but which revision comes next.
  const live = records.filter((record) => record.from !== 'posted' || record.posted.coverage !== null);
  const distinct = new Map<string, Known>();
  for (const record of live) {
    const known = distinct.get(record.content);
    if (known === undefined) distinct.set(record.content, record);
    else if (record.from === 'delivery') distinct.set(record.content, withoutRepeat(settlement, known, record));
    else if (record.from === 'quarantine') await settledElsewhere(settlement, record.kept);
  }
  // A record that can't be rated waits for its own cause: it neither replaces nor hinders one that can.
  const candidates: Candidate[] = [];
  for (const record of distinct.values()) {
    const rated = await rateKnown(settlement, record);
    if (typeof rated === 'string') await setAside(settlement, record, rated);
    else candidates.push({ ...record, record, rated });
  }
  if (candidates.length === 0) return;
  const winner = recordToBill(candidates);
  for (const loser of candidates) {
    if (loser !== winner) await setAside(settlement, loser.record, losingReason(loser, winner));
  }
  await bill(settlement, winner, records);
}

/**
 * Counts a delivery of what is known as a duplicate; returns what is known then. Where one delivery of a record had a
 * plausible start, its start is plausible, whichever came first.
 */
function withoutRepeat(settlement: Settlement, known: Known, again: Known & { readonly from: 'delivery' }): Known {
  const { batch, believed } = settlement;
  const isBelievedNow = isStartDoubted(settlement, known) && again.suspect.isStartDoubted !== true;
  if (isBelievedNow && known.from === 'delivery') {
    countOnce(batch, known.suspect, 'duplicate\t');
    return again;
  }
  if (isBelievedNow && known.from === 'quarantine') believed.add(known.kept.no);
  countOnce(batch, again.suspect, 'duplicate\t');
  return known;
}

/** Whether a start was found implausible when its record came, and nobody has said otherwise since. */
function isStartDoubted({ believed }: Settlement, record: Known): boolean {
  if (record.from === 'delivery') return record.suspect.isStartDoubted === true;
  return record.from === 'quarantine' && record.kept.reason === 'start-implausible' && !believed.has(record.kept.no);
}

/** A record as the call that it may be billed as, or why it can't be today. */
async function rateKnown(settlement: Settlement, record: Known): Promise<RatingOutcome | WaitingReason> {
  if (isStartDoubted(settlement, record)) return 'start-implausible';
  const { tx, batch } = settlement;
  const rated = rateCall(record.cdr, batch.state.context);
  if (typeof rated === 'string' || record.from === 'posted') return rated;
  return (await batch.state.isPrepared(tx, rated.period)) ? rated : 'month-not-prepared';
}

/** A record waits no more that another worker has posted since, which had not met it. */
async function settledElsewhere({ tx }: Settlement, { no, reason }: QuarantinedRecord): Promise<void> {
  await changeQuarantine(tx, [{ no, reason, state: 'rated' }]);
}

function countOnce(batch: Batch, { wasCounted }: Suspect, key: string): void {
  if (wasCounted !== true) batch.count(key);
}

/** A record that can be rated, and so can be the one that is billed. */
interface Candidate extends IdentifiedRecord {
  readonly record: Known;
  readonly rated: RatedCall;
}

/** Has the winner billed; all that was posted for others of its identity has been taken back. */
async function bill(
  settlement: Settlement,
  { record: winner, rated }: Candidate,
  records: readonly Known[],
): Promise<void> {
  if (winner.from === 'posted') return;
  const { batch } = settlement;
  const identity = identityOf(winner.cdr);
  batch.postUsage(rated, winner.cdr, identity, nextRevision(records, rated.line.account));
  batch.markStale(rated.line, rated.period);
  batch.state.seen.add(identity.high, identity.low, rated.line.account);
  if (winner.from === 'delivery') countOnce(batch, winner.suspect, 'rated\t');
  else {
    batch.count('replayed\t');
    await changeQuarantine(settlement.tx, [{ no: winner.kept.no, reason: winner.kept.reason, state: 'rated' }]);
  }
}

/** The revision after the last entry of the identity under `account`, a reversal included. */
function nextRevision(records: readonly Known[], account: number): number {
  let next = 0;
  for (const record of records) {
    if (record.from !== 'posted' || record.posted.account !== account) continue;
    const { posted } = record;
    next = Math.max(next, posted.revision + (posted.coverage === null ? 1 : 2));
  }
  return next;
}

function takeBack({ batch }: Settlement, posted: PostedCall): void {
  batch.postReversal(posted, 'record-replaced');
  batch.markStale(batch.state.lineOf(posted.line), posted.period);
}

/** Keeps a record that is not billed, under the reason, wherever it comes from; takes back what was posted for it. */
async function setAside(settlement: Settlement, record: Known, reason: string): Promise<void> {
  const { tx, batch } = settlement;
  if (record.from === 'posted') takeBack(settlement, record.posted);
  const keptState = reason === 'superseded' ? 'superseded' : 'waiting';
  if (record.from === 'quarantine') {
    if (record.kept.reason === reason && record.kept.state === keptState) return;
    const detail = detailOf(reason, record.cdr);
    const waitsMonth = reason === 'month-not-prepared' ? monthOf(record.cdr, batch) : null;
    await changeQuarantine(tx, [{ no: record.kept.no, reason, state: keptState, detail, waitsMonth }]);
    return;
  }
  const { high, low } = identityOf(record.cdr);
  batch.state.seen.add(high, low, 0);
  if (record.from === 'posted' && record.suspect !== undefined) batch.count('rated\t', -1);
  if (record.suspect !== undefined) countOnce(batch, record.suspect, `quarantined\t${reason}`);
  const provenance =
    record.from === 'delivery'
      ? record.suspect.provenance
      : (record.suspect?.provenance ?? ledgerProvenance(record.posted));
  batch.setAside(provenance, record.cdr, reason, keptState);
}

function monthOf({ startedAt }: Cdr, { catalogue: { civilTime } }: Batch): number {
  return civilTime.periodOf(startedAt);
}

/** Where a record came from that was billed until now: its bytes are those that the ledger kept. */
export function ledgerProvenance(posted: PostedCall): Provenance {
  const record = Buffer.from(posted.record, 'utf8');
  return { source: 'ledger', partition: posted.bucket, position: 0, item: 0, format: 'canonical-ndjson', record };
}
