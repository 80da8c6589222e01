import { type Cdr, type UnratedReason, contentHash, rateCall } from '../rater/index.ts';
import type { Batch } from './batch.ts';
import type { DeliveredRecord, Delivery } from './delivery.ts';
import { type IdentityHalves, identityNumber, identityOf } from './identity-halves.ts';
import { type Provenance, canonicalBytes, detailOf } from './settle.ts';

/**
 * The hot path: rates every record of a delivery that was surely never met before; the others, whose identity may have
 * been, become suspects. Nothing waits here, and nothing is looked up outside memory.
 */
export function rateDelivery(delivery: Delivery, batch: Batch): void {
  batch.count('received\t', delivery.records.length);
  for (const record of delivery.records) {
    const { decoded } = record;
    if (decoded.kind === 'call') rateRecord(delivery, record, decoded.cdr, batch);
    else if (decoded.kind === 'not-a-call') batch.count(`not-a-call\t${decoded.reason}`);
    else setAsideBad(delivery, record, decoded.reason, decoded.detail, batch);
  }
}

function rateRecord(delivery: Delivery, record: DeliveredRecord, cdr: Cdr, batch: Batch): void {
  const { context, seen } = batch.state;
  const identity = identityOf(cdr);
  const rated = rateCall(cdr, context);
  const account = typeof rated === 'string' ? 0 : rated.line.account;
  if (!seen.addNew(identity.high, identity.low, account)) {
    if (typeof rated !== 'string') batch.buckets.add(rated.line.bucket);
    batch.suspects.push({ cdr, identity, provenance: provenanceOf(delivery, record) });
  } else if (typeof rated === 'string') {
    setAsideUnrated(delivery, record, cdr, identity, rated, batch);
  } else {
    batch.count('rated\t');
    batch.postNewCall(rated, cdr, identity);
  }
}

function setAsideUnrated(
  delivery: Delivery,
  record: DeliveredRecord,
  cdr: Cdr,
  identity: IdentityHalves,
  reason: UnratedReason,
  batch: Batch,
): void {
  batch.count(`quarantined\t${reason}`);
  batch.quarantine.push({
    ...provenanceOf(delivery, record),
    reason,
    detail: detailOf(reason, cdr),
    identity: identityNumber(identity),
    content: contentHash(cdr),
    cdr: canonicalBytes(cdr),
    state: 'waiting',
  });
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
