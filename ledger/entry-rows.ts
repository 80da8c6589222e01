/**
 * Bytes of a binary COPY before a row's position: the count of columns, the bucket with its length, the position's
 * length.
 */
const POSITION_OFFSET = 2 + 4 + 2 + 4;
/**
 * What a COPY begins with: its signature, its flags, the length of an extension (PostgreSQL's manual, COPY, "Binary
 * Format").
 */
const HEADER_BYTES = 19;
const END_OF_ROWS = -1;

/**
 * A row of entries as binary COPY has it: its feed position, and all of its bytes, which hold until the next is asked
 * for.
 */
export interface EntryRow {
  readonly position: number;
  readonly bytes: Buffer;
}

/** Cuts a binary COPY of entries (`ENTRY_COLUMNS`), which comes in chunks of any size, into its rows. */
export async function* entryRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<EntryRow> {
  let rest = Buffer.alloc(0);
  let isHeaderRead = false;
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let at = 0;
    if (!isHeaderRead) {
      if (rest.length < HEADER_BYTES) continue;
      isHeaderRead = true;
      at = HEADER_BYTES;
    }
    for (let end = rowEnd(rest, at); end !== null && end > at; end = rowEnd(rest, at)) {
      yield { position: Number(rest.readBigInt64BE(at + POSITION_OFFSET)), bytes: rest.subarray(at, end) };
      at = end;
    }
    rest = rest.subarray(at);
  }
}

/**
 * Where the row ends that begins at `at`: `at` itself where no row follows, `null` where more bytes must come first.
 */
function rowEnd(bytes: Buffer, at: number): number | null {
  if (at + 2 > bytes.length) return null;
  const columns = bytes.readInt16BE(at);
  if (columns === END_OF_ROWS) return at;
  let end = at + 2;
  for (let column = 0; column < columns; column++) {
    if (end + 4 > bytes.length) return null;
    end += 4 + Math.max(0, bytes.readInt32BE(end));
  }
  return end > bytes.length ? null : end;
}
