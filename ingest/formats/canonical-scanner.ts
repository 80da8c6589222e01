import { isIP } from 'node:net';
import type { Cdr } from '../../rater/index.ts';
import { canonicalFieldNames, MAX_DURATION_MS, MAX_REVISION, MAX_TEXT_LENGTH, noTexts } from './canonical-fields.ts';
import type { CanonicalFieldName } from './canonical-fields.ts';
import { MAX_RECORD_BYTES, noNotes, notACall } from './format.ts';
import type { Decoded } from './format.ts';
import { InternTable } from './intern-table.ts';
import { scanIsoInstant } from './iso-instant.ts';

/**
 * The hot path of ingest: reads canonical NDJSON from bytes without making an object or a string that is not kept.
 * It accepts the common case only: plain ASCII texts without escapes, known keys in any order, each once, integers
 * without exponent. For all else it answers `null`, and the plain decoder reads the record and names the fault.
 * `docs/performance.md` has its cost against `JSON.parse`; its test proves that both decoders agree on any bytes.
 */
export function scanCanonical(buffer: Buffer, start: number, end: number): Decoded | null {
  return scanIn(sourceOf(buffer, buffer.toString('latin1', start, end), start), start, end);
}

export type Decoder = (buffer: Buffer, start: number, end: number) => Decoded;

/** Bytes turned into text at a time by `scanAll`. A kept string keeps its window alive, so windows stay small. */
const WINDOW_BYTES = 8192;

/**
 * `scanCanonical` for the records `[pairs[2i], pairs[2i+1])` of one buffer, in order; `fallback` reads what it leaves.
 * Cutting a text out of a window costs 10 to 30 ns, asking the buffer for it some 100 ns.
 */
export function scanAll(buffer: Buffer, pairs: Uint32Array, count: number, fallback: Decoder): Decoded[] {
  const source = sourceOf(buffer, '', 0);
  const decoded: Decoded[] = [];
  let windowEnd = -1;
  for (let i = 0; i < count; i++) {
    const start = pairs[2 * i] ?? 0;
    const end = pairs[2 * i + 1] ?? 0;
    if (end > windowEnd || start < source.windowStart) {
      source.windowStart = start;
      windowEnd = Math.max(end, Math.min(start + WINDOW_BYTES, buffer.length));
      source.window = buffer.toString('latin1', start, windowEnd);
    }
    decoded.push(scanIn(source, start, end) ?? fallback(buffer, start, end));
  }
  return decoded;
}

/** A buffer as the scanner reads it: by byte, by 32-bit word, and as text for what is kept. */
interface Source {
  readonly buffer: Buffer;
  readonly view: DataView;
  /** The last position from which 16 bytes can be read as words. */
  readonly wordLimit: number;
  window: string;
  windowStart: number;
}

function sourceOf(buffer: Buffer, window: string, windowStart: number): Source {
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  return { buffer, view, wordLimit: buffer.byteLength - 16, window, windowStart };
}

function scanIn(source: Source, start: number, end: number): Decoded | null {
  if (end - start > MAX_RECORD_BYTES) return null;
  present = 0;
  const seen = locateFields(source, start, end);
  return (seen & REQUIRED) === REQUIRED ? readFields(source, start, end) : null;
}

const fieldIndex = (name: CanonicalFieldName): number => canonicalFieldNames.indexOf(name);
const V = fieldIndex('v');
const SWITCH = fieldIndex('switch');
const CALL = fieldIndex('call');
const LEG = fieldIndex('leg');
const LINE = fieldIndex('line');
const TO = fieldIndex('to');
const FROM = fieldIndex('from');
const ANSWERED = fieldIndex('answered');
const DURATION = fieldIndex('durationMs');
const UA = fieldIndex('ua');
const IP = fieldIndex('ip');
const DIVERSIONS = fieldIndex('diversions');
const TRANSFERRED = fieldIndex('transferredBy');
const MOBILITY = fieldIndex('mobility');
const REVISION = fieldIndex('revision');
const KIND = fieldIndex('kind');
const FIELDS = canonicalFieldNames.length;
const NOT_REQUIRED = [LEG, FROM, UA, IP, DIVERSIONS, TRANSFERRED, MOBILITY, REVISION, KIND].reduce(
  (mask, field) => mask | (1 << field),
  0,
);
const REQUIRED = ((1 << FIELDS) - 1) & ~NOT_REQUIRED;

// Shapes of a value, as bits.
const TEXT = 1;
const DIGITS = 2;
const WORD = 4;
const NULL = 8;
const LIST = 16;

/** The shapes that a field may have here; any other is left to the plain decoder. */
const allowedShapes = new Uint8Array(FIELDS).fill(TEXT | NULL);
for (const field of [SWITCH, CALL, LINE, TO]) allowedShapes[field] = TEXT;
for (const field of [V, DURATION]) allowedShapes[field] = DIGITS;
allowedShapes[REVISION] = DIGITS | NULL;
allowedShapes[MOBILITY] = WORD | NULL;
allowedShapes[DIVERSIONS] = LIST | NULL;

/** Shortest text of a field here: the ids must not be empty, and an empty `answered` or `kind` is a fault. */
const shortest = new Uint8Array(FIELDS);
for (const field of [SWITCH, CALL, LINE, ANSWERED, KIND]) shortest[field] = 1;

// Where the values of the record at hand lie, and which are neither absent nor null. Module state: one record is read
// at a time, and nothing is allocated.
const starts = new Int32Array(FIELDS);
const ends = new Int32Array(FIELDS);
let present = 0;

/** Keys with their quotes, 16 bytes each, and as four words with the masks of the bytes that count. */
const KEY_BYTES = 16;
const keys = new Uint8Array(FIELDS * KEY_BYTES);
const keyMasks = new Uint8Array(FIELDS * KEY_BYTES);
const keyLengths = new Uint8Array(FIELDS);
for (const [index, name] of canonicalFieldNames.entries()) {
  keys.set(Buffer.from(`"${name}"`), index * KEY_BYTES);
  keyLengths[index] = name.length + 2;
  keyMasks.fill(255, index * KEY_BYTES, index * KEY_BYTES + name.length + 2);
}
const keyWords = wordsOf(keys);
const keyMaskWords = wordsOf(keyMasks);

function wordsOf(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer);
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(i * 4, true));
}

/** Which key came after a key last time: records of one switch have one order, so the guess is nearly always right. */
const keyAfter = new Uint8Array(FIELDS + 1);
const AT_START: number = FIELDS;

/** 1 for the bytes that stand for themselves in a JSON text: ASCII from the space on, but `"` and `\\`. */
const isPlain = new Uint8Array(256);
isPlain.fill(1, 0x20, 0x80);
isPlain[0x22] = 0;
isPlain[0x5c] = 0;

/** Finds the values of the record's fields; answers the set of fields seen as bits, 0 when it is not the common case. */
function locateFields(source: Source, start: number, end: number): number {
  const bytes = source.buffer;
  const last = end - 1;
  if (bytes[start] !== 0x7b || bytes[last] !== 0x7d) return 0;
  let seen = 0;
  let previous: number = AT_START;
  let at = start + 1;
  while (at < last) {
    while (bytes[at] === 0x20) at++;
    let field = keyAfter[previous] ?? 0;
    if (!isKeyAt(source, at, field)) {
      field = findKey(source, at);
      if (field < 0) return 0;
      keyAfter[previous] = field;
    }
    if ((seen & (1 << field)) !== 0) return 0;
    seen |= 1 << field;
    at += keyLengths[field] ?? 0;
    while (bytes[at] === 0x20) at++;
    if (bytes[at] !== 0x3a) return 0;
    at++;
    while (bytes[at] === 0x20) at++;
    at = locateValue(source, at, last, field);
    if (at < 0) return 0;
    while (bytes[at] === 0x20) at++;
    if (at === last) return seen;
    if (bytes[at] !== 0x2c) return 0;
    at++;
    previous = field;
  }
  return 0;
}

function isKeyAt(source: Source, at: number, field: number): boolean {
  const word = field * 4;
  const { view } = source;
  if (at > source.wordLimit) return isKeyAtEnd(source.buffer, at, field);
  if ((view.getInt32(at, true) & (keyMaskWords[word] ?? 0)) !== keyWords[word]) return false;
  if ((view.getInt32(at + 4, true) & (keyMaskWords[word + 1] ?? 0)) !== keyWords[word + 1]) return false;
  if ((keyLengths[field] ?? 0) <= 8) return true;
  if ((view.getInt32(at + 8, true) & (keyMaskWords[word + 2] ?? 0)) !== keyWords[word + 2]) return false;
  return (view.getInt32(at + 12, true) & (keyMaskWords[word + 3] ?? 0)) === keyWords[word + 3];
}

/** The same by bytes, where a word would reach beyond the buffer. */
function isKeyAtEnd(bytes: Buffer, at: number, field: number): boolean {
  const length = keyLengths[field] ?? 0;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== keys[field * KEY_BYTES + i]) return false;
  return true;
}

function findKey(source: Source, at: number): number {
  for (let field = 0; field < FIELDS; field++) if (isKeyAt(source, at, field)) return field;
  return -1;
}

/** Notes the value that begins at `at`; answers the position after it, below 0 when it is not the common case. */
function locateValue(source: Source, at: number, last: number, field: number): number {
  const first = source.buffer[at];
  if (first === 0x22) {
    const close = endOfText(source, at + 1, last);
    const length = close - at - 1;
    if (length < (shortest[field] ?? 0) || length > MAX_TEXT_LENGTH) return -1;
    return note(field, TEXT, at + 1, close) ? close + 1 : -1;
  }
  if (first === 0x5b) return locateList(source, at, last, field);
  if (first === 0x74 || first === 0x66 || first === 0x6e) return locateWord(source.buffer, at, field);
  return locateDigits(source.buffer, at, last, field);
}

/** Whether the field may have this shape; then its value lies in `[start, end)`. */
function note(field: number, shape: number, start: number, end: number): boolean {
  starts[field] = start;
  ends[field] = end;
  if (shape !== NULL) present |= 1 << field;
  return ((allowedShapes[field] ?? 0) & shape) !== 0;
}

/**
 * The position of the quote that ends a plain text, -1 where the text is not plain. Four bytes at a time: subtracting
 * the limit sets the top bit of a byte below the space, of a quote and of a backslash; other ASCII bytes keep it clear.
 */
function endOfText(source: Source, from: number, last: number): number {
  const { view, buffer, wordLimit } = source;
  let at = from;
  while (at <= wordLimit) {
    const word = view.getInt32(at, true);
    const quotes = ((word ^ 0x22222222) - 0x01010101) | ((word ^ 0x5c5c5c5c) - 0x01010101);
    if (((word | (word - 0x20202020) | quotes) & 0x80808080) !== 0) break;
    at += 4;
  }
  while (at < last && isPlain[buffer[at] ?? 0] === 1) at++;
  return at < last && buffer[at] === 0x22 ? at : -1;
}

const wordTexts = ['null', 'true', 'false'] as const;

function locateWord(bytes: Buffer, at: number, field: number): number {
  for (const word of wordTexts) {
    const end = at + word.length;
    if (bytes.toString('latin1', at, end) === word)
      return note(field, word === 'null' ? NULL : WORD, at, end) ? end : -1;
  }
  return -1;
}

/** Up to ten digits without a leading zero: every integer of the format fits. */
function locateDigits(bytes: Buffer, from: number, last: number, field: number): number {
  let at = from;
  while (at < last && ((bytes[at] ?? 0) - 0x30) >>> 0 <= 9) at++;
  const length = at - from;
  if (length === 0 || length > 10 || (length > 1 && bytes[from] === 0x30)) return -1;
  return note(field, DIGITS, from, at) ? at : -1;
}

/** A list of plain texts without white space: `["…","…"]`. */
function locateList(source: Source, from: number, last: number, field: number): number {
  const bytes = source.buffer;
  let at = from + 1;
  if (bytes[at] !== 0x5d) {
    for (;;) {
      if (bytes[at] !== 0x22) return -1;
      at = endOfText(source, at + 1, last) + 1;
      if (at === 0) return -1;
      if (bytes[at] === 0x5d) break;
      if (bytes[at] !== 0x2c) return -1;
      at++;
    }
  }
  return note(field, LIST, from + 1, at) ? at + 1 : -1;
}

const switches = new InternTable(256);
const userAgents = new InternTable(1024);

/** Makes the call of the located fields; `null` hands the record to the plain decoder. */
function readFields(source: Source, start: number, end: number): Decoded | null {
  const { buffer } = source;
  const durationMs = digitsOf(buffer, DURATION);
  const revision = has(REVISION) ? digitsOf(buffer, REVISION) : 0;
  if (durationMs > MAX_DURATION_MS || revision > MAX_REVISION || digitsOf(buffer, V) !== 1) return null;
  if ((has(IP) && !isAddress(buffer)) || (has(KIND) && !isCall(source))) return null;
  const diversions = has(DIVERSIONS) ? onlyDiversion(source) : noTexts;
  if (diversions === null) return null;
  if (!has(ANSWERED)) return notACall('unanswered');
  const startedAt = scanIsoInstant(buffer, starts[ANSWERED] ?? 0, ends[ANSWERED] ?? 0);
  if (Number.isNaN(startedAt)) return null;
  const cdr: Cdr = {
    switchId: interned(switches, source, SWITCH),
    callId: textOf(source, CALL),
    legId: has(LEG) ? textOf(source, LEG) : '',
    revision,
    line: textOf(source, LINE),
    dialled: textOf(source, TO),
    calling: optional(source, FROM),
    startedAt,
    durationMs,
    userAgent: has(UA) ? interned(userAgents, source, UA) || null : null,
    sourceIp: optional(source, IP),
    diversions,
    transferredBy: optional(source, TRANSFERRED),
    mobilityUsed: has(MOBILITY) ? buffer[starts[MOBILITY] ?? 0] === 0x74 : null,
    recordBuffer: buffer,
    recordStart: start,
    recordEnd: end,
  };
  return { kind: 'call', cdr, notes: noNotes };
}

function has(field: number): boolean {
  return (present & (1 << field)) !== 0;
}

function textOf(source: Source, field: number): string {
  const { windowStart } = source;
  return source.window.substring((starts[field] ?? 0) - windowStart, (ends[field] ?? 0) - windowStart);
}

/** An optional text, `null` when absent or empty. */
function optional(source: Source, field: number): string | null {
  return has(field) ? textOf(source, field) || null : null;
}

function interned(table: InternTable, source: Source, field: number): string {
  const end = ends[field] ?? 0;
  if (end > source.wordLimit) return textOf(source, field);
  return table.read(source.view, starts[field] ?? 0, end, source.window, source.windowStart);
}

function digitsOf(buffer: Buffer, field: number): number {
  let value = 0;
  const end = ends[field] ?? 0;
  for (let at = starts[field] ?? 0; at < end; at++) value = value * 10 + (buffer[at] ?? 0) - 0x30;
  return value;
}

/** Calls diverted more than once are few: a list of two or more is left to the plain decoder. */
function onlyDiversion(source: Source): readonly string[] | null {
  const list = textOf(source, DIVERSIONS);
  if (list === '') return noTexts;
  const close = list.indexOf('"', 1);
  return close === list.length - 1 && close > 1 && close <= MAX_TEXT_LENGTH ? [list.slice(1, close)] : null;
}

function isCall(source: Source): boolean {
  return textOf(source, KIND) === 'call';
}

/** An empty address is an absent one. */
function isAddress(buffer: Buffer): boolean {
  const start = starts[IP] ?? 0;
  const end = ends[IP] ?? 0;
  return start === end || isIpv4(buffer, start, end) || isIP(buffer.toString('latin1', start, end)) !== 0;
}

/** Four numbers from 0 to 255 without leading zeros, with points between. */
function isIpv4(bytes: Buffer, start: number, end: number): boolean {
  let points = 0;
  let digits = 0;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit === -2) {
      if (digits === 0) return false;
      points++;
      digits = 0;
      value = 0;
    } else {
      if (digit >>> 0 > 9 || (digits > 0 && value === 0)) return false;
      value = value * 10 + digit;
      digits++;
      if (value > 255) return false;
    }
  }
  return points === 3 && digits > 0;
}
