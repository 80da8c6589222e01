/**
 * State of cutting a buffer into records: pairs of `[start, end)` found, and up to where all bytes are accounted for.
 */
export interface Framing {
  readonly pairs: Uint32Array;
  count: number;
  consumed: number;
}

/**
 * Cuts bytes `[framing.consumed, used)` into records until `pairs` is full or more bytes are needed; with `isEnd` the
 * last record needs no end of its own. Blank lines between records are no records.
 */
export type FrameRecords = (buffer: Buffer, used: number, isEnd: boolean, framing: Framing) => void;

const LF = 10;
const CR = 13;

/** One record a line; LF or CRLF. */
export const frameLines: FrameRecords = (buffer, used, isEnd, framing) => {
  const { pairs } = framing;
  const max = pairs.length / 2;
  while (framing.count < max && framing.consumed < used) {
    const start = framing.consumed;
    // Blank lines by the million are passed over byte by byte: to look for the end of each takes fifty times as long.
    if (buffer[start] === LF) {
      framing.consumed++;
      continue;
    }
    const found = buffer.indexOf(LF, start);
    const hasEnd = found >= 0 && found < used;
    if (!hasEnd && !isEnd) return;
    const lineEnd = hasEnd ? found : used;
    framing.consumed = hasEnd ? found + 1 : used;
    const end = lineEnd > start && buffer[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    if (!isBlank(buffer, start, end)) addPair(framing, start, end);
  }
};

function addPair(framing: Framing, start: number, end: number): void {
  framing.pairs[framing.count * 2] = start;
  framing.pairs[framing.count * 2 + 1] = end;
  framing.count++;
}

export function isBlank(buffer: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (!isSpace(buffer[at])) return false;
  return true;
}

export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 9 || byte === LF || byte === CR;
}

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/**
 * One JSON object a record, on one line or many, in a row or in an array. A broken document ends where the next one
 * clearly begins, so it swallows none: at a line end inside a text, or before a line that begins with `{` where no
 * array element can stand. The head of a table, as phpMyAdmin exports it, is a record of its own. Bytes between
 * documents that are no separators make a record of their own, which is then refused.
 */
export const frameDocuments = frameBetween(skipSeparators, (buffer, start, used) =>
  buffer[start] === OPEN_BRACE
    ? (tableHeadEnd(buffer, start, used) ?? documentEnd(buffer, start, used))
    : otherEnd(buffer, start, used),
);

const TABLE_HEAD = Buffer.from('{"type":"table",');
/** A line that begins so and has no end yet is no head of a table. */
const MOST_HEAD_BYTES = 1_024;

/**
 * The position after `{"type":"table","name":"cdr",…,"data":`, whose rows follow as a list: the object around them
 * would be a record of the whole table. -1 when more bytes are needed to tell; `null` where it is none.
 */
function tableHeadEnd(buffer: Buffer, start: number, used: number): number | null {
  const same = Math.min(TABLE_HEAD.length, used - start);
  if (TABLE_HEAD.compare(buffer, start, start + same, 0, same) !== 0) return null;
  const end = buffer.indexOf(LF, start);
  if (end < 0 || end >= used) return used - start < MOST_HEAD_BYTES ? -1 : null;
  return /"data":\s*$/.test(buffer.toString('latin1', Math.max(start, end - 16), end)) ? end : null;
}

/**
 * Cuts what stands between separators, which `skip` passes over, into records. `endOf` says where the one ends that
 * begins at `start`; -1: more bytes are needed to tell, and at the end of the source it ends there.
 */
export function frameBetween(
  skip: (buffer: Buffer, from: number, used: number) => number,
  endOf: (buffer: Buffer, start: number, used: number, isEnd: boolean) => number,
): FrameRecords {
  return (buffer, used, isEnd, framing) => {
    const max = framing.pairs.length / 2;
    while (framing.count < max) {
      const start = skip(buffer, framing.consumed, used);
      framing.consumed = start;
      if (start === used) return;
      const end = endOf(buffer, start, used, isEnd);
      if (end < 0 && !isEnd) return;
      framing.consumed = end < 0 ? used : end;
      addPair(framing, start, trimEnd(buffer, start, framing.consumed));
    }
  };
}

function skipSeparators(buffer: Buffer, from: number, used: number): number {
  let at = from;
  while (at < used && (isSpace(buffer[at]) || isArrayPunctuation(buffer[at]))) at++;
  return skipFieldName(buffer, at, used, OPEN_BRACE);
}

function isArrayPunctuation(byte: number | undefined): boolean {
  return byte === COMMA || byte === OPEN_BRACKET || byte === CLOSE_BRACKET;
}

function trimEnd(buffer: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && isSpace(buffer[at - 1])) at--;
  return at;
}

/** A document as it is posted is one line; stray bytes go up to a line that begins one. -1 when it is not there yet. */
function otherEnd(buffer: Buffer, start: number, used: number): number {
  if (isPosted(buffer, start, used)) return lineEndAfter(buffer, start, used);
  for (let at = buffer.indexOf(LF, start); at >= 0 && at + 1 < used; at = buffer.indexOf(LF, at + 1)) {
    const next = at + 1;
    if (buffer[next] === OPEN_BRACE || buffer[next] === OPEN_BRACKET || isPosted(buffer, next, used)) return next;
  }
  return -1;
}

const POSTED = Buffer.from('cdr=');

/** Whether bytes from `start` on begin as what mod_json_cdr and mod_xml_cdr post. */
export function isPosted(buffer: Buffer, start: number, used: number): boolean {
  return start + POSTED.length <= used && POSTED.compare(buffer, start, start + POSTED.length) === 0;
}

/**
 * Passes over `cdr=` before a document that begins with `begin` and is not encoded: with `encode` off, mod_json_cdr and
 * mod_xml_cdr post it as it is, over many lines.
 */
export function skipFieldName(buffer: Buffer, start: number, used: number, begin: number): number {
  const document = start + POSTED.length;
  return isPosted(buffer, start, used) && document < used && buffer[document] === begin ? document : start;
}

/** The position after the line that begins at `start`; -1 when it has not ended yet. */
export function lineEndAfter(buffer: Buffer, start: number, used: number): number {
  const at = buffer.indexOf(LF, start);
  return at < 0 || at >= used ? -1 : at + 1;
}

/** Deeper signs are counted, not kept: a document that deep is no record of a switch. */
const MOST_KEPT_SIGNS = 1_024;

/** Braces and brackets that are open. */
class OpenSigns {
  readonly #kept: number[] = [];
  count = 0;

  /** The one opened last; of those too deep to be kept, a bracket. */
  get last(): number {
    return this.count > MOST_KEPT_SIGNS ? OPEN_BRACKET : (this.#kept[this.count - 1] ?? 0);
  }

  push(sign: number): void {
    if (this.count < MOST_KEPT_SIGNS) this.#kept[this.count] = sign;
    this.count++;
  }

  pop(): void {
    this.count--;
  }
}

/**
 * The position after the document that begins at `start`, or where it is broken off; -1 when it goes on beyond
 * `used`.
 */
function documentEnd(buffer: Buffer, start: number, used: number): number {
  const open = new OpenSigns();
  const isCompact = !isSpace(buffer[start + 1]);
  for (let at = start; at < used; at++) {
    const byte = buffer[at];
    if (byte === QUOTE) {
      at = textEnd(buffer, at + 1, used);
      if (at < 0) return -1;
      if (buffer[at] === LF) return at;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) open.push(byte);
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      open.pop();
      if (open.count === 0) return at + 1;
    } else if (byte === LF && buffer[at + 1] === OPEN_BRACE && at + 1 < used) {
      if (isCompact || open.last === OPEN_BRACE) return at;
    }
  }
  return -1;
}

/** The quote or line end that ends a text; -1 when neither is there yet. */
function textEnd(buffer: Buffer, from: number, used: number): number {
  for (let at = from; at < used; at++) {
    const byte = buffer[at];
    if (byte === BACKSLASH && buffer[at + 1] !== LF) at++;
    else if (byte === QUOTE || byte === LF) return at;
  }
  return -1;
}
