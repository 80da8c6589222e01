import { type CallColumns, hashOfId } from '../../rater/index.ts';
import { MAX_DIVERSIONS, MAX_DURATION_MS, MAX_REVISION, MAX_TEXT_LENGTH } from './canonical-fields.ts';
import { type Decoded, MAX_RECORD_BYTES, notACall } from '../format.ts';
import { isAddress } from '../reading/ip-address.ts';
import { scanIsoInstant } from '../reading/iso-instant.ts';
import { BYTES_AFTER, FRACTION, ends, fieldOf, locateFields, starts } from './locate-fields.ts';
import { ScannedCall, digitsOf, has, hashIdentity, textOf, userAgentNumber, viewOf } from './scanned-call.ts';

const V = fieldOf('v');
const ANSWERED = fieldOf('answered');
const DURATION = fieldOf('durationMs');
const CALL = fieldOf('call');
const LINE = fieldOf('line');
const TO = fieldOf('to');
const IP = fieldOf('ip');
const DIVERSIONS = fieldOf('diversions');
const REVISION = fieldOf('revision');
const KIND = fieldOf('kind');

/**
 * The hot path of ingest: reads one canonical record from bytes `[start, end)` of `buffer` without making an object
 * or a string that is not asked for. It accepts the common case only (see `locateFields`). For all else it answers
 * `null`, and the plain decoder reads the record and names the fault. `docs/performance.md` has its cost against
 * `JSON.parse`; its test proves that both decoders agree on any bytes.
 */
export function scanCanonical(buffer: Buffer, start: number, end: number): Decoded | null {
  return scanDocument(buffer, start, end, FRACTION);
}

/** The same of a record that Fairtally wrote itself: its revision may be below 1. */
export function scanKeptCanonical(buffer: Buffer, start: number, end: number): Decoded | null {
  return scanDocument(buffer, start, end, 0);
}

/** @param refused bits of what is located that make the record another than one of the common case */
function scanDocument(buffer: Buffer, start: number, end: number, refused: number): Decoded | null {
  const view = viewOf(buffer);
  const before = buffer.byteOffset;
  if (end - start > MAX_RECORD_BYTES || end + before + BYTES_AFTER > view.byteLength) return null;
  const present = locateFields(view, start + before, end + before);
  if (present === 0 || (present & refused) !== 0 || !isSound(view, present)) return null;
  const ipv4 = has(present, IP) ? readIpv4(view, starts[IP]!, ends[IP]!) : null;
  if (ipv4 === null && has(present, IP) && !isOtherAddress(view)) return null;
  if (!has(present, ANSWERED)) return has(present, REVISION) ? null : notACall('unanswered');
  const startedAt = scanIsoInstant(view, starts[ANSWERED]!, ends[ANSWERED]!);
  return Number.isNaN(startedAt) ? null : new ScannedCall(buffer, start, end, view, present, startedAt, ipv4);
}

/**
 * The id of the call that a canonical record tells of, where the record is of the common case; `null` where the plain
 * decoder must be asked.
 */
export function scanCallId(buffer: Buffer, start: number, end: number): string | null {
  const view = viewOf(buffer);
  const before = buffer.byteOffset;
  if (end - start > MAX_RECORD_BYTES || end + before + BYTES_AFTER > view.byteLength) return null;
  const present = locateFields(view, start + before, end + before);
  return present === 0 || (present & FRACTION) !== 0 ? null : textOf(view, CALL);
}

/**
 * Reads one canonical record into `calls` at `at`, as `scanCanonical` reads it, where it is a call and says nothing
 * but what the columns hold; else `false`, and what the columns hold at `at` means nothing.
 */
export function scanIntoColumns(buffer: Buffer, start: number, end: number, calls: CallColumns, at: number): boolean {
  return scanCall(buffer, start, end, calls, at, UNCOMMON);
}

/**
 * The same of a record that a call was read from and that was written here: what revision it has is no matter for the
 * columns, and it may be below 1 (`revisionOfReading`).
 */
export function scanKept(buffer: Buffer, start: number, end: number, calls: CallColumns, at: number): boolean {
  return scanCall(buffer, start, end, calls, at, UNCOMMON & ~(FRACTION | (1 << REVISION)));
}

function scanCall(
  buffer: Buffer,
  start: number,
  end: number,
  calls: CallColumns,
  at: number,
  uncommon: number,
): boolean {
  const view = viewOf(buffer);
  const before = buffer.byteOffset;
  if (end - start > MAX_RECORD_BYTES || end + before + BYTES_AFTER > view.byteLength) return false;
  const present = locateFields(view, start + before, end + before);
  if ((present & uncommon) !== 0 || !has(present, ANSWERED)) return false;
  const durationMs = digitsOf(view, DURATION);
  if (digitsOf(view, V) !== 1 || durationMs > MAX_DURATION_MS) return false;
  const hasAddress = has(present, IP);
  const address = hasAddress ? readIpv4(view, starts[IP]!, ends[IP]!) : 0;
  const userAgent = userAgentNumber(view, present);
  const startedAt = scanIsoInstant(view, starts[ANSWERED]!, ends[ANSWERED]!);
  if (address === null || userAgent < 0 || Number.isNaN(startedAt)) return false;
  hashIdentity(view, present, hash);
  calls.buffers[at] = buffer;
  calls.recordStart[at] = start;
  calls.recordEnd[at] = end;
  calls.startedAt[at] = startedAt;
  calls.durationMs[at] = durationMs;
  calls.identityHigh[at] = hash[0]!;
  calls.identityLow[at] = hash[1]!;
  const lineStart = starts[LINE]! - before;
  const lineEnd = ends[LINE]! - before;
  calls.lineStart[at] = lineStart;
  calls.lineEnd[at] = lineEnd;
  calls.lineHash[at] = hashOfId(buffer, lineStart, lineEnd);
  calls.dialledStart[at] = starts[TO]! - before;
  calls.dialledEnd[at] = ends[TO]! - before;
  calls.device[at] = userAgent * 2 + (hasAddress ? 1 : 0);
  calls.address[at] = address;
  return true;
}

const hash = new Int32Array(2);

/** Fields of which the columns hold nothing. */
const UNCOMMON =
  FRACTION |
  (1 << fieldOf('kind')) |
  (1 << fieldOf('revision')) |
  (1 << fieldOf('diversions')) |
  (1 << fieldOf('transferredBy')) |
  (1 << fieldOf('mobility'));

/** Whether the values located last are those of a sound call, as far as their shape has not told yet. */
function isSound(view: DataView, present: number): boolean {
  if (digitsOf(view, V) !== 1 || digitsOf(view, DURATION) > MAX_DURATION_MS) return false;
  if ((present & SELDOM) === 0) return true;
  const hasWhole = has(present, REVISION) && (present & FRACTION) === 0;
  if (hasWhole && digitsOf(view, REVISION) > MAX_REVISION) return false;
  if (has(present, KIND) && textOf(view, KIND) !== 'call') return false;
  return !has(present, DIVERSIONS) || areDiversions(textOf(view, DIVERSIONS));
}

const SELDOM = (1 << REVISION) | (1 << KIND) | (1 << DIVERSIONS);

/** `"…","…"`: as many as may be, none empty or too long. */
function areDiversions(list: string): boolean {
  if (list === '') return true;
  const texts = list.slice(1, -1).split('","');
  return texts.length <= MAX_DIVERSIONS && texts.every((text) => text !== '' && text.length <= MAX_TEXT_LENGTH);
}

/** An empty address is as good as absent. */
function isOtherAddress(view: DataView): boolean {
  return starts[IP] === ends[IP] || isAddress(textOf(view, IP));
}

/** Four numbers from 0 to 255 without leading zeros, with points between, as 32 bits; `null` where there is no such. */
function readIpv4(view: DataView, start: number, end: number): number | null {
  let points = 0;
  let digits = 0;
  let value = 0;
  let address = 0;
  for (let at = start; at < end; at++) {
    const digit = view.getUint8(at) - 0x30;
    if (digit === -2) {
      if (digits === 0) return null;
      points++;
      address = (address << 8) | value;
      digits = 0;
      value = 0;
    } else {
      if (digit >>> 0 > 9 || (digits > 0 && value === 0)) return null;
      value = value * 10 + digit;
      digits++;
      if (value > 255) return null;
    }
  }
  return points === 3 && digits > 0 ? (address << 8) | value : null;
}
