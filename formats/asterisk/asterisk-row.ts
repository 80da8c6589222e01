import { splitCsvLine, splitLooseCsvLine } from '../reading/csv-line.ts';

/** One row of Asterisk's `Master.csv`, by name. What the file does not have is `''`. */
export interface AsteriskRow {
  readonly accountcode: string;
  readonly src: string;
  readonly dst: string;
  readonly channel: string;
  readonly dstchannel: string;
  readonly lastapp: string;
  readonly lastdata: string;
  readonly start: string;
  readonly answer: string;
  readonly end: string;
  readonly duration: string;
  readonly billsec: string;
  readonly disposition: string;
  readonly uniqueid: string;
  readonly userfield: string;
  readonly linkedid: string;
  readonly sequence: string;
}

export type AsteriskColumn = keyof AsteriskRow;

/** What `at` says of each column: of texts, a row. */
export function columnsWith<Value>(at: (column: AsteriskColumn) => Value): Record<AsteriskColumn, Value> {
  return {
    accountcode: at('accountcode'),
    src: at('src'),
    dst: at('dst'),
    channel: at('channel'),
    dstchannel: at('dstchannel'),
    lastapp: at('lastapp'),
    lastdata: at('lastdata'),
    start: at('start'),
    answer: at('answer'),
    end: at('end'),
    duration: at('duration'),
    billsec: at('billsec'),
    disposition: at('disposition'),
    uniqueid: at('uniqueid'),
    userfield: at('userfield'),
    linkedid: at('linkedid'),
    sequence: at('sequence'),
  };
}

const BASE_COLUMNS = 16;
const NEW_COLUMNS = 3;
const MAX_COLUMNS = 21;

/**
 * Reads a line of `Master.csv`: 16 columns, then as cdr.conf has it `uniqueid`, `userfield` and the three of
 * `newcdrcolumns`: 16 to 21. Quotes that the writer failed to double are put up with where the columns then fit.
 */
export function readAsteriskRow(line: string): AsteriskRow | 'broken-quoting' | 'column-count' {
  const strict = splitCsvLine(line);
  if (strict !== null) return isRow(strict) ? rowOf(strict) : 'column-count';
  const loose = splitLooseCsvLine(line);
  return loose !== null && isRow(loose) ? rowOf(loose) : 'broken-quoting';
}

/** Whether fields can be such a row: the count, and times where times belong. */
export function isRow(fields: readonly string[]): boolean {
  const { length } = fields;
  return length >= BASE_COLUMNS && length <= MAX_COLUMNS && isTime(fields[9]) && isTime(fields[11]);
}

function isTime(field: string | undefined): boolean {
  return field === '' || (field !== undefined && /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(field));
}

function rowOf(fields: readonly string[]): AsteriskRow {
  const at = (index: number): string => fields[index] ?? '';
  const hasNew = fields.length >= BASE_COLUMNS + NEW_COLUMNS;
  const own = fields.length - BASE_COLUMNS - (hasNew ? NEW_COLUMNS : 0);
  // Where one of the two optional columns is there, its shape says which.
  const isUniqueid = own === 2 || (own === 1 && uniqueidPattern.test(at(BASE_COLUMNS)));
  return {
    accountcode: at(0),
    src: at(1),
    dst: at(2),
    channel: at(5),
    dstchannel: at(6),
    lastapp: at(7),
    lastdata: at(8),
    start: at(9),
    answer: at(10),
    end: at(11),
    duration: at(12),
    billsec: at(13),
    disposition: at(14),
    uniqueid: isUniqueid ? at(BASE_COLUMNS) : '',
    userfield: own === 2 ? at(BASE_COLUMNS + 1) : own === 1 && !isUniqueid ? at(BASE_COLUMNS) : '',
    linkedid: hasNew ? at(fields.length - 2) : '',
    sequence: hasNew ? at(fields.length - 1) : '',
  };
}

const uniqueidPattern = /^(?:.+-)?(\d{9,10})\.\d+$/;

/** The epoch in a `uniqueid`, ms: when the channel was created; `null` when it has none. */
export function uniqueidEpoch(uniqueid: string): number | null {
  const seconds = uniqueidPattern.exec(uniqueid)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

/**
 * linkedid, uniqueid and sequence name the leg. Without a sequence, the channel and the start tell the legs of one
 * uniqueid apart; without a uniqueid, both channels, whose numbers begin anew when Asterisk restarts, and the start.
 */
export function rowIdentity(row: AsteriskRow): { readonly callId: string; readonly legId: string } | null {
  const { uniqueid, linkedid, sequence } = row;
  if (uniqueid !== '' && sequence !== '') return { callId: linkedid || uniqueid, legId: `${uniqueid}#${sequence}` };
  if (uniqueid !== '') return { callId: linkedid || uniqueid, legId: `${row.dstchannel}@${row.start}` };
  // In the wide layouts an empty uniqueid is a fault of the writer; in the narrow ones it was never asked for.
  if (linkedid !== '' || sequence !== '' || row.channel === '' || row.start === '') return null;
  return { callId: `${row.channel}@${row.start}`, legId: row.dstchannel };
}
