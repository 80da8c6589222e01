import { canonicalText, type Cdr, type CdrContent, type NoCallContent } from '../../rater/index.ts';
import { noNotes, type Decoded, type DecodingNote } from '../format.ts';

/** Gives a decoded call, or a correction, its record in canonical NDJSON, which the input was not. */
export function withCanonicalRecord(decoded: Decoded): Decoded {
  if (decoded.kind === 'call') return callOf(decoded.cdr, decoded.notes);
  if (decoded.kind === 'bad' || decoded.correction === undefined) return decoded;
  const recordBuffer = encodeCanonical(decoded.correction);
  return {
    ...decoded,
    correction: { ...decoded.correction, recordBuffer, recordStart: 0, recordEnd: recordBuffer.length },
  };
}

/** A decoded call with its canonical record, made from what the call says. */
export function callOf(content: CdrContent, notes: readonly DecodingNote[] = noNotes): Decoded {
  const recordBuffer = encodeCanonical(content);
  // Field by field, in the order of Cdr: a spread would give the object another hidden class.
  const cdr: Cdr = {
    switchId: content.switchId,
    callId: content.callId,
    legId: content.legId,
    revision: content.revision,
    line: content.line,
    dialled: content.dialled,
    calling: content.calling,
    startedAt: content.startedAt,
    durationMs: content.durationMs,
    userAgent: content.userAgent,
    sourceIp: content.sourceIp,
    diversions: content.diversions,
    transferredBy: content.transferredBy,
    mobilityUsed: content.mobilityUsed,
    recordBuffer,
    recordStart: 0,
    recordEnd: recordBuffer.length,
  };
  return { kind: 'call', cdr, notes };
}

/** The canonical encoding of a record as bytes, UTF-8, without a line end. */
export function encodeCanonical(content: CdrContent | NoCallContent): Buffer {
  return Buffer.from(canonicalText(content), 'utf8');
}
