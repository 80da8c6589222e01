import { readFileSync } from 'node:fs';
import type { FormatSettings } from '../../formats/settings/format-settings.ts';
import { readFormatSettings } from '../../formats/settings/format-settings.ts';
import type { Decoded, LineRegistration } from '../../formats/format.ts';
import { openRecords, recordsOf } from '../../ingest/files/record-reader.ts';

export const FIXTURES = `${import.meta.dirname}/fixtures`;

export function fixture(name: string): Buffer {
  return readFileSync(`${FIXTURES}/${name}`);
}

/** The fixtures, each read as its own format whatever is done to it. */
export const READ_AS: readonly (readonly [file: string, settings: FormatSettings])[] = [
  ['freeswitch.xml', { format: 'freeswitch-xml' }],
  ['freeswitch-templates.csv', { format: 'freeswitch-csv', switch: 'sw', zone: 'Europe/Paris' }],
  ['freeswitch-events.txt', { format: 'freeswitch-text' }],
  ['kamailio.ndjson', { format: 'kamailio-json', switch: 'sw', durationFrom: 'answer' }],
  ['kamailio-acc.psv', { format: 'kamailio-acc', switch: 'sw', extraColumn: ['src_user', 'dst_user'] }],
  ['opensips-events.txt', { format: 'opensips-event', switch: 'sw' }],
  ['opensips.ndjson', { format: 'opensips-json', switch: 'sw', zone: 'Europe/Paris' }],
  ['cucm.csv', { format: 'cucm-csv', trunk: ['SIP-*'] }],
  ['broadworks.csv', { format: 'broadworks-csv' }],
  ['3cx.csv', { format: '3cx-csv' }],
  ['yeastar.csv', { format: 'yeastar-csv', switch: 'sw', zone: 'Europe/Paris' }],
  ['kazoo.ndjson', { format: 'kazoo-json' }],
  ['jambonz.ndjson', { format: 'jambonz-json' }],
  ['registrations.ndjson', { format: 'registrations' }],
  ['other.csv', { switch: 'sw', mapping: `${FIXTURES}/other-mapping.json` }],
];

export interface Read {
  readonly format: string;
  readonly decoded: readonly Decoded[];
  /** The bytes of each record. */
  readonly records: readonly Buffer[];
}

/** Reads bytes as a file is read: framed in chunks, and decoded. */
export async function readBytes(bytes: Buffer, settings: FormatSettings = {}, chunk = 65_536): Promise<Read> {
  const read = readFormatSettings(settings, (name) => `--${name}`);
  if (read.kind === 'faults') throw new Error(read.faults.join('\n'));
  const opened = await openRecords({ stream: chunksOf(bytes, chunk), name: 'fixture' }, read.options);
  if (opened.kind === 'unusable') throw new Error(opened.problem);
  const decoded: Decoded[] = [];
  const records: Buffer[] = [];
  for await (const batch of opened.batches) {
    for (const record of recordsOf(opened.format, batch)) {
      decoded.push(record.decoded);
      records.push(record.buffer.subarray(record.start, record.end));
    }
  }
  return { format: opened.format.id, decoded, records };
}

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Promise.resolve(bytes.subarray(at, at + size));
}

/** `registration of L1 at 10:15:00.000 for 3600 s; contact sip:…; with Yealink from 192.0.2.44`. */
function toldRegistration({ line, at, expiry, contact, userAgent, address }: LineRegistration): string {
  const time = at === null ? 'its arrival' : new Date(at).toISOString().slice(0, 23);
  const until =
    expiry === 'ended'
      ? 'ends'
      : 'seconds' in expiry
        ? `for ${expiry.seconds} s`
        : `until ${new Date(expiry.at).toISOString().slice(0, 23)}`;
  const extras = [
    contact === '' ? '' : `contact ${contact}`,
    userAgent === '' ? '' : `with ${userAgent}`,
    address === '' ? '' : `from ${address}`,
  ].filter((extra) => extra !== '');
  return [`registration of ${line} at ${time} ${until}`, ...extras].join('; ');
}

/** What became of a record, in a line: `L1 to 0612345678 at 10:15:04.250 for 61.25 s, diverted by 300`. */
export function told(decoded: Decoded): string {
  if (decoded.kind === 'not-a-call' && decoded.registration !== undefined)
    return toldRegistration(decoded.registration);
  if (decoded.kind !== 'call') return decoded.kind === 'bad' ? `bad: ${decoded.reason}` : decoded.reason;
  const { line, dialled, startedAt, durationMs, diversions, transferredBy, userAgent, sourceIp } = decoded.cdr;
  const extras = [
    diversions.length > 0 ? `diverted by ${diversions.join(', ')}` : '',
    transferredBy === null ? '' : `transferred by ${transferredBy}`,
    userAgent === null ? '' : `with ${userAgent}`,
    sourceIp === null ? '' : `from ${sourceIp}`,
    decoded.notes.join(', '),
  ].filter((extra) => extra !== '');
  const at = new Date(startedAt).toISOString().slice(0, 23);
  return [`${line} to ${dialled} at ${at} for ${durationMs} ms`, ...extras].join('; ');
}
