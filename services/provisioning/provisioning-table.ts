import { CsvError, parse } from 'csv-parse/sync';
import { quote } from '../../formats/index.ts';

/** A fault in a provisioning file: where it is, and what is wrong with which value. */
export interface ProvisioningFault {
  readonly file: string;
  /** Line in the file, from 1; the header is line 1. */
  readonly line: number;
  /** Column by name; `''` where the whole line is meant. */
  readonly column: string;
  readonly value: string;
  /** *Cannot …: …*, with the value quoted. */
  readonly problem: string;
}

/** One row of a provisioning file, and a way to report its faults. */
export interface ProvisioningRow {
  readonly line: number;
  /** The field of a column, trimmed. */
  get(column: string): string;
  fault(column: string, problem: string): void;
}

/**
 * Reads a provisioning file: CSV with a header that names exactly `columns`, in any order. Faults are added to
 * `faults`; rows with the wrong number of fields are left out, all others are returned even if the file has faults.
 * `null` where the file as a whole cannot be used, so that what refers to its rows need not be found faulty too.
 */
export function readProvisioningTable(
  file: string,
  text: string,
  columns: readonly string[],
  faults: ProvisioningFault[],
): readonly ProvisioningRow[] | null {
  const report = (line: number, column: string, value: string, problem: string): void => {
    faults.push({ file, line, column, value, problem });
  };
  const records = parseRecords(text, report);
  const [header, ...body] = records;
  if (header === undefined) {
    if (faults.every((fault) => fault.file !== file))
      report(1, '', '', `Cannot read '${file}': it is empty, the header ${quote(columns.join(','))} is missing`);
    return null;
  }
  const names = header.fields.map((name) => name.trim());
  const isUsable = checkHeader(names, columns, report);
  if (!isUsable) return null;
  return body.flatMap(({ fields, line }) => {
    if (fields.length !== names.length) {
      report(
        line,
        '',
        fields.join(','),
        `Cannot read the line: it has ${fields.length} fields, the header names ${names.length}`,
      );
      return [];
    }
    const values = new Map(names.map((name, index) => [name, (fields[index] ?? '').trim()]));
    const get = (column: string): string => values.get(column) ?? '';
    return [{ line, get, fault: (column: string, problem: string) => report(line, column, get(column), problem) }];
  });
}

type Report = (line: number, column: string, value: string, problem: string) => void;

interface CsvRecord {
  readonly fields: readonly string[];
  readonly line: number;
}

function parseRecords(text: string, report: Report): readonly CsvRecord[] {
  const records: CsvRecord[] = [];
  try {
    parse(text, {
      bom: true,
      // Both, for files that editors of two systems have touched: left to itself the parser goes by the first line's.
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (fields: string[], { lines }: { lines: number }) => {
        records.push({ fields, line: lines - fields.join('').split('\n').length + 1 });
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line: unknown = error['lines'];
    report(typeof line === 'number' ? line : 1, '', '', `Cannot read the file as CSV: ${error.message}`);
  }
  return records;
}

function checkHeader(names: readonly string[], columns: readonly string[], report: Report): boolean {
  let isUsable = true;
  const refuse = (column: string, problem: string): void => {
    isUsable = false;
    report(1, column, column, problem);
  };
  for (const [index, name] of names.entries()) {
    if (!columns.includes(name)) refuse(name, `Cannot use column ${quote(name)}: known are ${columns.join(', ')}`);
    else if (names.indexOf(name) !== index) refuse(name, `Cannot use column '${name}': it stands twice`);
  }
  for (const column of columns) {
    if (!names.includes(column)) refuse(column, `Cannot read the file: column '${column}' is missing`);
  }
  return isUsable;
}
