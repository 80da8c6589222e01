import { type CallColumns, canonicalText, type Cdr, type CdrContent, type NoCallContent } from '../../rater/index.ts';
import { noNotes, type Decoded, type DecodingNote } from '../format.ts';
import { BYTES_AFTER } from './locate-fields.ts';
import { scanIntoColumns } from './canonical-scanner.ts';

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
  const recordStart = writeCanonical(content);
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
    recordBuffer: room,
    recordStart,
    recordEnd: used,
  };
  return { kind: 'call', cdr, notes };
}

/** The canonical encoding of a record as bytes, UTF-8, without a line end. */
export function encodeCanonical(content: CdrContent | NoCallContent): Buffer {
  return Buffer.from(canonicalText(content), 'utf8');
}

/** Records are written one after the other into memory that they share: a buffer each takes more than they do. */
const ROOM_BYTES = 65_536;
let room = Buffer.alloc(0);
/** Where the next record may begin. */
let used = 0;

/** Writes a record into `room`, up to `used`; returns where it begins. */
function writeCanonical(content: CdrContent): number {
  const text = canonicalText(content);
  // A UTF-16 unit takes three bytes at most; whoever scans the record looks beyond its end.
  const most = text.length * 3 + BYTES_AFTER;
  if (used + most > room.length) {
    room = Buffer.allocUnsafeSlow(Math.max(ROOM_BYTES, most));
    used = 0;
  }
  const start = used;
  used += room.write(text, start, 'utf8');
  return start;
}

/**
 * Reads what was decoded into `calls` at `at`, by its record in canonical form, where it is a call of the common case;
 * else `false`. As `Format.scan`, for formats that have none.
 */
export function scanDecoded(decoded: Decoded, calls: CallColumns, at: number): boolean {
  if (decoded.kind !== 'call') return false;
  const { recordBuffer, recordStart, recordEnd } = decoded.cdr;
  return scanIntoColumns(recordBuffer, recordStart, recordEnd, calls, at);
}
