import { escapedEnd, isAt, plainEnd, wordEnd } from './locate-json.ts';

/** What is read of an object; whatever else it has is passed over. */
export interface JsonShape {
  /** Texts, or numbers, by the number of their field. */
  readonly texts?: Readonly<Record<string, number>>;
  /** Whole numbers, as numbers or as texts, of which the greatest counts. */
  readonly greatest?: readonly string[];
  readonly objects?: Readonly<Record<string, JsonShape>>;
  /** Lists, whose first object is read. */
  readonly firsts?: Readonly<Record<string, JsonShape>>;
  /** Lists, each of whose objects is read. */
  readonly lists?: Readonly<Record<string, JsonShape>>;
  /** Whether a document is read the plain way that has another name, in bytes `[start, end)`. */
  readonly isRefused?: (bytes: Buffer, start: number, end: number) => boolean;
}

const [SPACE, QUOTE, COMMA, COLON, BRACE_OPEN, BRACE_CLOSE] = [0x20, 0x22, 0x2c, 0x3a, 0x7b, 0x7d];
const [BRACKET_OPEN, BRACKET_CLOSE, ZERO] = [0x5b, 0x5d, 0x30];
/** Numbers of so many digits stand as they are written. */
const MOST_DIGITS = 15;
/** A document that goes deeper is read the plain way. */
const MOST_DEPTH = 16;

/**
 * Finds what is asked for in JSON objects within objects, without making any: one pass over the bytes of a document,
 * whatever names it has besides and in whatever order.
 */
export class NestedJson {
  /** Where the texts of the document located last lie, by field; both 0 where it says nothing. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** The greatest of its numbers of which the greatest counts; 0 without one. */
  greatest = 0;
  readonly #root: ShapeNames;
  /** The names met so far, by their number: each may stand once. */
  readonly #seen: Uint8Array;
  #bytes: Buffer = Buffer.alloc(0);
  #last = 0;

  /** @param fields how many fields the shape has */
  constructor(shape: JsonShape, fields: number) {
    this.starts = new Int32Array(fields);
    this.ends = new Int32Array(fields);
    const names = { count: 0 };
    this.#root = new ShapeNames(shape, names);
    this.#seen = new Uint8Array(names.count);
  }

  /**
   * Locates the fields of the document in bytes `[start, end)`; `false` where it is not of the common case: one object
   * in ASCII of texts, short whole numbers, words, lists and objects, in which each name that is asked for stands once,
   * with a value of its kind, and nothing is escaped in it.
   */
  locate(bytes: Buffer, start: number, end: number): boolean {
    if (bytes[start] !== BRACE_OPEN) return false;
    this.starts.fill(0);
    this.ends.fill(0);
    this.#seen.fill(0);
    this.greatest = 0;
    this.#bytes = bytes;
    this.#last = end;
    return this.#object(start, this.#root) === end;
  }

  /** Reads the object that begins there; returns where it ends, below 0 where it is not of the common case. */
  #object(start: number, names: ShapeNames): number {
    const bytes = this.#bytes;
    let at = pastBlanks(bytes, start + 1);
    if (bytes[at] === BRACE_CLOSE) return at + 1;
    for (;;) {
      if (bytes[at] !== QUOTE) return -1;
      const close = plainEnd(bytes, at + 1, this.#last);
      if (close < 0) return -1;
      const name = names.find(bytes, at + 1, close);
      if (name === null && names.isRefused?.(bytes, at + 1, close) === true) return -1;
      at = pastBlanks(bytes, close + 1);
      if (bytes[at] !== COLON) return -1;
      at = pastBlanks(bytes, at + 1);
      at = name === null ? valueEnd(bytes, at, this.#last, 0) : this.#value(at, name);
      if (at < 0) return -1;
      at = pastBlanks(bytes, at);
      if (bytes[at] === BRACE_CLOSE) return at + 1;
      if (bytes[at] !== COMMA) return -1;
      at = pastBlanks(bytes, at + 1);
    }
  }

  #value(at: number, { kind, field, number, names }: ShapeName): number {
    if (kind === 'greatest') return this.#greatest(at);
    if (this.#seen[number] === 1) return -1;
    this.#seen[number] = 1;
    switch (kind) {
      case 'text':
        return this.#text(at, field);
      case 'object':
        return this.#bytes[at] === BRACE_OPEN ? this.#object(at, names!) : -1;
      case 'first':
        return this.#list(at, names!, 1);
      case 'list':
        return this.#list(at, names!, Infinity);
    }
  }

  /** Notes a text or a number; a word says nothing. */
  #text(at: number, field: number): number {
    const bytes = this.#bytes;
    const isText = bytes[at] === QUOTE;
    const end = isText ? plainEnd(bytes, at + 1, this.#last) : digitsEnd(bytes, at);
    if (end < 0) return isText ? -1 : wordEnd(bytes, at);
    this.starts[field] = isText ? at + 1 : at;
    this.ends[field] = end;
    return isText ? end + 1 : end;
  }

  #greatest(at: number): number {
    const bytes = this.#bytes;
    const isText = bytes[at] === QUOTE;
    const start = isText ? at + 1 : at;
    const end = isText ? plainEnd(bytes, start, this.#last) : digitsEnd(bytes, at);
    if (end < 0) return -1;
    const value = wholeNumber(bytes, start, end);
    if (value < 0) return -1;
    if (value > this.greatest) this.greatest = value;
    return isText ? end + 1 : end;
  }

  /** Reads so many objects of the list that begins there, and passes over what follows them. */
  #list(start: number, names: ShapeNames, most: number): number {
    const bytes = this.#bytes;
    if (bytes[start] !== BRACKET_OPEN) return -1;
    let at = pastBlanks(bytes, start + 1);
    if (bytes[at] === BRACKET_CLOSE) return at + 1;
    for (let index = 0; ; index++) {
      const isRead = index < most;
      if (isRead && bytes[at] !== BRACE_OPEN) return -1;
      at = isRead ? this.#object(at, names) : valueEnd(bytes, at, this.#last, 0);
      if (at < 0) return -1;
      at = pastBlanks(bytes, at);
      if (bytes[at] === BRACKET_CLOSE) return at + 1;
      if (bytes[at] !== COMMA) return -1;
      at = pastBlanks(bytes, at + 1);
    }
  }
}

interface ShapeName {
  readonly text: Uint8Array;
  readonly kind: 'text' | 'greatest' | 'object' | 'first' | 'list';
  /** Of a text, its field. */
  readonly field: number;
  readonly number: number;
  readonly names: ShapeNames | null;
}

const NO_NAMES: readonly ShapeName[] = [];

/** The names that are asked for of an object, found by their bytes. */
class ShapeNames {
  readonly isRefused: JsonShape['isRefused'];
  /** By length and two letters: nearly all names that nobody asks for find an empty place. */
  readonly #places: (readonly ShapeName[])[] = Array.from({ length: 512 }, () => NO_NAMES);

  constructor(shape: JsonShape, numbers: { count: number }) {
    this.isRefused = shape.isRefused;
    const add = (name: string, kind: ShapeName['kind'], field: number, within: JsonShape | null): void => {
      const text = Uint8Array.from(Buffer.from(name, 'latin1'));
      const names = within === null ? null : new ShapeNames(within, numbers);
      const place = placeOf(text, 0, text.length);
      this.#places[place] = [...this.#places[place]!, { text, kind, field, number: numbers.count++, names }];
    };
    for (const [name, field] of Object.entries(shape.texts ?? {})) add(name, 'text', field, null);
    for (const name of shape.greatest ?? []) add(name, 'greatest', 0, null);
    for (const [name, within] of Object.entries(shape.objects ?? {})) add(name, 'object', 0, within);
    for (const [name, within] of Object.entries(shape.firsts ?? {})) add(name, 'first', 0, within);
    for (const [name, within] of Object.entries(shape.lists ?? {})) add(name, 'list', 0, within);
  }

  find(bytes: Uint8Array, start: number, end: number): ShapeName | null {
    const names = this.#places[placeOf(bytes, start, end)]!;
    for (let index = 0; index < names.length; index++) {
      const name = names[index]!;
      if (name.text.length === end - start && isAt(bytes, start, name.text)) return name;
    }
    return null;
  }
}

function placeOf(bytes: Uint8Array, start: number, end: number): number {
  if (end === start) return 0;
  const length = end - start;
  return (bytes[end - 1]! * 5 + bytes[start + (length >> 1)]! * 13 + length * 31) & 511;
}

function pastBlanks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isBlank(bytes[at]!)) at++;
  return at;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Where a value ends that nobody asks for; -1 where it is not of the common case. */
function valueEnd(bytes: Uint8Array, at: number, last: number, depth: number): number {
  const code = bytes[at]!;
  if (code === QUOTE) {
    const close = escapedEnd(bytes, at + 1, last);
    return close < 0 ? -1 : close + 1;
  }
  if (code === BRACE_OPEN || code === BRACKET_OPEN)
    return depth < MOST_DEPTH ? partsEnd(bytes, at, last, depth + 1) : -1;
  const end = digitsEnd(bytes, at);
  return end < 0 ? wordEnd(bytes, at) : end;
}

/** The same of an object or a list. */
function partsEnd(bytes: Uint8Array, start: number, last: number, depth: number): number {
  const isObject = bytes[start] === BRACE_OPEN;
  const closing = isObject ? BRACE_CLOSE : BRACKET_CLOSE;
  let at = pastBlanks(bytes, start + 1);
  if (bytes[at] === closing) return at + 1;
  for (;;) {
    if (isObject) {
      const close = bytes[at] === QUOTE ? escapedEnd(bytes, at + 1, last) : -1;
      if (close < 0) return -1;
      at = pastBlanks(bytes, close + 1);
      if (bytes[at] !== COLON) return -1;
      at = pastBlanks(bytes, at + 1);
    }
    at = valueEnd(bytes, at, last, depth);
    if (at < 0) return -1;
    at = pastBlanks(bytes, at);
    if (bytes[at] === closing) return at + 1;
    if (bytes[at] !== COMMA) return -1;
    at = pastBlanks(bytes, at + 1);
  }
}

/** Where a short whole number ends; -1 where none stands. */
function digitsEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while ((bytes[end]! - ZERO) >>> 0 <= 9) end++;
  const length = end - at;
  return length === 0 || length > MOST_DIGITS || (length > 1 && bytes[at] === ZERO) ? -1 : end;
}

/** No more is exact. */
const MOST_WHOLE = 9_000_000_000_000_000;

/** The whole number in plain digits in bytes `[start, end)`, 0 of none; -1 where something else stands, or too much. */
export function wholeNumber(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > MOST_DIGITS + 1) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit >>> 0 > 9) return -1;
    value = value * 10 + digit;
  }
  return value > MOST_WHOLE ? -1 : value;
}
