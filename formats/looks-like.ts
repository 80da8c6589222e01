import { quote } from './canonical/canonical-fields.ts';
import { isJsonObject, parseJson } from './canonical/canonical-json.ts';
import type { FormatId } from './format.ts';
import { splitLenientLine } from './reading/csv-line.ts';
import { separatorOf } from './reading/headed-row.ts';

/** Names of fields by which people would know a format. */
const MARKS: readonly (readonly [FormatId, readonly string[]])[] = [
  ['canonical-ndjson', ['v', 'switch', 'call', 'line', 'to', 'answered', 'durationMs', 'diversions']],
  [
    'asterisk-json',
    [
      'calldate',
      'clid',
      'src',
      'dst',
      'dcontext',
      'channel',
      'dstchannel',
      'lastapp',
      'disposition',
      'uniqueid',
      'DestinationChannel',
      'BillableSeconds',
      'LastApplication',
    ],
  ],
  ['freeswitch-json', ['core-uuid', 'switchname', 'channel_data', 'variables', 'callflow', 'hangup_cause']],
  ['freeswitch-event', ['Event-Name', 'Core-UUID', 'Unique-ID', 'Caller-Destination-Number']],
  ['kamailio-json', ['callid', 'from_tag', 'to_tag', 'sip_code', 'sip_reason', 'src_user', 'dst_user', 'method']],
  ['opensips-json', ['jsonrpc', 'params', 'setuptime', 'ms_duration', 'created']],
  ['cucm-csv', ['cdrRecordType', 'globalCallID_callId', 'callingPartyNumber', 'dateTimeConnect', 'destDeviceName']],
  ['3cx-csv', ['historyid', 'time-start', 'time-answered', 'from-no', 'to-no', 'dial-no', 'final-number', 'chain']],
  ['yeastar-csv', ['datetime', 'srctrunk', 'dstrunk', 'billable', 'calltype', 'timestart', 'callfrom', 'callto']],
  ['kazoo-json', ['Call-ID', 'call_id', 'Call-Direction', 'custom_channel_vars', 'billing_seconds', 'interaction_id']],
  ['jambonz-json', ['call_sid', 'account_sid', 'attempted_at', 'answered_at', 'terminated_at', 'sip_callid']],
];

const MOST_SHOWN = 8;
/** Lines that are looked at, of text that is no table. */
const MOST_LINES = 64;

/**
 * What a stream looks like that is of no known format, in words that go on a sentence: its columns or keys, and the
 * format whose fields they are nearest to.
 */
export function looksLike(head: Buffer): string {
  const text = head.toString('utf8').trimStart();
  if (text === '') return 'it has nothing but blanks';
  if (isUtf16(head)) return 'it looks like text in UTF-16: have it written as UTF-8';
  if (head.subarray(0, 4_096).some(isNoText)) return 'it holds bytes that are no text';
  if (text.startsWith('{') || text.startsWith('[')) return jsonWords(text);
  if (text.startsWith('<')) {
    const root = /^(?:<\?[^>]*\?>\s*|<!--.*?-->\s*)*<([\w.:-]+)/.exec(text)?.[1];
    return root === undefined
      ? 'it looks like XML'
      : `it looks like XML whose root is ${quote(root)}, where FreeSWITCH writes 'cdr'`;
  }
  const [line = '', ...others] = text.split(/\r?\n/, MOST_LINES);
  const pairs = [line, ...others].map((one) => /^([A-Za-z][\w-]{0,63}):(?: |$)/.exec(one)?.[1]);
  if (pairs.length >= 3 && pairs.slice(0, 3).every((name) => name !== undefined)) {
    const keys = pairs.filter((name) => name !== undefined);
    return `it looks like text of names and values: ${listed(keys)}${nearestWords(keys)}`;
  }
  const separator = separatorOf(line);
  const fields = splitLenientLine(line, separator);
  if (fields.length < 3)
    return `it looks like plain text, ${quote(line)}, where records belong, such as canonical-ndjson`;
  const names = fields.map((field) => field.trim());
  const isHeader = names.every((name) => /^[A-Za-z][\w .()/-]*$/.test(name));
  const shown = `${fields.length} columns parted by ${SEPARATOR_WORDS[separator]}`;
  if (!isHeader)
    return `it looks like a table without a header, of ${shown}, that begins ${quote(line)}: a mapping can say what they are`;
  const nearest = nearestWords(names).replace('canonical-ndjson', 'canonical-csv');
  return `it looks like a table of ${shown}: ${listed(names)}${nearest}`;
}

const SEPARATOR_WORDS = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' } as const;

/** A byte order mark of it, or every other byte of ASCII text. */
function isUtf16(head: Buffer): boolean {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  const some = head.subarray(0, 256);
  const zeros = some.filter((byte) => byte === 0).length;
  return some.length >= 8 && zeros * 2 >= some.length - 8 && some.subarray(0, 2).includes(0) && zeros < some.length;
}

/** Control characters but tab, line ends, form feed and escape. */
function isNoText(byte: number): boolean {
  return byte < 9 || (byte > 13 && byte < 27);
}

function jsonWords(text: string): string {
  const value = parseJson(text.split(/\r?\n/, 1)[0] ?? '') ?? parseJson(text);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  const keys = isJsonObject(first)
    ? Object.keys(first)
    : [...text.slice(0, 8_192).matchAll(/(?:"([\w.:-]{1,64})"|\b([A-Za-z_]\w{0,63}))\s*:/g)].map(
        (match) => match[1] ?? match[2] ?? '',
      );
  const what = isJsonObject(first) ? 'it looks like JSON' : 'it looks like JSON, but is none';
  return keys.length === 0 ? what : `${what} with the keys ${listed([...new Set(keys)])}${nearestWords(keys)}`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_SHOWN).map(quote).join(', ');
  return names.length > MOST_SHOWN ? `${shown} and ${names.length - MOST_SHOWN} more` : shown;
}

function nearestWords(names: readonly string[]): string {
  const lower = new Set(names.map((name) => name.toLowerCase()));
  const scored = MARKS.map(([format, marks]) => ({
    format,
    count: marks.filter((mark) => lower.has(mark.toLowerCase())).length,
  }));
  const nearest = scored.reduce((best, one) => (one.count > best.count ? one : best));
  if (nearest.count < 2) return '; a mapping can say what they are';
  return `; nearest to ${nearest.format}, by ${nearest.count} of its fields`;
}
