import { isUtf8 } from 'node:buffer';
import { quote } from '../canonical/canonical-fields.ts';
import { splitCsvLine, splitRow } from './csv-line.ts';
import { bad, MAX_RECORD_BYTES, tooLong, type DecodedBad } from '../format.ts';

/** The fields of a CSV line by the names of its header, `''` where there is no such column. */
export type ColumnReader = (name: string) => string;

/** Separators of exports, the usual one first. */
const SEPARATORS = [',', ';', '\t', '|'] as const;
export type Separator = (typeof SEPARATORS)[number];

/** The separator that parts a header's names: the one that parts it into most. */
export function separatorOf(header: string): Separator {
  const counts = SEPARATORS.map((separator) => ({ separator, count: header.split(separator).length }));
  return counts.reduce((best, one) => (one.count > best.count ? one : best)).separator;
}

/** What stands after it may be another row, of which nothing would come. */
export const RETURN_WITHIN = 'Cannot read the row: it holds a carriage return, where another row may begin';

/** The line in bytes `[start, end)` as text; older encodings of names are common, and their ids and numbers ASCII. */
export function lineText(buffer: Buffer, start: number, end: number): string | DecodedBad {
  if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
  const bytes = buffer.subarray(start, end);
  const line = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
  if (line.includes('\0')) return bad('invalid-field', 'Cannot read the row: it holds a NUL character');
  return line.trimEnd().includes('\r') ? bad('invalid-field', RETURN_WITHIN) : line;
}

/** More characters than any switch writes into a column: nothing looks into such a one. */
const MOST_FIELD_LENGTH = 16_384;

/** Reads a row by its header's columns; NULL, as databases export it, is nothing. */
export function readRow(line: string, { columns, columnCount, separator }: HeadedColumns): ColumnReader | DecodedBad {
  const fields = splitRow(line, separator, columnCount);
  if (fields === 'broken-quoting') {
    return bad(fields, `Cannot read the row: a quote stands amiss in ${quote(line)}`);
  }
  if (fields === 'column-count') {
    return bad(fields, `Cannot read the row: it has not the ${columnCount} columns of the header: ${quote(line)}`);
  }
  const long = fields.find((field) => field.length > MOST_FIELD_LENGTH);
  if (long !== undefined) return bad('invalid-field', `Cannot read the row: ${quote(long)} is too long`);
  return (name) => {
    const value = fields[columns.get(name) ?? -1]?.trim() ?? '';
    return value === 'NULL' || value === '\\N' ? '' : value;
  };
}

/** What the first line of a table says of the lines after it. */
export interface HeadedColumns {
  /** Where the columns stand that have a name. */
  readonly columns: ReadonlyMap<string, number>;
  readonly columnCount: number;
  readonly separator: Separator;
}

/** The columns of a header by name; what is wrong with it where a name stands twice or a quote amiss. */
export function readHeader(header: string): HeadedColumns | { readonly problem: string } {
  const separator = separatorOf(header);
  const names = splitCsvLine(header.trim(), separator)?.map((name) => name.trim());
  if (names === undefined) return { problem: 'its header has a broken quote' };
  // A separator may end the header; where it does not end the rows, no column is missed.
  const columnCount = names.at(-1) === '' ? names.length - 1 : names.length;
  const named = names.flatMap((name, index) => (name === '' ? [] : [[name, index] as const]));
  const columns = new Map(named);
  if (columns.size < named.length) return { problem: 'its header names a column twice' };
  return { columns, columnCount, separator };
}
