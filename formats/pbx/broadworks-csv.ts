import { quote } from '../canonical/canonical-fields.ts';
import { splitCsvLine } from '../reading/csv-line.ts';
import { bad, notACall, type Decoded, type DecodedBad, type Format } from '../format.ts';
import { lineText } from '../reading/headed-row.ts';
import { parseLocalStamp } from '../reading/local-clock.ts';
import { callTold, type SwitchSettings } from '../call/told-call.ts';

export interface BroadWorksOptions extends SwitchSettings {
  /** Name of this application server; `broadworks` when not given. */
  readonly switchId?: string;
  /** Positions or names that tell the line, in this order; `userNumber`, else the user id, when not given. */
  readonly lineFrom?: readonly string[];
}

/** Positions of BroadWorks' accounting CSV, from 1: those that all releases have in common. */
const FIELDS = {
  recordId: 1,
  serviceProvider: 2,
  type: 3,
  userNumber: 4,
  groupNumber: 5,
  direction: 6,
  callingNumber: 7,
  calledNumber: 9,
  startTime: 10,
  answerIndicator: 12,
  answerTime: 13,
  releaseTime: 14,
  dialedDigits: 18,
  callCategory: 19,
  networkCallType: 20,
  networkTranslatedNumber: 21,
  route: 24,
  networkCallId: 25,
  accessDeviceAddress: 27,
  originalCalledNumber: 36,
  redirectingNumber: 39,
} as const;
export type BroadWorksField = keyof typeof FIELDS;

export const broadWorksFields = Object.keys(FIELDS);

/** sequence, host, `YYYYMMDDhhmmss.mmm`, whether summer time is in force, offset. */
const RECORD_ID = /^[0-9a-z]{4,40}\d{14}\.\d{1,3}[01][+-]\d{6}$/i;

/** Whether fields can be such a row: what its record id looks like, and where it stands. */
export function isBroadWorksRow(fields: readonly string[]): boolean {
  return fields.length >= 3 && RECORD_ID.test(fields[0] ?? '');
}

/**
 * BroadWorks' accounting CSV: a row a leg, more than 100 columns by position, times UTC with milliseconds. The
 * originating leg is the call: a call within the platform has a terminating one besides.
 */
export function createBroadWorksCsv(options: BroadWorksOptions = {}): Format {
  return {
    id: 'broadworks-csv',
    framing: 'lines',
    decode: (buffer, start, end) => {
      const line = lineText(buffer, start, end);
      if (typeof line !== 'string') return line;
      const fields = broadWorksFieldsOf(line);
      if (fields === null) return bad('broken-quoting', `Cannot read the row: a quote stands amiss in ${quote(line)}`);
      if (!isBroadWorksRow(fields)) {
        return bad('column-count', `Cannot read the row: ${quote(fields[0] ?? '')} is no record id of BroadWorks`);
      }
      return decodeRow((name) => (fields[FIELDS[name] - 1] ?? '').trim(), fields, options);
    },
  };
}

/** The fields of a row: BroadWorks puts a backslash before a comma within one. Exports that quote are put up with. */
export function broadWorksFieldsOf(line: string): string[] | null {
  if (!line.includes('\\')) return splitCsvLine(line);
  const fields: string[] = [];
  let field = '';
  for (let at = 0; at < line.length; at++) {
    const sign = line[at] ?? '';
    if (sign === '\\' && at + 1 < line.length) field += line[++at] ?? '';
    else if (sign === ',') {
      fields.push(field);
      field = '';
    } else field += sign;
  }
  return [...fields, field];
}

type FieldAt = (name: BroadWorksField) => string;

/** Types of rows that report no leg at its end: the marks of a file, and long calls that are still up. */
const OTHER_TYPES: Readonly<Record<string, 'other-event' | 'interim'>> = {
  start: 'other-event',
  end: 'other-event',
  failover: 'other-event',
  interim: 'interim',
  duration: 'interim',
  'long duration': 'interim',
  'long-duration': 'interim',
};

function decodeRow(at: FieldAt, fields: readonly string[], options: BroadWorksOptions): Decoded {
  const type = at('type');
  const other = Object.hasOwn(OTHER_TYPES, type.toLowerCase()) ? OTHER_TYPES[type.toLowerCase()] : undefined;
  if (other !== undefined) return notACall(other);
  if (type !== 'Normal')
    return bad('invalid-field', `Cannot read type: ${quote(type)} is none of BroadWorks' that is known`);
  const direction = at('direction');
  if (direction === 'Terminating') return notACall('inbound');
  if (direction !== 'Originating') {
    return bad('invalid-field', `Cannot read direction: ${quote(direction)} is neither Originating nor Terminating`);
  }
  const answered = at('answerIndicator');
  if (answered === 'No') {
    if (at('answerTime') === '') return notACall('unanswered');
    return bad(
      'duration-mismatch',
      `Cannot tell whether it was answered: answerIndicator is No, answerTime ${quote(at('answerTime'))}`,
    );
  }
  if (answered !== 'Yes' && answered !== 'Yes-PostRedirection') {
    return bad(
      'invalid-field',
      `Cannot read answerIndicator: ${quote(answered)} is none of Yes, No, Yes-PostRedirection`,
    );
  }
  if (isWithinEnterprise(at)) return notACall('internal');
  const answerTime = timeOf(at, 'answerTime');
  if (typeof answerTime !== 'number') return answerTime;
  const releaseTime = timeOf(at, 'releaseTime');
  if (typeof releaseTime !== 'number') return releaseTime;
  const diverters = [at('originalCalledNumber'), at('redirectingNumber')].filter((party) => party !== '');
  return callTold(
    {
      switchId: options.switchId ?? 'broadworks',
      callId: at('networkCallId') || at('recordId'),
      legId: at('recordId'),
      line: lineOf(at, fields, options),
      dialled: at('networkTranslatedNumber') || at('calledNumber') || at('dialedDigits'),
      trunk: at('route'),
      calling: at('callingNumber'),
      answeredAt: answerTime,
      durationMs: releaseTime - answerTime,
      sourceIp: at('accessDeviceAddress'),
      diversions: diverters.filter((party, index) => party !== diverters[index - 1]),
    },
    options,
  );
}

/** Whether it went to another user of the group or enterprise: its category says so, or that its route is none out. */
function isWithinEnterprise(at: FieldAt): boolean {
  return at('callCategory').toLowerCase() === 'private' || /^(?:group|enterprise)$/i.test(at('route'));
}

function lineOf(at: FieldAt, fields: readonly string[], { lineFrom }: BroadWorksOptions): string {
  if (lineFrom === undefined) return at('userNumber') || at('groupNumber');
  for (const name of lineFrom) {
    const known = broadWorksFields.find((field): field is BroadWorksField => field === name);
    const value = known === undefined ? (fields[Number(name) - 1] ?? '').trim() : at(known);
    if (value !== '') return value;
  }
  return '';
}

/** `20071008204910.746`, UTC. */
function timeOf(at: FieldAt, name: BroadWorksField): number | DecodedBad {
  const text = at(name);
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.(\d{1,3}))?$/.exec(text);
  const [, year, month, day, hour, minute, second, fraction = ''] = match ?? [];
  const ms = match === null ? null : parseLocalStamp(`${year}-${month}-${day} ${hour}:${minute}:${second}`);
  if (ms !== null) return ms + Number(fraction.padEnd(3, '0'));
  return bad('invalid-field', `Cannot read ${name}: ${quote(text)} is no time such as '20261103101500.250'`);
}
