import { type Decoded, type Leg, encodeCanonical } from '../../formats/index.ts';
import type { Receipt } from '../../ledger/index.ts';
import { type Cdr, type CdrContent, type NoCall, identityText, isNoCall } from '../../rater/index.ts';
import type { DeliveredRecord } from '../delivery.ts';
import type { Provenance } from '../settling/kept-record.ts';
import { type StandingLeg, placeOf, recordOf, revisionOfReading } from './leg-group.ts';

/** A leg that is read otherwise than before, as a record of no source: settled with what it was known as. */
export function correctionOf(
  leg: Leg,
  receipt: Receipt | null,
  former: Cdr | null,
  now: Cdr | NoCall,
): DeliveredRecord {
  const { source, partition, format, record } = provenanceOf(leg, receipt);
  const decoded: Decoded = isNoCall(now)
    ? { kind: 'not-a-call', reason: 'undecided', correction: now }
    : { kind: 'call', cdr: now, notes: [] };
  return {
    decoded,
    position: 0,
    item: 0,
    origin: { source, partition, format },
    receipt,
    correction: { former, now },
    buffer: record,
    start: 0,
    end: record.length,
  };
}

/** Where a leg of an earlier delivery is kept: in the ledger, as its evidence. */
export function provenanceOf(leg: Leg, receipt: Receipt | null): Provenance {
  const { bucket } = placeOf(leg);
  const record = Buffer.from(leg.evidence, 'utf8');
  return { source: 'legs', partition: bucket, position: 0, item: 0, format: leg.family, record, receipt };
}

/** The call that a leg is known to be; `null`: it is none. */
export function callOf(standing: StandingLeg, leg: Leg): Cdr | null {
  const decoded = recordOf(standing, leg);
  return decoded.kind === 'call' ? decoded.cdr : null;
}

/** The call that stands now under the identity of one that was read before; `null`: there is none. */
export function callOfIdentity(standing: ReadonlyMap<string, StandingLeg>, former: Cdr, leg: Leg): Cdr | null {
  const identity = identityText(former);
  const call = [...standing.values()].find(
    ({ reading }) => reading.kind === 'call' && identityText(reading.content) === identity,
  );
  return call === undefined ? null : callOf(call, leg);
}

/**
 * What is told of a leg that is no call, whether or not it was one before: others may tell of it. `null`: nothing.
 */
export function toldNone(standing: StandingLeg): NoCall | null {
  const { reading } = standing;
  return reading.kind === 'call' || reading.none === undefined ? null : noCallOf(reading.none, standing);
}

/** What takes the place of a call that is none any more. */
export function noCallOf(former: CdrContent, { reading, revision }: StandingLeg): NoCall {
  const kind = reading.kind === 'not-a-call' ? kindOf(reading.reason) : 'undecided';
  const content = { ...former, revision: revisionOfReading(revision), kind };
  const recordBuffer = encodeCanonical(content);
  const noCallReason = kind === 'attempt' ? 'unanswered' : kind;
  return { ...content, noCallReason, recordBuffer, recordStart: 0, recordEnd: recordBuffer.length };
}

/** The kinds of the canonical form that say that there was no call. */
function kindOf(reason: string): string {
  if (reason === 'inbound' || reason === 'interim') return reason;
  return reason === 'unanswered' || reason === 'disposition-conflict' ? 'attempt' : 'internal';
}
