import {
  CallColumns,
  type Cdr,
  type NoCall,
  type OrdinaryCall,
  type RatedCall,
  type RatingContext,
  type RatingOutcome,
  isNoCall,
  isStillOrdinary,
  newOrdinaryCall,
  rateCall,
  rateOrdinary,
} from '../../rater/index.ts';
import type { Batch } from './batch.ts';
import type { DeliveredRecord, Delivery, LegReadingChange } from '../delivery.ts';
import { type IdentityHalves, identityOf } from '../settling/identity-halves.ts';
import { type Provenance, type WaitingReason, detailOf } from '../settling/kept-record.ts';
import { isPlausible } from '../starts/plausible-starts.ts';
import type { RatingState } from '../memory/rating-state.ts';
import { noteRegistration } from '../registrations/take-registrations.ts';

/**
 * So many records are read before they are rated: what rating asks of memory is read for all of them first
 * (`findPlaces`).
 */
const READ_AT_ONCE = 128;

// The records being rated, and what became of each: nothing is kept from one step to the next.
const calls = new CallColumns(READ_AT_ONCE);
const ordinaries = Array.from({ length: READ_AT_ONCE }, newOrdinaryCall);
/** 1 where the call in the columns was rated as an ordinary one. */
const isOrdinary = new Uint8Array(READ_AT_ONCE);
/** Which of them were taken in. */
const taken = new Uint8Array(READ_AT_ONCE);

/**
 * The hot path: rates every record of a delivery that was surely never seen before; the others, whose identity may have
 * been, become possible duplicates. Nothing waits here, and nothing is looked up outside memory; it yields after each
 * `recordsAStep`, where it may be left for a while.
 */
export function* rateDelivery(delivery: Delivery, batch: Batch, recordsAStep: number): Generator<void> {
  const { records, starts } = delivery;
  batch.count('received\t', records.length);
  starts.clear();
  batch.outcomes = delivery.outcomes ?? null;
  batch.outcomes?.clear();
  for (let from = 0; from < records.length; from += recordsAStep) {
    yield;
    const to = Math.min(records.length, from + recordsAStep);
    for (let at = from; at < to; at += READ_AT_ONCE) rateSome(delivery, batch, at, Math.min(to, at + READ_AT_ONCE));
    calls.clear();
    // Nothing else keeps the buffers alive once their records are in the ledger.
    for (const ordinary of ordinaries) ordinary.record = null;
  }
}

/**
 * Rates the records `[from, to)`, nearly all as ordinary calls. Each step is done for all of them before the next:
 * its code and its tables then stay in the processor's caches, which hold no more than a step's.
 */
function rateSome(delivery: Delivery, batch: Batch, from: number, to: number): void {
  const { records, starts } = delivery;
  const { context, seen } = batch.state;
  const count = to - from;
  for (let at = 0; at < count; at++) {
    calls.isRead[at] = records[from + at]!.scan?.(calls, at) === true ? 1 : 0;
  }
  context.directory.findPlaces(calls, count);
  seen.touch(calls.identityHigh, calls.identityLow, count);
  for (let at = 0; at < count; at++) {
    isOrdinary[at] = calls.isRead[at] === 1 && rateOrdinary(calls, at, context, ordinaries[at]!) ? 1 : 0;
  }
  for (let at = 0; at < count; at++) {
    const isRead = calls.isRead[at] === 1;
    const record = records[from + at]!;
    const isTaken = isRead && isPlausible(calls.startedAt[at]!, record.receipt);
    if (isTaken) starts.note(calls.startedAt[at]!);
    taken[at] = isTaken && isOrdinary[at] === 1 && takeAsOrdinary(batch, ordinaries[at]!) ? 1 : 0;
    if (taken[at] === 1) continue;
    const rated = rateOne(delivery, record, batch, !isRead);
    if (isRead && rated !== null) rememberCall(rated, at, context);
  }
  for (let at = 0; at < count; at++) if (taken[at] === 1) batch.postOrdinary(ordinaries[at]!);
}

/**
 * Takes in a call that was rated as an ordinary one, if it still is, and was surely never seen before: it must be
 * posted.
 */
function takeAsOrdinary(batch: Batch, ordinary: OrdinaryCall): boolean {
  const { state } = batch;
  if (state.unposted.size > 0 || !isStillOrdinary(ordinary, state.context)) return false;
  if (!state.seen.addNew(ordinary.identityHigh, ordinary.identityLow, ordinary.account)) return false;
  batch.takeOrdinary(ordinary);
  return true;
}

/** The call in the columns at `at` was rated as `rated`: what it showed of its line holds for the next like it. */
function rememberCall({ line, flags, startedAt }: RatedCall, at: number, { directory }: RatingContext): void {
  if (flags === 0) directory.remember(calls.place[at]!, line, startedAt, calls.device[at]!, calls.address[at]!);
}

/** Rates a record of any kind; what it is as a call, `null` where it is none or can't be rated. */
function rateOne(delivery: Delivery, record: DeliveredRecord, batch: Batch, notesStart: boolean): RatedCall | null {
  const { decoded, correction } = record;
  if (correction !== undefined) {
    // It is no record that the source has.
    batch.count('received\t', -1);
    settleChangeLater(correction, record, provenanceOf(delivery, record), batch);
    return null;
  }
  switch (decoded.kind) {
    case 'call':
      if (notesStart && isPlausible(decoded.cdr.startedAt, record.receipt)) delivery.starts.note(decoded.cdr.startedAt);
      return rateRecord(delivery, record, decoded.cdr, batch);
    case 'not-a-call':
      if (decoded.registration !== undefined) {
        const fault = noteRegistration(record, decoded.registration, batch);
        if (fault !== null) {
          batch.setAsideUnread(provenanceOf(delivery, record), fault);
          return null;
        }
      }
      if (decoded.correction === undefined) {
        const { reason } = decoded;
        if (decoded.registration === undefined) batch.count(`not-a-call\t${reason}`);
        batch.outcomes?.note(record.position, { status: 'not-a-call', reason });
      } else settleNoCallLater(delivery, record, decoded.correction, batch);
      return null;
    case 'bad':
      batch.setAsideUnread(provenanceOf(delivery, record), decoded);
      return null;
  }
}

/** Rates the records that were put aside, now that their months are in memory. */
export function rateDeferred(delivery: Delivery, batch: Batch): void {
  for (const record of batch.deferred.splice(0)) {
    const { correction } = record;
    if (correction !== undefined) settleChangeLater(correction, record, provenanceOf(delivery, record), batch);
    else if (record.decoded.kind === 'call') rateRecord(delivery, record, record.decoded.cdr, batch);
  }
}

function rateRecord(delivery: Delivery, record: DeliveredRecord, cdr: Cdr, batch: Batch): RatedCall | null {
  const { state } = batch;
  if (!isPlausible(cdr.startedAt, record.receipt)) {
    settleStartLater(delivery, record, cdr, batch);
    return null;
  }
  let rated: RatingOutcome | WaitingReason = rateCall(cdr, state.context);
  if (typeof rated !== 'string' && rated.line.lastMonth?.period !== rated.period) {
    if (!state.enterMonth(rated.line, rated.period)) {
      if (!state.unprepared.has(rated.period)) {
        batch.putAside(record, rated.line.bucket, rated.period);
        return null;
      }
      rated = 'month-not-prepared';
    }
  }
  if (typeof rated !== 'string' && state.mayBeTold(rated, cdr) && !batch.asked.has(rated.line, cdr.startedAt)) {
    batch.putAsideToAsk(record, rated.line, cdr.startedAt);
    return null;
  }
  const identity = identityOf(cdr);
  if (!isNew(identity, typeof rated === 'string' ? 0 : rated.line.account, state)) {
    const isPosted = typeof rated !== 'string' && isSeenElsewhere(identity, rated.line.account, state);
    batch.possibleDuplicates.push({ cdr, identity, provenance: provenanceOf(delivery, record), isPosted });
    if (typeof rated === 'string') return null;
    if (isPosted) postSeenElsewhere(rated, cdr, identity, batch);
    else batch.buckets.add(rated.line.bucket);
  } else if (typeof rated === 'string') {
    batch.count(`quarantined\t${rated}`);
    const detail = detailOf(rated, cdr, record.receipt);
    batch.outcomes?.note(record.position, { status: 'quarantined', reason: rated, detail });
    batch.setAside(provenanceOf(delivery, record), cdr, rated, 'waiting');
    return null;
  } else {
    batch.postNewCall(rated, cdr, identity, rated.line.lastMonth!);
  }
  return rated;
}

/**
 * A start that is implausible makes no month and waits, unless the very same record came with a plausible one: only the
 * ledger knows, whatever memory has. So it asks where the call would be billed.
 */
function settleStartLater(delivery: Delivery, record: DeliveredRecord, cdr: Cdr, batch: Batch): void {
  const rated = rateCall(cdr, batch.state.context);
  if (typeof rated !== 'string') batch.buckets.add(rated.line.bucket);
  const provenance = provenanceOf(delivery, record);
  batch.possibleDuplicates.push({ cdr, identity: identityOf(cdr), provenance, isStartDoubted: true });
}

/**
 * Whether an identity that may have been seen was seen under other accounts only: nearly always another call with the
 * same fingerprint, of which there is one in 400,000.
 */
function isSeenElsewhere({ high, low }: IdentityHalves, account: number, { seen }: RatingState): boolean {
  const accounts = seen.find(high, low);
  return !accounts.includes(account) && !accounts.includes(0);
}

/** Posts it as a call that was never seen: should the ledger know better, it is taken back in the same transaction. */
function postSeenElsewhere(rated: RatedCall, cdr: Cdr, identity: IdentityHalves, batch: Batch): void {
  batch.state.seen.add(identity.high, identity.low, rated.line.account);
  batch.postNewCall(rated, cdr, identity, rated.line.lastMonth!);
}

/** Whether the identity was surely never seen; it is by now. */
function isNew(identity: IdentityHalves, account: number, state: RatingState): boolean {
  const { high, low } = identity;
  const wasAbsent = state.seen.addNew(high, low, account);
  if (state.unposted.size === 0 || !state.wasUnposted(identity)) return wasAbsent;
  // A batch that failed had put it in; perhaps under another account.
  if (!wasAbsent && !state.seen.find(high, low).includes(account)) state.seen.add(high, low, account);
  return true;
}

/**
 * Only the ledger knows what a correction corrects that says that there was no call; from now on records of the call
 * are possible duplicates.
 */
function settleNoCallLater(delivery: Delivery, record: DeliveredRecord, cdr: NoCall, batch: Batch): void {
  const identity = identityOf(cdr);
  batch.state.seen.add(identity.high, identity.low, 0);
  batch.possibleDuplicates.push({ cdr, identity, provenance: provenanceOf(delivery, record) });
}

/** What a call was known as, and is now, are settled with what is posted of it; neither is a record to be counted. */
function settleChangeLater(
  change: LegReadingChange,
  record: DeliveredRecord,
  provenance: Provenance,
  batch: Batch,
): void {
  const { state } = batch;
  const { former, now } = change;
  const rated = isNoCall(now) ? null : rateCall(now, state.context);
  if (rated !== null && typeof rated !== 'string') {
    const { line, period } = rated;
    if (!state.months.has(line.bucket, period) && !state.unprepared.has(period)) {
      return batch.putAside(record, line.bucket, period);
    }
  }
  batch.changes.push(change);
  for (const cdr of former === null ? [now] : [former, now]) {
    const identity = identityOf(cdr);
    // The next batch is rated before this one has settled it: from now on its records are possible duplicates.
    state.seen.add(identity.high, identity.low, 0);
    if (isNoCall(cdr)) {
      batch.possibleDuplicates.push({ cdr, identity, provenance, wasCounted: true });
      continue;
    }
    addBucketOf(cdr, batch);
    const doubt = isPlausible(cdr.startedAt, record.receipt) ? {} : { isStartDoubted: true as const };
    const which = cdr === former ? { isFormer: true as const } : {};
    batch.possibleDuplicates.push({ cdr, identity, provenance, wasCounted: true, ...which, ...doubt });
  }
}

function addBucketOf(cdr: Cdr, { state, buckets }: Batch): void {
  const rated = rateCall(cdr, state.context);
  if (typeof rated !== 'string') buckets.add(rated.line.bucket);
}

/**
 * Has whoever rates the bucket of the account that a call was known to be of know that it is another's, or none:
 * the record that said so may be on its way to them.
 */
export function watchFormer({ former, now }: LegReadingChange, batch: Batch): void {
  if (former === null) return;
  const { context } = batch.state;
  const before = rateCall(former, context);
  const after = isNoCall(now) ? null : rateCall(now, context);
  if (typeof before === 'string') return;
  const isSame = after !== null && typeof after !== 'string' && after.line.account === before.line.account;
  if (!isSame) batch.watch(before.line.bucket, identityOf(former));
}

function provenanceOf(delivery: Delivery, record: DeliveredRecord): Provenance {
  const { source, partition, format } = record.origin ?? delivery;
  return {
    source,
    partition,
    position: record.position,
    item: record.item ?? 0,
    firstReading: record.origin === undefined ? (delivery.firstReading ?? null) : null,
    format,
    record: record.buffer.subarray(record.start, record.end),
    receipt: record.receipt ?? null,
  };
}
