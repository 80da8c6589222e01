import { isUtf8 } from 'node:buffer';
import { canonicalFieldNames, decodeCanonicalValues, quote, requiredFieldNames } from './canonical-fields.ts';
import { splitCsvLine } from '../reading/csv-line.ts';
import { withCanonicalRecord } from './encode-canonical.ts';
import { bad, MAX_RECORD_BYTES, tooLong, type Decoded, type Format } from '../format.ts';

/**
 * The canonical CDR as CSV: `header` is the file's first line, which names the columns in any order. An empty field is
 * an absent one; `diversions` are separated by semicolons. Answers what is wrong with the header, or the format.
 */
export function createCanonicalCsv(header: string): Format | { readonly problem: string } {
  const columns = splitCsvLine(header.trim());
  const problem = columns === null ? 'its header has a broken quote' : headerProblem(columns);
  if (columns === null || problem !== null) return { problem: problem ?? '' };
  return {
    id: 'canonical-csv',
    framing: 'lines',
    decode: (buffer, start, end) => decodeLine(columns, buffer, start, end),
    namedCall: (buffer, start, end) => {
      const fields = splitCsvLine(buffer.toString('utf8', start, end));
      return (fields?.length === columns.length && fields[columns.indexOf('call')]) || null;
    },
  };
}

function headerProblem(columns: readonly string[]): string | null {
  const known: readonly string[] = canonicalFieldNames;
  const unknown = columns.find((column) => !known.includes(column));
  if (unknown !== undefined) return `its header names the unknown column ${quote(unknown)}`;
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) return `its header names column '${twice}' twice`;
  const missing = requiredFieldNames.find((name) => !columns.includes(name));
  return missing === undefined ? null : `its header lacks column '${missing}'`;
}

function decodeLine(columns: readonly string[], buffer: Buffer, start: number, end: number): Decoded {
  if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
  if (!isUtf8(buffer.subarray(start, end))) return bad('invalid-utf8', 'Cannot read the record: it is not UTF-8');
  const line = buffer.toString('utf8', start, end);
  const fields = splitCsvLine(line);
  if (fields === null) return bad('broken-quoting', `Cannot read the record: a quote stands amiss in ${quote(line)}`);
  if (fields.length !== columns.length) {
    return bad('column-count', `Cannot read the record: ${fields.length} columns, the header names ${columns.length}`);
  }
  const values: Record<string, unknown> = {};
  for (const [index, column] of columns.entries()) values[column] = valueOf(column, fields[index] ?? '');
  return withCanonicalRecord(decodeCanonicalValues(values, noRecord));
}

/** The JSON value that a CSV field stands for; a text that is no such value is kept, and refused as such. */
function valueOf(column: string, field: string): unknown {
  if (column === 'answered') return field === '' ? null : field;
  if (field === '') return column === 'to' || requiredFieldNames.some((name) => name === column) ? field : undefined;
  switch (column) {
    case 'v':
    case 'durationMs':
    case 'revision':
      return /^\d{1,10}$/.test(field) ? Number(field) : field;
    case 'diversions':
      return field.split(';').map((diverter) => diverter.trim());
    case 'mobility':
      return field === 'true' ? true : field === 'false' ? false : field;
    default:
      return field;
  }
}

const noRecord = { recordBuffer: Buffer.alloc(0), recordStart: 0, recordEnd: 0 };
