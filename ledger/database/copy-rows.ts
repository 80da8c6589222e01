import { COPY_HEADER_BYTES } from './binary-copy.ts';

const END_OF_ROWS = -1;
const NULL = -1;

/** Cuts a binary COPY, which comes in chunks of any size, into its rows; each holds until the next is asked for. */
export async function* copyRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  let isHeaderRead = false;
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let at = 0;
    if (!isHeaderRead) {
      if (rest.length < COPY_HEADER_BYTES) continue;
      isHeaderRead = true;
      at = COPY_HEADER_BYTES;
    }
    const view = new DataView(rest.buffer, rest.byteOffset, rest.length);
    for (let end = rowEnd(view, at); end !== null && end > at; end = rowEnd(view, at)) {
      yield rest.subarray(at, end);
      at = end;
    }
    rest = rest.subarray(at);
  }
}

/** Whether no row follows at `at`. */
export function isEndOfRows(view: DataView, at: number): boolean {
  return view.getInt16(at) === END_OF_ROWS;
}

/** Whether the value is null whose length stands at `at`. */
export function isNull(view: DataView, at: number): boolean {
  return view.getInt32(at) === NULL;
}

/** Where the value ends whose length stands at `at`. */
export function valueEnd(view: DataView, at: number): number {
  return at + 4 + Math.max(0, view.getInt32(at));
}

/**
 * Where the row ends that begins at `at`: `at` itself where no row follows, `null` where more bytes must come first.
 */
export function rowEnd(view: DataView, at: number): number | null {
  const { byteLength } = view;
  if (at + 2 > byteLength) return null;
  if (isEndOfRows(view, at)) return at;
  const columns = view.getInt16(at);
  let end = at + 2;
  for (let column = 0; column < columns; column++) {
    if (end + 4 > byteLength) return null;
    end = valueEnd(view, end);
  }
  return end > byteLength ? null : end;
}
