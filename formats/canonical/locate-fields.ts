import {
  type CanonicalFieldName,
  MAX_TEXT_LENGTH,
  canonicalFieldNames,
  requiredFieldNames,
} from './canonical-fields.ts';

const FIELDS = canonicalFieldNames.length;

/** A field of the canonical record by its place in `canonicalFieldNames`. */
export function fieldOf(name: CanonicalFieldName): number {
  return canonicalFieldNames.indexOf(name);
}

/** Where the values of the record located last lie in memory, without their quotes or brackets, by field. */
export const starts = new Int32Array(FIELDS);
export const ends = new Int32Array(FIELDS);

/**
 * Beside the bits of fields: the revision is one below 1, as calls have that were read from several records. No record
 * that comes may have it.
 */
export const FRACTION = 1 << 30;

export { BYTES_AFTER } from './bytes-after.ts';

/**
 * Finds where the values of the canonical record in bytes `[start, end)` of `view` lie, in `starts` and `ends`. It
 * takes the common case only: plain ASCII texts without escapes, known keys in any order, each once, integers without
 * exponent, every required field there. What is found belongs to the module, not to the caller: one record is read at
 * a time, and nothing is allocated. `BYTES_AFTER` bytes after the record must be readable.
 *
 * @returns the fields that are neither absent nor null, as bits; 0 when it is not the common case
 */
export function locateFields(view: DataView, start: number, end: number): number {
  const last = end - 1;
  if (view.getUint8(start) !== BRACE_OPEN || view.getUint8(last) !== BRACE_CLOSE) return 0;
  let seen = 0;
  present = 0;
  let previous: number = FIELDS;
  let at = start + 1;
  while (at < last) {
    at = skipSpaces(view, at);
    let field = keyAfter[previous]!;
    if (!isKeyAt(view, at, field)) {
      field = findKey(view, at);
      if (field < 0) return 0;
      keyAfter[previous] = field;
    }
    if ((seen & (1 << field)) !== 0) return 0;
    seen |= 1 << field;
    at += keyLengths[field]!;
    if (at >= last) return 0;
    at = skipSpaces(view, at);
    if (view.getUint8(at) !== COLON) return 0;
    at = locateValue(view, skipSpaces(view, at + 1), last, field);
    if (at < 0) return 0;
    at = skipSpaces(view, at);
    if (at === last) return (seen & REQUIRED) === REQUIRED ? present : 0;
    if (view.getUint8(at) !== COMMA) return 0;
    at++;
    previous = field;
  }
  return 0;
}

let present = 0;

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const POINT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;

const REQUIRED = requiredFieldNames.reduce((mask, name) => mask | (1 << fieldOf(name)), 0);

// Shapes of a value, as bits.
const TEXT = 1;
const DIGITS = 2;
const WORD = 4;
const NULL = 8;
const LIST = 16;

/** The shapes that a field may have here; any other is left to the plain decoder. */
const allowedShapes = new Uint8Array(FIELDS).fill(TEXT | NULL);
for (const name of ['switch', 'call', 'line', 'to'] as const) allowedShapes[fieldOf(name)] = TEXT;
for (const name of ['v', 'durationMs'] as const) allowedShapes[fieldOf(name)] = DIGITS;
allowedShapes[fieldOf('revision')] = DIGITS | NULL;
allowedShapes[fieldOf('mobility')] = WORD | NULL;
allowedShapes[fieldOf('diversions')] = LIST | NULL;

const REVISION = fieldOf('revision');

/** Shortest text of a field here: the ids must not be empty, and an empty `answered` or `kind` is a fault. */
const shortest = new Uint8Array(FIELDS);
for (const name of ['switch', 'call', 'line', 'answered', 'kind'] as const) shortest[fieldOf(name)] = 1;

/** Keys with their quotes, as four words of 32 bits, and the masks of the bytes that count. */
const KEY_WORDS = 4;
const keyWords = new Int32Array(FIELDS * KEY_WORDS);
const keyMasks = new Int32Array(FIELDS * KEY_WORDS);
const keyLengths = new Uint8Array(FIELDS);
for (const [field, name] of canonicalFieldNames.entries()) {
  const quoted = Buffer.alloc(KEY_WORDS * 4);
  const length = quoted.write(`"${name}"`);
  const mask = Buffer.alloc(KEY_WORDS * 4).fill(255, 0, length);
  for (let word = 0; word < KEY_WORDS; word++) {
    keyWords[field * KEY_WORDS + word] = quoted.readInt32LE(word * 4);
    keyMasks[field * KEY_WORDS + word] = mask.readInt32LE(word * 4);
  }
  keyLengths[field] = length;
}

/** Which key came after a key last time: records of one switch have one order, so the guess is nearly always right. */
const keyAfter = new Uint8Array(FIELDS + 1);

function skipSpaces(view: DataView, from: number): number {
  let at = from;
  while (view.getUint8(at) === SPACE) at++;
  return at;
}

function isKeyAt(view: DataView, at: number, field: number): boolean {
  const word = field * KEY_WORDS;
  if ((view.getInt32(at, true) & keyMasks[word]!) !== keyWords[word]) return false;
  if ((view.getInt32(at + 4, true) & keyMasks[word + 1]!) !== keyWords[word + 1]) return false;
  if (keyLengths[field]! <= 8) return true;
  if ((view.getInt32(at + 8, true) & keyMasks[word + 2]!) !== keyWords[word + 2]) return false;
  return (view.getInt32(at + 12, true) & keyMasks[word + 3]!) === keyWords[word + 3];
}

function findKey(view: DataView, at: number): number {
  for (let field = 0; field < FIELDS; field++) if (isKeyAt(view, at, field)) return field;
  return -1;
}

/** Notes the value that begins at `at`; answers the position after it, below 0 when it is not the common case. */
function locateValue(view: DataView, at: number, last: number, field: number): number {
  const first = view.getUint8(at);
  if (first === QUOTE) {
    const close = endOfText(view, at + 1, last);
    const length = close - at - 1;
    if (length < shortest[field]! || length > MAX_TEXT_LENGTH) return -1;
    return note(field, TEXT, at + 1, close) ? close + 1 : -1;
  }
  if ((first - ZERO) >>> 0 <= 9) return locateDigits(view, at, last, field);
  if (first === BRACKET_OPEN) return locateList(view, at, last, field);
  return locateWord(view, at, field);
}

/** Whether the field may have this shape; then its value lies in `[start, end)`. */
function note(field: number, shape: number, start: number, end: number): boolean {
  starts[field] = start;
  ends[field] = end;
  if (shape !== NULL) present |= 1 << field;
  return (allowedShapes[field]! & shape) !== 0;
}

/**
 * The position of the quote that ends a plain text, -1 where the text is not plain. Four bytes at a time: subtracting
 * the limit sets the top bit of a byte below the space, of a quote and of a backslash; other ASCII bytes keep it
 * clear. The lowest top bit is always a true one, for what is borrowed is borrowed from higher bytes.
 */
function endOfText(view: DataView, from: number, last: number): number {
  for (let at = from; at < last; at += 4) {
    const word = view.getInt32(at, true);
    const quotes = ((word ^ 0x22222222) - 0x01010101) | ((word ^ 0x5c5c5c5c) - 0x01010101);
    const marks = (word | (word - 0x20202020) | quotes) & 0x80808080;
    if (marks === 0) continue;
    const end = at + ((31 - Math.clz32(marks & -marks)) >> 3);
    return end < last && view.getUint8(end) === QUOTE ? end : -1;
  }
  return -1;
}

/** Up to ten digits without a leading zero: every integer of the format fits. */
function locateDigits(view: DataView, from: number, last: number, field: number): number {
  let at = from;
  while (at < last && (view.getUint8(at) - ZERO) >>> 0 <= 9) at++;
  const length = at - from;
  if (field === REVISION && length === 1 && view.getUint8(at) === POINT) return locateFraction(view, from, last);
  if (length > 10 || (length > 1 && view.getUint8(from) === ZERO)) return -1;
  return note(field, DIGITS, from, at) ? at : -1;
}

/** `0.` and up to six digits. */
function locateFraction(view: DataView, from: number, last: number): number {
  let at = from + 2;
  while (at < last && (view.getUint8(at) - ZERO) >>> 0 <= 9) at++;
  const digits = at - from - 2;
  if (view.getUint8(from) !== ZERO || digits < 1 || digits > 6) return -1;
  present |= FRACTION;
  return note(REVISION, DIGITS, from, at) ? at : -1;
}

const NULL_WORD = 0x6c6c756e;
const TRUE_WORD = 0x65757274;
const FALS_WORD = 0x736c6166;
const E = 0x65;

function locateWord(view: DataView, at: number, field: number): number {
  const word = view.getInt32(at, true);
  if (word === NULL_WORD) return note(field, NULL, at, at + 4) ? at + 4 : -1;
  const length = word === TRUE_WORD ? 4 : word === FALS_WORD && view.getUint8(at + 4) === E ? 5 : 0;
  return length > 0 && note(field, WORD, at, at + length) ? at + length : -1;
}

/** A list of plain texts without white space: `["…","…"]`. */
function locateList(view: DataView, from: number, last: number, field: number): number {
  let at = from + 1;
  if (view.getUint8(at) !== BRACKET_CLOSE) {
    for (;;) {
      if (view.getUint8(at) !== QUOTE) return -1;
      at = endOfText(view, at + 1, last) + 1;
      if (at === 0 || at > last) return -1;
      if (view.getUint8(at) === BRACKET_CLOSE) break;
      if (view.getUint8(at) !== COMMA) return -1;
      at++;
    }
  }
  return note(field, LIST, from + 1, at) ? at + 1 : -1;
}
