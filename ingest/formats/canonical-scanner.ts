import { isIP } from 'node:net';
import { MAX_DIVERSIONS, MAX_DURATION_MS, MAX_REVISION, MAX_TEXT_LENGTH } from './canonical-fields.ts';
import { type Decoded, MAX_RECORD_BYTES, noNotes, notACall } from './format.ts';
import { Ipv4Texts, readIpv4 } from './ipv4-texts.ts';
import { scanIsoInstant } from './iso-instant.ts';
import { BYTES_AFTER, ends, fieldOf, locateFields, starts } from './locate-fields.ts';
import { ScannedCdr, digitsOf, has, textOf, viewOf } from './scanned-cdr.ts';

const V = fieldOf('v');
const ANSWERED = fieldOf('answered');
const DURATION = fieldOf('durationMs');
const IP = fieldOf('ip');
const DIVERSIONS = fieldOf('diversions');
const REVISION = fieldOf('revision');
const KIND = fieldOf('kind');

/**
 * The hot path of ingest: reads one canonical record from bytes `[start, end)` of `buffer` without making an object or a
 * string that is not asked for. It accepts the common case only (see `locateFields`). For all else it answers `null`, and
 * the plain decoder reads the record and names the fault. `docs/performance.md` has its cost against `JSON.parse`; its
 * test proves that both decoders agree on any bytes.
 */
export function scanCanonical(buffer: Buffer, start: number, end: number): Decoded | null {
  const view = viewOf(buffer);
  const before = buffer.byteOffset;
  if (end - start > MAX_RECORD_BYTES || end + before + BYTES_AFTER > view.byteLength) return null;
  const present = locateFields(view, start + before, end + before);
  if (present === 0 || !isSound(view, present)) return null;
  const sourceIp = has(present, IP) ? addressOf(view) : null;
  if (sourceIp === undefined) return null;
  if (!has(present, ANSWERED)) return notACall('unanswered');
  const startedAt = scanIsoInstant(view, starts[ANSWERED]!, ends[ANSWERED]!);
  if (Number.isNaN(startedAt)) return null;
  return {
    kind: 'call',
    cdr: new ScannedCdr(buffer, start, end, view, present, startedAt, sourceIp),
    notes: noNotes,
  };
}

/** Whether the values located last are those of a sound call, as far as their shape has not told yet. */
function isSound(view: DataView, present: number): boolean {
  if (digitsOf(view, V) !== 1 || digitsOf(view, DURATION) > MAX_DURATION_MS) return false;
  if ((present & SELDOM) === 0) return true;
  if (has(present, REVISION) && digitsOf(view, REVISION) > MAX_REVISION) return false;
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

const ipv4Texts = new Ipv4Texts(1 << 17);

/** The address located last; `null` for an empty one, which is as good as absent, and `undefined` for none. */
function addressOf(view: DataView): string | null | undefined {
  const start = starts[IP]!;
  const end = ends[IP]!;
  if (start === end) return null;
  const ipv4 = readIpv4(view, start, end);
  if (ipv4 >= 0) return ipv4Texts.read(ipv4, view, start, end);
  const text = textOf(view, IP);
  return isIP(text) === 0 ? undefined : text;
}
