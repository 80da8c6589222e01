import { isUtf8 } from 'node:buffer';
import { type CelSaid, phoneDialled } from './asterisk-cel-said.ts';
import { NOTHING_SAID, evidenceOf } from './asterisk-said.ts';
import { isJsonObject, parseJson } from '../canonical/canonical-json.ts';
import { MAX_TEXT_LENGTH, quote } from '../canonical/canonical-fields.ts';
import { bad, MAX_RECORD_BYTES, notACall, tooLong, type Decoded, type Format } from '../format.ts';
import { splitCsvLine, splitRow } from '../reading/csv-line.ts';

/** Where the fields of an event are, by the names that are read: of a table's columns, or of an event as JSON. */
type CelFields = (name: string) => string;

/** Names that tables and the manager interface have for one field. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  event: ['eventtype', 'eventname'],
  time: ['eventtime'],
  channel: ['channame', 'channel'],
  account: ['accountcode'],
  appdata: ['appdata', 'applicationdata'],
  uniqueid: ['uniqueid'],
  linkedid: ['linkedid'],
  extra: ['extra'],
};

const NEEDED = ['event', 'channel', 'uniqueid', 'linkedid', 'extra'];

interface CelHeader {
  readonly separator: string;
  readonly columns: readonly string[];
}

/** Reads a line of column names, as a table of CEL is exported with; `null` where it is none. */
export function readCelHeader(line: string): CelHeader | null {
  if (!/linkedid/i.test(line)) return null;
  for (const separator of [',', ';', '\t', '|']) {
    const names = (splitCsvLine(line.trim(), separator) ?? []).map((name) => name.trim().toLowerCase());
    const columns = names.at(-1) === '' ? names.slice(0, -1) : names;
    if (NEEDED.every((name) => NAMES[name]!.some((known) => columns.includes(known)))) return { separator, columns };
  }
  return null;
}

/** Whether an object is an event of CEL. */
export function isCelObject(value: Readonly<Record<string, unknown>>): boolean {
  if (value['Event'] === 'CEL') return true;
  const names = new Set(Object.keys(value).map((name) => name.toLowerCase()));
  return NEEDED.every((name) => NAMES[name]!.some((known) => names.has(known)));
}

export interface CelOptions {
  /** Name of this Asterisk, as for its calls. */
  readonly switchId: string;
}

/**
 * Asterisk's channel events (CEL): a table exported with its header, or a JSON object a line, as the manager interface
 * has them. None is a call: those that tell who forwarded and who transferred are evidence for the rows of the same
 * `linkedid`; all are counted as `other-event`.
 *
 * @param headerLine the line of column names that the stream begins with; without one each line is JSON
 */
export function createAsteriskCel(options: CelOptions, headerLine: string | null = null): Format {
  const header = headerLine === null ? null : readCelHeader(headerLine);
  return {
    id: 'asterisk-cel',
    hasLegs: true,
    framing: 'lines',
    decode: (buffer, start, end) => decodeLine(options, header, buffer, start, end),
  };
}

function decodeLine(
  { switchId }: CelOptions,
  header: CelHeader | null,
  buffer: Buffer,
  start: number,
  end: number,
): Decoded {
  if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
  const bytes = buffer.subarray(start, end);
  // Empty columns at the end of a row are tabs.
  const line = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1').replace(/\r$/, '');
  if (line.trimStart().startsWith('{')) {
    const value = parseJson(line);
    if (!isJsonObject(value)) return bad('not-json', `Cannot read the event as JSON: ${quote(line)}`);
    if (!isCelObject(value)) return bad('missing-field', `Cannot read the event: it is none of CEL: ${quote(line)}`);
    const byName = new Map(Object.entries(value).map(([name, field]) => [name.toLowerCase(), textOf(field)]));
    const extra = Object.entries(value).find(([name]) => name.toLowerCase() === 'extra')?.[1];
    return decodeEvent((name) => firstOf(name, (known) => byName.get(known)), switchId, extra);
  }
  const own = readCelHeader(line);
  if (own !== null) return notACall('header');
  if (header === null) return bad('bad-header', `Cannot read the row: no header says its columns: ${quote(line)}`);
  const fields = splitRow(line, header.separator, header.columns.length);
  if (fields === 'broken-quoting') {
    return bad(fields, `Cannot read the row: a quote stands amiss in ${quote(line)}`);
  }
  if (fields === 'column-count') {
    return bad(fields, `Cannot read the row as the ${header.columns.length} of its header: ${quote(line)}`);
  }
  return decodeEvent((name) => firstOf(name, (known) => fields[header.columns.indexOf(known)]), switchId);
}

function firstOf(name: string, at: (known: string) => string | undefined): string {
  const found = NAMES[name]!.map(at).find((value) => value !== undefined && value !== '') ?? '';
  return found === 'NULL' || found === '\\N' ? '' : found;
}

function textOf(field: unknown): string {
  if (typeof field === 'string') return field;
  return typeof field === 'number' ? String(field) : '';
}

/** @param given what the event says besides, where it is no text */
function decodeEvent(at: CelFields, switchId: string, given?: unknown): Decoded {
  const event = TELLING.find((one) => one === at('event').toUpperCase());
  const groupId = at('linkedid');
  if (event === undefined || groupId === '') return notACall('other-event');
  const parsed = isJsonObject(given) ? given : parseJson(at('extra'));
  const extra = isJsonObject(parsed) ? parsed : {};
  const cel: CelSaid = {
    event,
    channel: at('channel'),
    account: at('account'),
    to: event === 'FORWARD' ? textOf(extra['forward']) : '',
    forwarder: event === 'FORWARD' ? phoneDialled(at('appdata')) : '',
    transferee: event === 'FORWARD' ? '' : textOf(extra['transferee_channel_name']),
  };
  const legId = `${event} ${at('uniqueid')} ${cel.to}${cel.transferee}`;
  const texts = [switchId, groupId, legId, ...Object.values(cel)];
  if (texts.join(' ').length > MAX_TEXT_LENGTH || texts.some((text) => text.includes('\0') || !text.isWellFormed())) {
    return bad('invalid-field', `Cannot read the event: ${quote(legId)} is too long or no text`);
  }
  const evidence = evidenceOf({ ...NOTHING_SAID, channel: cel.channel, cel });
  return { kind: 'not-a-call', reason: 'other-event', leg: { family: 'asterisk', switchId, groupId, legId, evidence } };
}

const TELLING = ['FORWARD', 'BLINDTRANSFER', 'ATTENDEDTRANSFER'] as const;
