import { canonicalText } from '../../rater/index.ts';
import type { Cdr, CdrContent } from '../../rater/index.ts';
import { noNotes } from './format.ts';
import type { Decoded, DecodingNote } from './format.ts';

/** Gives a decoded call its record in canonical NDJSON, which the input was not. */
export function withCanonicalRecord(decoded: Decoded): Decoded {
  return decoded.kind === 'call' ? callOf(decoded.cdr, decoded.notes) : decoded;
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

/** The canonical encoding of a call as bytes, UTF-8, without a line end. */
export function encodeCanonical(content: CdrContent): Buffer {
  return Buffer.from(canonicalText(content), 'utf8');
}
