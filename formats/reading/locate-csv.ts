const [QUOTE, BACKSLASH] = [0x22, 0x5c];
/** A row of more columns is read the plain way. */
const MOST_COLUMNS = 64;

/** Where the fields of the row located last lie, without their quotes; -1 where one has quotes within. */
export const fieldStarts = new Int32Array(MOST_COLUMNS);
export const fieldEnds = new Int32Array(MOST_COLUMNS);

/**
 * Finds where the fields of a row lie in bytes `[start, end)`, as `splitCsvLine` cuts them: in `fieldStarts` and
 * `fieldEnds`, which the next row writes over. It takes the common case only: printable ASCII, without a backslash.
 *
 * @returns how many fields there are; -1 where it is not the common case
 */
export function locateCsv(bytes: Uint8Array, start: number, end: number, separator: number): number {
  let count = 0;
  let at = start;
  for (;;) {
    if (count === MOST_COLUMNS) return -1;
    let from = at;
    let to: number;
    if (at < end && bytes[at] === QUOTE) {
      from++;
      at = from;
      let hasQuotes = false;
      for (; ; at++) {
        if (at >= end) return -1;
        const code = bytes[at]!;
        if (code === QUOTE) {
          if (at + 1 >= end || bytes[at + 1] !== QUOTE) break;
          hasQuotes = true;
          at++;
        } else if (code < 0x20 || code > 0x7e || code === BACKSLASH) return -1;
      }
      to = at;
      at++;
      if (at < end && bytes[at] !== separator) return -1;
      if (hasQuotes) from = -1;
    } else {
      for (; at < end; at++) {
        const code = bytes[at]!;
        if (code === separator) break;
        if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) return -1;
      }
      to = at;
    }
    fieldStarts[count] = from;
    fieldEnds[count] = to;
    count++;
    if (at >= end) return count;
    at++;
  }
}
