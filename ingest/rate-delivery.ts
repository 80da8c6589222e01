import { contentHash, rateCall } from '../rater/index.ts';
import type { Batch } from './batch.ts';
import type { DeliveredRecord, Delivery } from './delivery.ts';
import { identityNumber, identityOf } from './identity-halves.ts';
import type { RatingState } from './rating-state.ts';
import { type Provenance, type Suspect, canonicalBytes, detailOf } from './settle.ts';

/**
 * The hot path: rates every record of a delivery that was surely never met before, and returns the others, whose
 * identity may have been. Nothing waits here, and nothing is looked up outside memory.
 */
export function rateDelivery(delivery: Delivery, batch: Batch, state: RatingState): Suspect[] {
  const suspects: Suspect[] = [];
  for (const record of delivery.records) {
    batch.count('received');
    const { decoded } = record;
    if (decoded.kind === 'not-a-call') batch.count('not-a-call', decoded.reason);
    else if (decoded.kind === 'bad') setAsideBad(delivery, record, decoded.reason, decoded.detail, batch);
    else rateRecord(delivery, record, batch, state, suspects);
  }
  return suspects;
}

function rateRecord(
  delivery: Delivery,
  record: DeliveredRecord,
  batch: Batch,
  state: RatingState,
  suspects: Suspect[],
): void {
  if (record.decoded.kind !== 'call') return;
  const { cdr } = record.decoded;
  const identity = identityOf(cdr);
  const rated = rateCall(cdr, state.context);
  if (state.seen.has(identity.high, identity.low)) {
    if (typeof rated !== 'string') batch.buckets.add(rated.line.bucket);
    suspects.push({ cdr, identity, provenance: provenanceOf(delivery, record) });
    return;
  }
  if (typeof rated === 'string') {
    state.seen.add(identity.high, identity.low, 0);
    batch.count('quarantined', rated);
    batch.quarantine.push({
      ...provenanceOf(delivery, record),
      reason: rated,
      detail: detailOf(rated, cdr),
      identity: identityNumber(identity),
      content: contentHash(cdr),
      cdr: canonicalBytes(cdr),
      state: 'waiting',
    });
    return;
  }
  state.seen.add(identity.high, identity.low, rated.line.account);
  batch.count('rated');
  batch.postUsage(rated, cdr, identity, 0);
}

function setAsideBad(delivery: Delivery, record: DeliveredRecord, reason: string, detail: string, batch: Batch): void {
  batch.count('quarantined', reason);
  const unidentified = { identity: null, content: null, cdr: null, state: 'waiting' as const };
  batch.quarantine.push({ ...provenanceOf(delivery, record), reason, detail, ...unidentified });
}

function provenanceOf(delivery: Delivery, record: DeliveredRecord): Provenance {
  return {
    source: delivery.source,
    partition: delivery.partition,
    position: record.position,
    format: delivery.format,
    record: record.buffer.subarray(record.start, record.end),
  };
}
