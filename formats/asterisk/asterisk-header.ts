import { type AsteriskColumn, type AsteriskRow, columnsWith } from './asterisk-row.ts';
import { splitCsvLine, splitRow } from '../reading/csv-line.ts';

/** What the first line of a table says of the lines after it. */
export interface AsteriskHeader {
  readonly separator: string;
  readonly columnCount: number;
  /** Where each column stands that is read, -1 for one that is not there. */
  readonly places: Readonly<Record<AsteriskColumn, number>>;
}

/** Names under which tables have the columns of Master.csv. */
const OTHER_NAMES: Readonly<Record<string, AsteriskColumn>> = {
  calldate: 'start',
  durationsec: 'duration',
  account: 'accountcode',
};

/** Without these nothing can be told: a table with all of them is one of Asterisk's calls. */
const TELLING: readonly AsteriskColumn[] = ['channel', 'dstchannel', 'start', 'billsec', 'disposition'];

/**
 * Reads a line of column names, as a table of Asterisk's calls is exported with (FreePBX, Issabel, Elastix, a
 * Master.csv that was given one): separated by commas, semicolons or tabs, in any order and letter case. `null` where
 * it is none.
 */
export function readAsteriskHeader(line: string): AsteriskHeader | null {
  if (!/dstchannel/i.test(line)) return null;
  for (const separator of [',', ';', '\t', '|']) {
    const names = (splitCsvLine(line.trim(), separator) ?? []).map((name) => name.trim().toLowerCase());
    const places = placesOf(names);
    const columnCount = names.at(-1) === '' ? names.length - 1 : names.length;
    if (TELLING.every((column) => places[column] >= 0)) return { separator, columnCount, places };
  }
  return null;
}

function placesOf(names: readonly string[]): Record<AsteriskColumn, number> {
  return columnsWith((column) => names.findIndex((name) => (OTHER_NAMES[name] ?? name) === column));
}

/** Reads a line after such a header; what the table does not have, or has as `NULL`, is `''`. */
export function readTableRow(line: string, header: AsteriskHeader): AsteriskRow | 'broken-quoting' | 'column-count' {
  const { separator, columnCount, places } = header;
  const fields = splitRow(line, separator, columnCount);
  if (typeof fields === 'string') return fields;
  // Column by column: by way of a function of the name, it took four times as long.
  return {
    accountcode: valueOf(fields, places.accountcode),
    src: valueOf(fields, places.src),
    dst: valueOf(fields, places.dst),
    channel: valueOf(fields, places.channel),
    dstchannel: valueOf(fields, places.dstchannel),
    lastapp: valueOf(fields, places.lastapp),
    lastdata: valueOf(fields, places.lastdata),
    start: valueOf(fields, places.start),
    answer: valueOf(fields, places.answer),
    end: valueOf(fields, places.end),
    duration: valueOf(fields, places.duration),
    billsec: valueOf(fields, places.billsec),
    disposition: valueOf(fields, places.disposition),
    uniqueid: valueOf(fields, places.uniqueid),
    userfield: valueOf(fields, places.userfield),
    linkedid: valueOf(fields, places.linkedid),
    sequence: valueOf(fields, places.sequence),
  };
}

function valueOf(fields: readonly string[], place: number): string {
  if (place < 0) return '';
  const field = fields[place]!;
  return field === 'NULL' || field === NULL_OF_DUMPS ? '' : field;
}

const NULL_OF_DUMPS = '\\N';
