const COPY_DATA = 0x64;
const COPY_DONE = 0x63;
const COPY_OUT_RESPONSE = 0x48;
/** Of a message: its kind, and its length with these four bytes. */
const HEADER_BYTES = 5;
const LENGTH_BYTES = 4;

/**
 * What a server sends while it answers a `COPY … TO STDOUT` (PostgreSQL's manual, "Message Formats"): each row is a
 * message. Rows are moved together within the chunk in which they come, so that there is no object for each.
 */
export class CopyMessages {
  /** Of a row that has begun: bytes still to come. */
  #left = 0;
  /** The beginning of a message of which too little came to know what it is. */
  #begun: Buffer | null = null;
  #isOver = false;

  /** Whether all rows have come, or something else has: then the rest of what comes is not ours. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Takes what came, and changes it. Returns the bytes of rows in it, and what is for others: messages that may come at
   * any time, and what follows the last row.
   */
  take(chunk: Buffer): { readonly rows: Buffer; readonly others: readonly Buffer[] } {
    const bytes = this.#begun === null ? chunk : Buffer.concat([this.#begun, chunk]);
    this.#begun = null;
    const others: Buffer[] = [];
    // A row that has begun goes on where the chunk begins.
    let to = Math.min(this.#left, bytes.length);
    let at = to;
    this.#left -= to;
    while (at < bytes.length) {
      if (at + HEADER_BYTES > bytes.length) {
        this.#begun = Buffer.from(bytes.subarray(at));
        break;
      }
      const kind = bytes[at];
      const end = at + 1 + lengthAt(bytes, at + 1);
      if (kind === COPY_DATA) {
        const from = at + HEADER_BYTES;
        const upTo = Math.min(end, bytes.length);
        bytes.copyWithin(to, from, upTo);
        to += upTo - from;
        this.#left = end - upTo;
        at = upTo;
        continue;
      }
      const comesAtAnyTime = kind !== undefined && AT_ANY_TIME.has(kind);
      if (!comesAtAnyTime && kind !== COPY_DONE && kind !== COPY_OUT_RESPONSE) {
        // An error, or nothing that we know.
        this.#isOver = true;
        others.push(Buffer.from(bytes.subarray(at)));
        break;
      }
      if (end > bytes.length) {
        this.#begun = Buffer.from(bytes.subarray(at));
        break;
      }
      if (comesAtAnyTime) others.push(Buffer.from(bytes.subarray(at, end)));
      at = end;
      if (kind !== COPY_DONE) continue;
      this.#isOver = true;
      if (at < bytes.length) others.push(Buffer.from(bytes.subarray(at)));
      break;
    }
    return { rows: bytes.subarray(0, to), others };
  }
}

/** Notices, parameters of the session, notifications. */
const AT_ANY_TIME: ReadonlySet<number> = new Set([0x4e, 0x53, 0x41]);

/** Throws on a length that no message has. */
function lengthAt(bytes: Buffer, at: number): number {
  const length = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  if (length < LENGTH_BYTES) throw new RangeError(`Cannot read a COPY: a message of length '${length}' came`);
  return length;
}
