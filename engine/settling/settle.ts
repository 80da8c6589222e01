import {
  type Cdr,
  type IdentifiedRecord,
  type NoCall,
  type RatedCall,
  contentHashOfText,
  identityText,
  isNoCall,
  losingReason,
  rateCall,
  recordToBill,
} from '../../rater/index.ts';
import {
  type CallKey,
  type PostedCall,
  type QuarantineState,
  type QuarantinedRecord,
  changeQuarantine,
  findCalls,
} from '../../ledger/index.ts';
import type { Batch } from '../tasks/batch.ts';
import {
  type GatheredCall,
  type GatheredCalls,
  Holders,
  bucketsToWatch,
  gatherCalls,
  giveNumbers,
  noteBilled,
  numberUnder,
} from './gather-calls.ts';
import { canonicalNdjson } from '../../formats/index.ts';
import { identityOf } from './identity-halves.ts';
import { believedOf, rateKnown } from '../starts/believed-starts.ts';
import { type Provenance, detailOf } from './kept-record.ts';
import { isPlausible } from '../starts/plausible-starts.ts';
import { postCall } from './post-call.ts';
import { DUPLICATE } from '../tasks/record-outcomes.ts';
import { recordedCdr, recordsOf } from './recorded-cdr.ts';
import { Texts } from './record-texts.ts';
import type { Known, Settlement } from './settlement.ts';
import type { PossibleDuplicate } from './possible-duplicate.ts';
import { countOnce, keepRepeats, noteConflict, noteWaiting, outcomeOf } from '../tasks/tell-outcomes.ts';

/**
 * Settles calls that were seen before: which record of each counts, which wait for a person, which say nothing new.
 * Their texts say which records are of one call, whatever hashes they share. The outcome hangs on the records alone,
 * never on which came first (domain page, "Records that are not simply new calls").
 */
export async function settlePossibleDuplicates(
  settlement: Settlement,
  possibleDuplicates: readonly PossibleDuplicate[],
): Promise<void> {
  if (possibleDuplicates.length === 0) return;
  const { tx, batch } = settlement;
  const delivered = Map.groupBy(possibleDuplicates, ({ cdr }) => identityText(cdr));
  const records = new Map([...delivered].map(([text, own]) => [text, own.map(({ cdr }) => cdr)]));
  await settleCalls(settlement, await gatherCalls(tx, batch.state, records), delivered);
}

/**
 * Settles again the calls of records in quarantine, after facts or tables have changed; canonical records that could
 * not be read are read again, since what reads them may have been mended.
 */
export async function settleQuarantined(settlement: Settlement, records: readonly QuarantinedRecord[]): Promise<void> {
  await settleReadAgain(
    settlement,
    records.filter(({ cdr }) => cdr === null),
  );
  const { tx, batch } = settlement;
  await settleCalls(settlement, await gatherCalls(tx, batch.state, Map.groupBy(recordsOf(records), identityText)));
}

/**
 * Settles calls that may be billed in several places, or though there was no call, each with all that is known of it.
 */
export async function settleBilled(settlement: Settlement, keys: readonly CallKey[]): Promise<void> {
  const { tx, batch } = settlement;
  const found = await findCalls(tx, keys);
  const cdrs = found.map(({ record }) => recordedCdr(record));
  const gathered = await gatherCalls(tx, batch.state, Map.groupBy(cdrs, identityText), keys);
  for (const call of gathered.byText.values()) if (isBilledWrongly(call)) batch.count('swept\t');
  await settleCalls(settlement, gathered);
}

/** Whether a sweep finds something to settle: most calls that it looks at share a hash, and nothing else. */
function isBilledWrongly({ posted, kept }: GatheredCall): boolean {
  const billed = posted.filter(({ posted: { coverage } }) => coverage !== null);
  if (billed.length > 1) return true;
  return billed.some(({ cdr }) => kept.some((one) => one.kept.state === 'no-call' && one.cdr.revision >= cdr.revision));
}

async function settleReadAgain(settlement: Settlement, unread: readonly QuarantinedRecord[]): Promise<void> {
  for (const { no, reason, source, partition, position, item, format, record, receipt } of unread) {
    if (format !== canonicalNdjson.id) continue;
    const decoded = canonicalNdjson.decode(record, 0, record.length);
    const cdr = decoded.kind === 'call' ? decoded.cdr : decoded.kind === 'bad' ? undefined : decoded.correction;
    if (cdr === undefined) continue;
    const provenance = { source, partition, position, item, format, record, receipt };
    const isDoubted = decoded.kind === 'call' && !isPlausible(decoded.cdr.startedAt, receipt);
    const doubt = isDoubted ? { isStartDoubted: true as const } : {};
    await changeQuarantine(settlement.tx, [{ no, reason, state: 'rated' }]);
    await settlePossibleDuplicates(settlement, [{ cdr, identity: identityOf(cdr), provenance, ...doubt }]);
    await settlement.flush();
  }
}

/** Settles calls one by one, each with what was delivered of it. */
async function settleCalls(
  settlement: Settlement,
  gathered: GatheredCalls,
  delivered: ReadonlyMap<string, readonly PossibleDuplicate[]> = new Map(),
): Promise<void> {
  const unsettled: (readonly [GatheredCall, readonly Known[]])[] = [];
  const texts = new Texts();
  for (const call of gathered.byText.values()) {
    const possibleDuplicates = delivered.get(call.text) ?? NONE_DELIVERED;
    if (!isNewAfterAll(call, possibleDuplicates)) unsettled.push([call, knownOf(call, possibleDuplicates, texts)]);
  }
  await giveNumbersAhead(settlement, gathered, unsettled);
  for (const [call, records] of unsettled) await settleCall(settlement, gathered, call, records);
}

const NONE_DELIVERED: readonly PossibleDuplicate[] = [];

/** What is posted is what this batch posted: a call that was never seen, after all. */
function isNewAfterAll({ posted, kept }: GatheredCall, possibleDuplicates: readonly PossibleDuplicate[]): boolean {
  return (
    possibleDuplicates[0]?.isPosted === true &&
    possibleDuplicates.length === 1 &&
    posted.length === 1 &&
    kept.length === 0
  );
}

function knownOf({ posted, kept }: GatheredCall, delivered: readonly PossibleDuplicate[], texts: Texts): Known[] {
  return [
    ...posted.map(({ posted: call, cdr }): Known => {
      const text = texts.of(cdr);
      const duplicate = delivered.find((one) => one.isPosted === true && texts.of(one.cdr) === text);
      return { from: 'posted', posted: call, duplicate, cdr, text };
    }),
    ...kept.map(({ kept: record, cdr }): Known => ({ from: 'quarantine', kept: record, cdr, text: texts.of(cdr) })),
    ...delivered.flatMap((duplicate): Known[] =>
      duplicate.isPosted === true
        ? []
        : [{ from: 'delivery', duplicate, cdr: duplicate.cdr, text: texts.of(duplicate.cdr) }],
    ),
  ];
}

/** Calls that will be posted, and share their hash, are given their numbers by one statement. */
async function giveNumbersAhead(
  { tx, batch }: Settlement,
  { holders, contested }: GatheredCalls,
  unsettled: readonly (readonly [GatheredCall, readonly Known[]])[],
): Promise<void> {
  if (contested.size === 0) return;
  const expected = new Holders(holders);
  const needing: GatheredCall[] = [];
  for (const [call, records] of unsettled) {
    if (!contested.has(call.hashNumber)) continue;
    const unposted = records.filter(({ from }) => from !== 'posted');
    for (const account of accountsOfRated(unposted, batch)) {
      const number = numberUnder(call, account, expected);
      if (number !== null) expected.add(account, number, call.text);
      else {
        needing.push(call);
        break;
      }
    }
  }
  await giveNumbers(tx, needing);
}

function accountsOfRated(records: readonly Known[], { state }: Batch): Set<number> {
  const accounts = new Set<number>();
  for (const { cdr } of records) {
    if (isNoCall(cdr)) continue;
    const rated = rateCall(cdr, state.context);
    if (typeof rated !== 'string') accounts.add(rated.line.account);
  }
  return accounts;
}

async function settleCall(
  settlement: Settlement,
  gathered: GatheredCalls,
  call: GatheredCall,
  records: readonly Known[],
): Promise<void> {
  // Entries that are all reversed say nothing but which revision comes next.
  const live = records.filter((record) => record.from !== 'posted' || record.posted.coverage !== null);
  const candidates: Candidate[] = [];
  const unratable: (readonly [Known, string])[] = [];
  const distinct = await withoutRepeats(settlement, live);
  for (const record of distinct) {
    if (isNoCall(record.cdr)) {
      candidates.push(new Candidate(record, null));
      continue;
    }
    if (isFormer(records, record)) {
      await setAside(settlement, record, READ_OTHERWISE, 'superseded');
      continue;
    }
    const rated = await rateKnown(settlement, record, record.cdr);
    if (typeof rated === 'string') unratable.push([record, rated]);
    else candidates.push(new Candidate(record, rated));
  }
  const winner = candidates.length === 0 ? null : recordToBill(candidates);
  for (const [record, reason] of unratable) await setUnratableAside(settlement, record, reason, winner);
  if (winner === null) return;
  for (const loser of candidates) if (loser !== winner) await setLoserAside(settlement, loser, winner);
  if (winner.rated === null) await takeNoCall(settlement, call, winner.record);
  else {
    const place = winner.record.from === 'posted' ? winner.record.posted : winner.rated.line;
    if (distinct.length > 1) noteBilled(settlement.batch, call, place);
    await bill(settlement, gathered, call, winner.record, winner.rated);
  }
}

/**
 * A record that can't be rated neither replaces nor hinders one that can. It waits for its own cause, unless a later
 * revision counts in its place: then nobody need repair anything. Should that one be billed no more, all records of
 * the call are settled again, and this one waits once more.
 */
async function setUnratableAside(
  settlement: Settlement,
  record: Known,
  reason: string,
  winner: Candidate | null,
): Promise<void> {
  const isReplaced = winner !== null && winner.cdr.revision > record.cdr.revision;
  if (!isReplaced) return setAside(settlement, record, reason, 'waiting');
  // That its start was doubted stands nowhere else.
  const kept = reason === 'start-implausible' ? reason : 'superseded';
  await setAside(settlement, record, kept, 'superseded');
}

/**
 * Whether it is what a call was known as, and is no more, since other records of it came: it never counts again, though
 * what took its place can't be rated.
 */
function isFormer(records: readonly Known[], { text }: Known): boolean {
  return records.some((one) => {
    if (one.text !== text) return false;
    if (one.from === 'quarantine') return one.kept.reason === READ_OTHERWISE;
    return one.from === 'delivery' && one.duplicate.isFormer === true;
  });
}

const READ_OTHERWISE = 'read-otherwise';

/** The records that say something of their own; the others are duplicates. */
async function withoutRepeats(settlement: Settlement, live: readonly Known[]): Promise<Known[]> {
  const distinct: Known[] = [];
  for (const equal of Map.groupBy(live, ({ text }) => text).values()) {
    const first = believedOf(settlement, firstOf(equal, settlement.batch), equal);
    distinct.push(first);
    keepRepeats(settlement, first, equal);
    for (const record of equal) if (record !== first) await settleRepeat(settlement, record);
  }
  return distinct;
}

/** Of several equal records the one that stays: the one posted where it belongs, else the first. */
function firstOf(equal: readonly Known[], { state }: Batch): Known {
  const [first] = equal;
  const posted = equal.filter((record) => record.from === 'posted');
  if (posted.length < 2) return first!;
  const rated = rateCall(posted[0]!.cdr, state.context);
  if (typeof rated === 'string') return first!;
  const inPlace = posted.find((record) => {
    const { account, period } = record.posted;
    return account === rated.line.account && period === rated.period;
  });
  return inPlace ?? first!;
}

async function settleRepeat(settlement: Settlement, record: Known): Promise<void> {
  const { batch, tx } = settlement;
  switch (record.from) {
    case 'delivery':
      return countOnce(batch, record.duplicate, 'duplicate\t', DUPLICATE);
    case 'quarantine':
      // Another worker, which had not seen it, has posted it since.
      return changeQuarantine(tx, [{ no: record.kept.no, reason: record.kept.reason, state: 'rated' }]);
    case 'posted':
      takeBack(settlement, record.posted);
      if (record.duplicate === undefined) return;
      batch.count('rated\t', -1);
      countOnce(batch, record.duplicate, 'duplicate\t', DUPLICATE);
  }
}

/** A record that counts for its call, if no other does before it. */
class Candidate implements IdentifiedRecord {
  readonly cdr: Cdr | NoCall;
  readonly record: Known;
  /** `null`: it says that there was no call. */
  readonly rated: RatedCall | null;

  constructor(record: Known, rated: RatedCall | null) {
    this.cdr = record.cdr;
    this.record = record;
    this.rated = rated;
  }

  /** Most are the only ones of their calls: nobody asks. */
  get content(): string {
    return contentHashOfText(this.record.text);
  }
}

/** Has the winner billed; all that was posted for others of its identity has been taken back. */
async function bill(
  settlement: Settlement,
  gathered: GatheredCalls,
  call: GatheredCall,
  winner: Known,
  rated: RatedCall,
): Promise<void> {
  if (winner.from === 'posted' || isNoCall(winner.cdr)) return;
  const { batch, tx } = settlement;
  await postCall(settlement, gathered, call, rated, winner.cdr);
  if (winner.from === 'delivery') countOnce(batch, winner.duplicate, 'rated\t', null);
  else {
    batch.count('replayed\t');
    await changeQuarantine(tx, [{ no: winner.kept.no, reason: winner.kept.reason, state: 'rated' }]);
  }
}

/**
 * Keeps a correction that says that there was no call, and counts; all that was posted for its call has been taken
 * back. Whoever rates a bucket in which the call may turn up must know of it.
 */
async function takeNoCall(settlement: Settlement, call: GatheredCall, winner: Known): Promise<void> {
  const { batch } = settlement;
  if (!isNoCall(winner.cdr)) return;
  await setAside(settlement, winner, winner.cdr.noCallReason, 'no-call');
  const buckets = bucketsToWatch(winner.cdr, batch.state);
  for (const { posted } of call.posted) buckets.add(posted.bucket);
  for (const bucket of buckets) batch.watch(bucket, call.hash);
}

async function setLoserAside(settlement: Settlement, loser: Candidate, winner: Candidate): Promise<void> {
  const reason = losingReason(loser, winner);
  if (reason === 'superseded') return setAside(settlement, loser.record, reason, 'superseded');
  // Two corrections that say that there was no call do not contradict each other.
  if (isNoCall(loser.cdr)) return setAside(settlement, loser.record, loser.cdr.noCallReason, 'no-call');
  await setAside(settlement, loser.record, reason, 'waiting');
  noteConflict(settlement, winner.record, loser.record);
}

function takeBack({ batch }: Settlement, posted: PostedCall): void {
  batch.postReversal(posted, 'record-replaced');
  batch.markStale(batch.state.lineOf(posted.line), posted.period);
}

/** Keeps a record that is not billed, under the reason, wherever it comes from; takes back what was posted for it. */
async function setAside(
  settlement: Settlement,
  record: Known,
  reason: string,
  keptState: QuarantineState,
): Promise<void> {
  const { tx, batch } = settlement;
  if (keptState === 'waiting') noteWaiting(settlement, record, reason);
  if (record.from === 'posted') takeBack(settlement, record.posted);
  if (record.from === 'quarantine') {
    if (record.kept.reason === reason && record.kept.state === keptState) return;
    const detail = record.kept.reason === reason ? {} : { detail: detailOf(reason, record.cdr) };
    const waitsMonth = reason === 'month-not-prepared' && !isNoCall(record.cdr) ? monthOf(record.cdr, batch) : null;
    await changeQuarantine(tx, [{ no: record.kept.no, reason, state: keptState, ...detail, waitsMonth }]);
    return;
  }
  const { high, low } = identityOf(record.cdr);
  batch.state.seen.add(high, low, 0);
  if (record.from === 'posted' && record.duplicate !== undefined) batch.count('rated\t', -1);
  if (record.duplicate !== undefined) {
    const key = isNoCall(record.cdr) ? `not-a-call\t${record.cdr.noCallReason}` : `quarantined\t${reason}`;
    countOnce(batch, record.duplicate, key, outcomeOf(record.duplicate, reason));
  }
  const provenance =
    record.from === 'delivery'
      ? record.duplicate.provenance
      : (record.duplicate?.provenance ?? ledgerProvenance(record.posted));
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
