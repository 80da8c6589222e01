import type { NewQuarantinedRecord, QuarantineState, Receipt } from '../../ledger/index.ts';
import {
  type Cdr,
  type NoCall,
  canonicalText,
  contentHash,
  isNoCall,
  partiesOf,
  partyKeys,
} from '../../rater/index.ts';
import type { NumberingPlan } from '../../tariffs/index.ts';
import type { DecodedBad } from '../../formats/index.ts';
import { identityNumber, identityOf } from './identity-halves.ts';
import { callKey, legRecordKey, recordKey, unreadableKey } from './record-keys.ts';

/** Where a record comes from, as quarantine keeps it. */
export interface Provenance {
  readonly source: string;
  readonly partition: number;
  readonly position: number;
  readonly item: number;
  readonly format: string;
  /** As in `NewQuarantinedRecord`. */
  readonly firstReading?: string | null;
  readonly record: Buffer;
  /** When it reached its source; `null` or left out where the source does not say. */
  readonly receipt?: Receipt | null;
}

/** Why a record that could be read is not rated though its call could be: the record itself says nothing of it. */
export type WaitingReason =
  /** Its start lies too far from when the record reached its source. */
  | 'start-implausible'
  /** The ledger has no partition for the month of its start. */
  | 'month-not-prepared';

/** A record that could be read, as quarantine keeps it, with the facts that could change what becomes of it. */
export function keptRecord(
  provenance: Provenance,
  cdr: Cdr | NoCall,
  reason: string,
  state: QuarantineState,
  plan: NumberingPlan,
  month: number | null,
): NewQuarantinedRecord {
  return {
    ...provenance,
    reason,
    detail: detailOf(reason, cdr, provenance.receipt),
    identity: identityNumber(identityOf(cdr)),
    content: contentHash(cdr),
    cdr: canonicalBytes(cdr),
    callKey: callKey(cdr),
    recordKey: recordKey(canonicalText(cdr)),
    state,
    waitsFor: partyKeys(partiesOf(cdr), plan),
    waitsMonth: reason === 'month-not-prepared' ? month : null,
  };
}

/** A record that could not be read, as quarantine keeps it. */
export function unreadableRecord(
  provenance: Provenance,
  { reason, detail, wholeBytes, leg }: DecodedBad,
): NewQuarantinedRecord {
  const recordKeyOfBytes =
    leg === undefined
      ? unreadableKey(provenance.format, provenance.record, wholeBytes ?? null)
      : Buffer.from(legRecordKey(leg), 'hex');
  const unidentified = { identity: null, content: null, cdr: null, callKey: null };
  return { ...provenance, reason, detail, ...unidentified, recordKey: recordKeyOfBytes, state: 'waiting' };
}

/** The record in canonical form, by which it is judged again whatever format it came in. */
function canonicalBytes({ recordBuffer, recordStart, recordEnd }: Cdr | NoCall): Buffer {
  return recordBuffer.subarray(recordStart, recordEnd);
}

/** What a person needs to know to repair the cause. */
export function detailOf(reason: string, cdr: Cdr | NoCall, receipt?: Receipt | null): string {
  if (isNoCall(cdr)) {
    const { revision, callId, noCallReason } = cdr;
    const what = `Revision '${revision}' of call '${callId}' says that there was no call: '${noCallReason}'`;
    return reason === 'superseded' ? `${what}; a later one says otherwise` : what;
  }
  switch (reason) {
    case 'start-implausible':
      return `Cannot rate call '${cdr.callId}': its start '${instantText(cdr.startedAt)}' ${implausibility(receipt)}`;
    case 'month-not-prepared':
      return `Cannot rate call '${cdr.callId}': no partition for the month of its start '${instantText(cdr.startedAt)}'`;
    case 'unknown-line':
      return `Cannot rate call '${cdr.callId}': no line '${cdr.line}' at ${instantText(cdr.startedAt)}`;
    case 'no-rate':
      return `Cannot rate call '${cdr.callId}': no rate for '${cdr.dialled}' at ${instantText(cdr.startedAt)}`;
    case 'conflict':
      return `Cannot bill call '${cdr.callId}' twice: another record of it says otherwise`;
    case 'superseded':
      return `Revision '${cdr.revision}' of call '${cdr.callId}' was superseded by a later one`;
    case 'read-otherwise':
      return `Call '${cdr.callId}' is read otherwise since other records of it came`;
    default:
      return `Cannot rate call '${cdr.callId}': the number '${cdr.dialled}' is ${reason}`;
  }
}

function implausibility(receipt: Receipt | null | undefined): string {
  if (receipt === null || receipt === undefined) return 'is not plausible';
  const { receivedAt, startsFrom, startsTo } = receipt;
  const bounds = `is not from '${instantText(startsFrom)}' to '${instantText(startsTo)}'`;
  return receivedAt === null ? bounds : `${bounds}, as its source had the record at '${instantText(receivedAt)}'`;
}

/** Bounds may lie where no date is: `±` years there. */
function instantText(instant: number): string {
  return Math.abs(instant) <= 8_640_000_000_000_000 ? new Date(instant).toISOString() : String(instant);
}
