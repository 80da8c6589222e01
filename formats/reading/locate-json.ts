const [SPACE, QUOTE, COMMA, COLON, BACKSLASH, TILDE] = [0x20, 0x22, 0x2c, 0x3a, 0x5c, 0x7e];
const [ZERO, BRACE_OPEN, BRACE_CLOSE] = [0x30, 0x7b, 0x7d];
/** A document of more fields is read the plain way. */
const MOST_FIELDS = 64;
/** Numbers of so many digits stand as they are written. */
const MOST_DIGITS = 15;
/** What may follow a backslash, but for a code. */
const ESCAPES = Uint8Array.from({ length: 256 }, (_, code) =>
  '"\\/bfnrt'.includes(String.fromCharCode(code)) ? 1 : 0,
);

/** Finds the fields of JSON objects that are asked for. Those of a document that must not have some are not read. */
export class JsonFields {
  /** Where the values lie, as texts, by field; both 0 where a value says nothing. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** The fields that the document located last has, as bits; what they hold may be `null`. */
  present = 0;
  readonly #fields: ReadonlyMap<string, number>;
  /** The names at each place of the document before: those of one writer have one order. */
  readonly #names: Uint8Array[] = [];
  readonly #fieldsAt: number[] = [];

  /**
   * @param names the fields that are read, thirty at most
   * @param refused fields whose documents are read the plain way
   * @param starts where values begin, by the place of their name
   */
  constructor(names: readonly string[], refused: readonly string[], starts: Int32Array, ends: Int32Array) {
    this.#fields = new Map([
      ...names.map((name, field) => [name, field] as const),
      ...refused.map((name) => [name, REFUSED] as const),
    ]);
    this.starts = starts;
    this.ends = ends;
  }

  /**
   * Locates the fields of the document in bytes `[start, end)`; `false` where it is not of the common case: one object
   * of texts, short whole numbers, and words, in ASCII, each name once, nothing escaped in what is asked for.
   */
  locate(bytes: Buffer, start: number, end: number): boolean {
    this.starts.fill(0);
    this.ends.fill(0);
    this.present = 0;
    const last = end - 1;
    if (last <= start || bytes[start] !== BRACE_OPEN || bytes[last] !== BRACE_CLOSE) return false;
    let at = start + 1;
    for (let place = 0; place < MOST_FIELDS; place++) {
      at = pastSpaces(bytes, at);
      if (bytes[at] !== QUOTE) return false;
      const close = plainEnd(bytes, at + 1, last);
      if (close < 0) return false;
      const field = this.#fieldAt(bytes, at + 1, close, place);
      at = pastSpaces(bytes, close + 1);
      if (field === REFUSED || bytes[at] !== COLON) return false;
      at = this.#value(bytes, pastSpaces(bytes, at + 1), last, field);
      if (at < 0) return false;
      at = pastSpaces(bytes, at);
      if (at === last) return true;
      if (bytes[at] !== COMMA) return false;
      at++;
    }
    return false;
  }

  /** The field of a name; `OTHER` where nobody asks for it. */
  #fieldAt(bytes: Buffer, start: number, end: number, place: number): number {
    const known = this.#names[place];
    if (known !== undefined && known.length === end - start && isAt(bytes, start, known)) return this.#fieldsAt[place]!;
    const name = bytes.toString('latin1', start, end);
    const field = this.#fields.get(name) ?? OTHER;
    this.#names[place] = Uint8Array.from(bytes.subarray(start, end));
    this.#fieldsAt[place] = field;
    return field;
  }

  /** Notes a value; returns where it ends, below 0 where it is not of the common case. */
  #value(bytes: Buffer, at: number, last: number, field: number): number {
    const isAsked = field !== OTHER;
    if (isAsked) {
      if ((this.present & (1 << field)) !== 0) return -1;
      this.present |= 1 << field;
    }
    const code = bytes[at]!;
    if (code === QUOTE) {
      const close = isAsked ? plainEnd(bytes, at + 1, last) : escapedEnd(bytes, at + 1, last);
      if (close < 0) return -1;
      if (isAsked) this.#note(field, at + 1, close);
      return close + 1;
    }
    if ((code - ZERO) >>> 0 > 9) return wordEnd(bytes, at);
    let end = at + 1;
    while ((bytes[end]! - ZERO) >>> 0 <= 9) end++;
    const length = end - at;
    if (length > MOST_DIGITS || (length > 1 && code === ZERO)) return -1;
    if (isAsked) this.#note(field, at, end);
    return end;
  }

  #note(field: number, start: number, end: number): void {
    this.starts[field] = start;
    this.ends[field] = end;
  }
}

const [OTHER, REFUSED] = [-1, -2];

function pastSpaces(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === SPACE) at++;
  return at;
}

/** Whether the bytes of a name stand there. */
export function isAt(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let at = 0; at < name.length; at++) if (bytes[start + at] !== name[at]) return false;
  return true;
}

/** The quote that ends a text of printable ASCII without escapes; -1 where it is another. */
export function plainEnd(bytes: Uint8Array, from: number, last: number): number {
  for (let at = from; at < last; at++) {
    const code = bytes[at]!;
    if (code === QUOTE) return at;
    if (code < SPACE || code > TILDE || code === BACKSLASH) return -1;
  }
  return -1;
}

/** The same of a text that may have escapes of one sign. */
export function escapedEnd(bytes: Uint8Array, from: number, last: number): number {
  for (let at = from; at < last; at++) {
    const code = bytes[at]!;
    if (code === QUOTE) return at;
    if (code < SPACE || code > TILDE) return -1;
    if (code === BACKSLASH && ESCAPES[bytes[++at]!] !== 1) return -1;
  }
  return -1;
}

const WORDS = ['null', 'true', 'false'].map((word) => Uint8Array.from(Buffer.from(word)));

/** Where a word of JSON ends; -1 where none stands. */
export function wordEnd(bytes: Uint8Array, at: number): number {
  for (const word of WORDS) if (isAt(bytes, at, word)) return at + word.length;
  return -1;
}
