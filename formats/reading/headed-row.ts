import { isUtf8 } from 'node:buffer';
import { quote } from '../canonical/canonical-fields.ts';
import { splitCsvLine, splitLooseCsvLine } from './csv-line.ts';
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

/** Cuts a line at a separator, `null` where a quote stands amiss. Quotes that were not doubled are put up with. */
export function splitAt(line: string, separator: Separator): string[] | null {
  if (separator === ',') return splitCsvLine(line) ?? splitLooseCsvLine(line);
  if (!line.includes('"')) return line.split(separator);
  const fields: string[] = [];
  for (let at = 0; ;) {
    const isQuoted = line[at] === '"';
    let end: number = isQuoted ? at + 1 : line.indexOf(separator, at);
    if (isQuoted) {
      for (end = line.indexOf('"', end); end >= 0 && line[end + 1] === '"'; end = line.indexOf('"', end + 2));
      if (end < 0) return null;
      fields.push(line.slice(at + 1, end).replaceAll('""', '"'));
      if (end + 1 >= line.length) return fields;
      if (line[end + 1] !== separator) return null;
      at = end + 2;
      continue;
    }
    if (end < 0) return [...fields, line.slice(at)];
    fields.push(line.slice(at, end));
    at = end + 1;
  }
}

/** The line in bytes `[start, end)` as text; older encodings of names are common, and their ids and numbers ASCII. */
export function lineText(buffer: Buffer, start: number, end: number): string | DecodedBad {
  if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
  const bytes = buffer.subarray(start, end);
  const line = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
  return line.includes('\0') ? bad('invalid-field', 'Cannot read the row: it holds a NUL character') : line;
}

/** More characters than any switch writes into a column: nothing looks into such a one. */
const MOST_FIELD_LENGTH = 16_384;

/** Reads a row by its header's columns; NULL, as databases export it, is nothing. */
export function readRow(
  line: string,
  columns: ReadonlyMap<string, number>,
  separator: Separator,
): ColumnReader | DecodedBad {
  const fields = splitAt(line, separator);
  if (fields === null) return bad('broken-quoting', `Cannot read the row: a quote stands amiss in ${quote(line)}`);
  if (fields.length !== columns.size) {
    return bad('column-count', `Cannot read the row: ${fields.length} columns, the header names ${columns.size}`);
  }
  const long = fields.find((field) => field.length > MOST_FIELD_LENGTH);
  if (long !== undefined) return bad('invalid-field', `Cannot read the row: ${quote(long)} is too long`);
  return (name) => {
    const value = fields[columns.get(name) ?? -1]?.trim() ?? '';
    return value === 'NULL' || value === '\\N' ? '' : value;
  };
}

/** The columns of a header by name; what is wrong with it where a name stands twice or is none. */
export function readHeader(header: string):
  | {
      readonly columns: ReadonlyMap<string, number>;
      readonly separator: Separator;
    }
  | { readonly problem: string } {
  const separator = separatorOf(header);
  const names = splitAt(header.trim(), separator);
  if (names === null) return { problem: 'its header has a broken quote' };
  const columns = new Map(names.map((name, index) => [name.trim(), index]));
  if (columns.size < names.length) return { problem: 'its header names a column twice' };
  return { columns, separator };
}
