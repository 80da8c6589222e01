import { type Cdr, type RatedCall, rateCall } from '../rater/index.ts';
import type { Batch } from './batch.ts';
import type { DeliveredRecord, Delivery } from './delivery.ts';
import { type IdentityHalves, identityOf } from './identity-halves.ts';
import type { Provenance } from './kept-record.ts';
import type { RatingState } from './rating-state.ts';

/**
 * The hot path: rates every record of a delivery that was surely never met before; the others, whose identity may have
 * been, become suspects. Nothing waits here, and nothing is looked up outside memory; it yields after each
 * `recordsAStep`, where it may be left for a while.
 */
export function* rateDelivery(delivery: Delivery, batch: Batch, recordsAStep: number): Generator<void> {
  const { records } = delivery;
  batch.count('received\t', records.length);
  for (let from = 0; from < records.length; from += recordsAStep) {
    yield;
    rateSome(delivery, batch, records, from, Math.min(records.length, from + recordsAStep));
  }
}

function rateSome(
  delivery: Delivery,
  batch: Batch,
  records: readonly DeliveredRecord[],
  from: number,
  to: number,
): void {
  for (let at = from; at < to; at++) {
    const record = records[at]!;
    const { decoded } = record;
    if (decoded.kind === 'call') rateRecord(delivery, record, decoded.cdr, batch);
    else if (decoded.kind === 'not-a-call') batch.count(`not-a-call\t${decoded.reason}`);
    else setAsideBad(delivery, record, decoded.reason, decoded.detail, batch);
  }
}

/** Rates the records that were put aside, now that their months are in memory. */
export function rateStrays(delivery: Delivery, batch: Batch): void {
  for (const record of batch.strays.splice(0)) {
    if (record.decoded.kind === 'call') rateRecord(delivery, record, record.decoded.cdr, batch);
  }
}

function rateRecord(delivery: Delivery, record: DeliveredRecord, cdr: Cdr, batch: Batch): void {
  const { state } = batch;
  const rated = rateCall(cdr, state.context);
  if (typeof rated !== 'string' && rated.line.lastMonth?.period !== rated.period) {
    if (!state.enterMonth(rated.line, rated.period)) {
      batch.putAside(record, rated.line.bucket, rated.period);
      return;
    }
  }
  const identity = identityOf(cdr);
  if (!isNew(identity, typeof rated === 'string' ? 0 : rated.line.account, state)) {
    const isPosted = typeof rated !== 'string' && isMetElsewhere(identity, rated.line.account, state);
    batch.suspects.push({ cdr, identity, provenance: provenanceOf(delivery, record), isPosted });
    if (typeof rated === 'string') return;
    if (isPosted) postMetElsewhere(rated, cdr, identity, batch);
    else batch.buckets.add(rated.line.bucket);
  } else if (typeof rated === 'string') {
    batch.count(`quarantined\t${rated}`);
    batch.setAside(provenanceOf(delivery, record), cdr, rated, 'waiting');
  } else {
    batch.postNewCall(rated, cdr, identity, rated.line.lastMonth!);
  }
}

/**
 * Whether an identity that may have been met was met under other accounts only: nearly always another call with the same
 * fingerprint, of which there is one in 400,000.
 */
function isMetElsewhere({ high, low }: IdentityHalves, account: number, { seen }: RatingState): boolean {
  const accounts = seen.find(high, low);
  return !accounts.includes(account) && !accounts.includes(0);
}

/** Posts it as a call that was never met: should the ledger know better, it is taken back in the same transaction. */
function postMetElsewhere(rated: RatedCall, cdr: Cdr, identity: IdentityHalves, batch: Batch): void {
  batch.state.seen.add(identity.high, identity.low, rated.line.account);
  batch.postNewCall(rated, cdr, identity, rated.line.lastMonth!);
}

/** Whether the identity was surely never met; it is by now. */
function isNew(identity: IdentityHalves, account: number, state: RatingState): boolean {
  const { high, low } = identity;
  const wasAbsent = state.seen.addNew(high, low, account);
  if (state.unposted.size === 0 || !state.wasUnposted(identity)) return wasAbsent;
  // A batch that failed had put it in; perhaps under another account.
  if (!wasAbsent && !state.seen.find(high, low).includes(account)) state.seen.add(high, low, account);
  return true;
}

function setAsideBad(delivery: Delivery, record: DeliveredRecord, reason: string, detail: string, batch: Batch): void {
  batch.count(`quarantined\t${reason}`);
  const unidentified = { identity: null, content: null, cdr: null, state: 'waiting' as const };
  batch.quarantine.push({ ...provenanceOf(delivery, record), reason, detail, ...unidentified });
}

function provenanceOf(delivery: Delivery, record: DeliveredRecord): Provenance {
  const { source, partition, format } = record.origin ?? delivery;
  return {
    source,
    partition,
    position: record.position,
    item: record.item ?? 0,
    format,
    record: record.buffer.subarray(record.start, record.end),
  };
}
