import { is3cxRow } from './pbx/3cx-csv.ts';
import { parseAccRow } from './proxies/acc-row.ts';
import { isCelObject, readCelHeader } from './asterisk/asterisk-cel.ts';
import { readAsteriskHeader } from './asterisk/asterisk-header.ts';
import { isRow } from './asterisk/asterisk-row.ts';
import { broadWorksFieldsOf, isBroadWorksRow } from './pbx/broadworks-csv.ts';
import { canonicalFieldNames } from './canonical/canonical-fields.ts';
import { isJsonObject, parseJson } from './canonical/canonical-json.ts';
import { splitCsvLine, splitLooseCsvLine } from './reading/csv-line.ts';
import { isCucmHeader } from './pbx/cucm-csv.ts';
import type { FormatId } from './format.ts';
import { freeSwitchFields, isFreeSwitchRow } from './freeswitch/freeswitch-csv.ts';
import { isJambonzObject } from './pbx/jambonz-json.ts';
import { isKazooObject } from './pbx/kazoo-json.ts';
import { isPostedText, unposted } from './freeswitch/posted-document.ts';
import { isRegistrationObject } from './registrations/registrations.ts';
import { isYeastarHeader } from './pbx/yeastar-csv.ts';

/** How many lines of a stream are looked at: the first ones may be broken. */
const LINES = 50;

/**
 * Tells the format of a stream from its first bytes (after BOM and decompression); `null` when it is none of ours.
 * A format that the operator names is never second-guessed: this is for the case where none is named.
 */
export function detectFormat(head: Buffer): FormatId | null {
  const text = head.toString('latin1').trimStart();
  if (isPostedText(text)) return detectPosted(text);
  if (text.startsWith('{') || text.startsWith('[')) return detectJson(text);
  if (/^<(?:\?xml|cdr[ >])/.test(text)) return /<cdr[ >]/.test(text) ? 'freeswitch-xml' : null;
  const lines = text.split(/\r?\n/, LINES).filter((line) => line.trim() !== '');
  return (
    detectHeader(lines[0] ?? '') ??
    detectRows(lines) ??
    detectText(lines) ??
    (lines.some((line) => line.startsWith('{')) ? detectJson(lines.join('\n')) : null)
  );
}

/**
 * The format of a stream of which is said that its lines are JSON: the one that is expected, where a line of the head
 * is of it or the first is no JSON; else the one that is detected. A record of another kind that comes first says
 * nothing of those after it.
 */
export function detectLinesOfJson(head: Buffer, expected: FormatId): FormatId {
  const text = head.toString('latin1').trimStart();
  if (!/^[[{]/.test(text)) return expected;
  for (const line of text.split(/\r?\n/, LINES)) if (detectObject(parseJson(line)) === expected) return expected;
  return detectFormat(head) ?? expected;
}

function detectPosted(text: string): FormatId | null {
  const document = unposted(text.split(/\r?\n/, 1)[0] ?? '').trimStart();
  if (document.startsWith('<')) return 'freeswitch-xml';
  return document.startsWith('{') ? 'freeswitch-json' : null;
}

function detectHeader(line: string): FormatId | null {
  if (isCanonicalHeader(line)) return 'canonical-csv';
  if (readAsteriskHeader(line) !== null) return 'asterisk-csv';
  if (readCelHeader(line) !== null) return 'asterisk-cel';
  if (isCucmHeader(line)) return 'cucm-csv';
  return isYeastarHeader(line) ? 'yeastar-csv' : null;
}

function detectRows(lines: readonly string[]): FormatId | null {
  for (const line of lines) {
    // The template `asterisk` of FreeSWITCH has Asterisk's columns: only what stands in them tells.
    if (isFreeSwitchRow(freeSwitchFields(line) ?? [])) return 'freeswitch-csv';
    const fields = splitCsvLine(line) ?? splitLooseCsvLine(line) ?? [];
    if (isBroadWorksRow(broadWorksFieldsOf(line) ?? [])) return 'broadworks-csv';
    if (is3cxRow(fields)) return '3cx-csv';
    if (isRow(fields)) return 'asterisk-csv';
    if (parseAccRow(line) !== null) return 'kamailio-acc';
  }
  return null;
}

/** Events as text: FreeSWITCH's headers, or their envelope on the event socket; OpenSIPS' names and pairs. */
function detectText(lines: readonly string[]): FormatId | null {
  if (lines.some((line) => /^(?:Event-Name|Core-UUID): |^Content-Type: text\/event-/i.test(line)))
    return 'freeswitch-text';
  return /^E_[A-Z_]+$/.test((lines[0] ?? '').trim()) && /^\w+::/.test(lines[1] ?? '') ? 'opensips-event' : null;
}

function detectJson(text: string): FormatId | null {
  for (const line of text.split(/\r?\n/, LINES)) {
    const value = parseJson(line);
    const format = detectObject(Array.isArray(value) ? value[0] : value);
    if (format !== null) return format;
  }
  // A document over several lines: the first one, or what of it is in the head.
  const format = detectObject(firstObject(text));
  return format ?? detectKeys(text);
}

function detectObject(value: unknown): FormatId | null {
  if (!isJsonObject(value)) return null;
  const has = (name: string): boolean => Object.hasOwn(value, name);
  if (isRegistrationObject(value)) return 'registrations';
  if (has('switch') || (has('v') && has('call'))) return 'canonical-ndjson';
  if (isCelObject(value)) return 'asterisk-cel';
  if (has('variables') || has('core-uuid')) return 'freeswitch-json';
  if (isKazooObject(value)) return 'kazoo-json';
  if (has('Event-Name')) return 'freeswitch-event';
  if (has('dstchannel') || has('DestinationChannel')) return 'asterisk-json';
  if (isJambonzObject(value)) return 'jambonz-json';
  if (isOpenSipsObject(value)) return 'opensips-json';
  const isKamailio = has('callid') && (has('from_tag') || has('to_tag') || has('event'));
  return isKamailio ? 'kamailio-json' : null;
}

function isOpenSipsObject(value: Readonly<Record<string, unknown>>): boolean {
  const { method, event } = value;
  if (Object.hasOwn(value, 'jsonrpc') && typeof method === 'string') return method.startsWith('E_');
  if (typeof event === 'string' && event.startsWith('E_')) return true;
  return Object.hasOwn(value, 'setuptime') && Object.hasOwn(value, 'callid');
}

/** The first object of a text, where it is whole within the head: JSON over many lines, or in an array. */
function firstObject(text: string): unknown {
  const start = text.indexOf('{');
  if (start < 0) return undefined;
  // The lines on which the document may end: a few are tried, the whole text last.
  const ends = [...text.slice(start).matchAll(/\n\s{0,4}\}/g)]
    .slice(0, LINES)
    .map((match) => start + match.index + match[0].length);
  for (const end of [...ends, text.length]) {
    const value = parseJson(text.slice(start, end));
    if (value !== undefined) return value;
  }
  return undefined;
}

/** By the keys that can be seen, of a document that is longer than the head or broken. */
function detectKeys(text: string): FormatId | null {
  const hasKey = (names: string): boolean => new RegExp(`"(?:${names})"\\s*:`).test(text);
  if (hasKey('core-uuid|variables|callflow|channel_data')) return 'freeswitch-json';
  if (hasKey('Event-Category') && hasKey('App-Name|Call-ID')) return 'kazoo-json';
  if (hasKey('Event-Name')) return 'freeswitch-event';
  if (hasKey('dstchannel|DestinationChannel')) return 'asterisk-json';
  return hasKey('switch') && hasKey('call') ? 'canonical-ndjson' : null;
}

/** Fewest columns of a header that are ours, however they are written: what is wrong with it is said of the others. */
const FEWEST_CANONICAL = 5;

function isCanonicalHeader(line: string): boolean {
  const columns = (splitCsvLine(line.trim()) ?? []).map((column) => column.trim().toLowerCase());
  const ours = canonicalFieldNames.filter((name) => columns.includes(name.toLowerCase()));
  return ['switch', 'call', 'durationms'].every((name) => columns.includes(name)) || ours.length >= FEWEST_CANONICAL;
}
