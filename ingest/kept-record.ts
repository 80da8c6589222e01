import type { NewQuarantinedRecord, QuarantineState } from '../ledger/index.ts';
import { type Cdr, type NoCall, canonicalText, contentHash, isNoCall, partiesOf, partyKeys } from '../rater/index.ts';
import type { NumberingPlan } from '../tariffs/index.ts';
import { identityNumber, identityOf } from './identity-halves.ts';
import { callKey, recordKey, unreadableKey } from './record-keys.ts';

/** Where a record comes from, as quarantine keeps it. */
export interface Provenance {
  readonly source: string;
  readonly partition: number;
  readonly position: number;
  readonly item: number;
  readonly format: string;
  readonly record: Buffer;
}

/** A record that could be read, as quarantine keeps it, with the facts that could change what becomes of it. */
export function keptRecord(
  provenance: Provenance,
  cdr: Cdr | NoCall,
  reason: string,
  state: QuarantineState,
  plan: NumberingPlan,
): NewQuarantinedRecord {
  return {
    ...provenance,
    reason,
    detail: detailOf(reason, cdr),
    identity: identityNumber(identityOf(cdr)),
    content: contentHash(cdr),
    cdr: canonicalBytes(cdr),
    callKey: callKey(cdr),
    recordKey: recordKey(canonicalText(cdr)),
    state,
    waitsFor: partyKeys(partiesOf(cdr), plan),
  };
}

/** A record that could not be read, as quarantine keeps it. */
export function unreadableRecord(provenance: Provenance, reason: string, detail: string): NewQuarantinedRecord {
  const recordKeyOfBytes = unreadableKey(provenance.format, provenance.record);
  const unidentified = { identity: null, content: null, cdr: null, callKey: null };
  return { ...provenance, reason, detail, ...unidentified, recordKey: recordKeyOfBytes, state: 'waiting' };
}

/** The record in canonical form, by which it is judged again whatever format it came in. */
function canonicalBytes({ recordBuffer, recordStart, recordEnd }: Cdr | NoCall): Buffer {
  return recordBuffer.subarray(recordStart, recordEnd);
}

/** What a person needs to know to repair the cause. */
function detailOf(reason: string, cdr: Cdr | NoCall): string {
  if (isNoCall(cdr)) {
    const { revision, callId, noCallReason } = cdr;
    const what = `Revision '${revision}' of call '${callId}' says that there was no call: '${noCallReason}'`;
    return reason === 'superseded' ? `${what}; a later one says otherwise` : what;
  }
  switch (reason) {
    case 'unknown-line':
      return `Cannot rate call '${cdr.callId}': no line '${cdr.line}' at ${new Date(cdr.startedAt).toISOString()}`;
    case 'no-rate':
      return `Cannot rate call '${cdr.callId}': no rate for '${cdr.dialled}' at ${new Date(cdr.startedAt).toISOString()}`;
    case 'conflict':
      return `Cannot bill call '${cdr.callId}' twice: another record of it says otherwise`;
    case 'superseded':
      return `Revision '${cdr.revision}' of call '${cdr.callId}' was superseded by a later one`;
    default:
      return `Cannot rate call '${cdr.callId}': the number '${cdr.dialled}' is ${reason}`;
  }
}
