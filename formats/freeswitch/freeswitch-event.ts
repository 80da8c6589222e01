import { quote } from '../canonical/canonical-fields.ts';
import { bad, notACall, type Decoded, type Format } from '../format.ts';
import type { FreeSwitchDocument } from './freeswitch-document.ts';
import {
  decodeFreeSwitchLeg,
  freeSwitchSettings,
  type FreeSwitchOptions,
  type FreeSwitchSettings,
} from './freeswitch-leg.ts';
import { headersOfLeg } from '../reading/header-names.ts';
import { headerAt, parseDocument, readTexts, textAt } from '../reading/parse-document.ts';

/**
 * FreeSWITCH events as JSON, as mod_event_kafka produces them: CHANNEL_HANGUP_COMPLETE has what mod_json_cdr's
 * document of the leg has, and is read the same way; every other event of the switch is no call.
 */
export function createFreeSwitchEvent(options: FreeSwitchOptions = {}): Format {
  const settings = freeSwitchSettings(options);
  return {
    id: 'freeswitch-event',
    hasLegs: settings.billedLeg === 'carrier',
    framing: 'json-documents',
    decode: (buffer, start, end) => readTexts(() => decodeEvent(buffer, start, end, settings)),
    unmatched: settings.unmatched,
  };
}

function decodeEvent(buffer: Buffer, start: number, end: number, settings: FreeSwitchSettings): Decoded {
  const parsed = parseDocument(buffer, start, end);
  if (parsed.kind === 'bad') return parsed;
  return decodeEventFields(parsed.fields, settings, parsed.text);
}

/**
 * Decodes an event by its headers, each decoded.
 *
 * @param text the JSON that they were read from, where they were
 */
export function decodeEventFields(
  fields: Readonly<Record<string, unknown>>,
  settings: FreeSwitchSettings,
  text: string | null = null,
): Decoded {
  const name = textAt(fields, 'Event-Name');
  if (name === '') return bad('missing-field', "Cannot read the event: it has no 'Event-Name'");
  if (isKazoo(fields)) {
    return bad('invalid-field', `Cannot read event ${quote(name)}: it is Kazoo's, not FreeSWITCH's: format kazoo-json`);
  }
  if (name !== 'CHANNEL_HANGUP_COMPLETE') return notACall('other-event');
  return decodeFreeSwitchLeg(readEvent(fields, text), settings);
}

/** Kazoo's events bear names of FreeSWITCH's, and have other fields. */
function isKazoo(fields: Readonly<Record<string, unknown>>): boolean {
  return textAt(fields, 'Event-Category') === 'call_event' || textAt(fields, 'App-Name') === 'ecallmgr';
}

/** Variables are under `variable_…`, never percent-encoded; profiles are headers. Events have no application log. */
function readEvent(fields: Readonly<Record<string, unknown>>, text: string | null): FreeSwitchDocument {
  const variable = (name: string): string => headerAt(fields, `variable_${name}`) || header(fields, '', name);
  let headers: readonly string[] | null = null;
  const isMadeForOther = textAt(fields, 'Other-Type') === 'originator';
  const told = variable('direction');
  const direction = told === 'inbound' || (told === '' && !isMadeForOther) ? 'inbound' : 'outbound';
  return {
    switchName: textAt(fields, 'FreeSWITCH-Switchname'),
    variable,
    headers: (names) => names.in((headers ??= headersOfLeg(fields, 'variable_', text))),
    profile: (name) => header(fields, 'Caller-', name),
    originator: (name) => (isMadeForOther ? header(fields, 'Other-Leg-', name) : ''),
    direction,
    // An event has the newest profile alone; the INVITE's own number stands in its variables.
    firstDestination: variable('sip_req_user') || header(fields, 'Caller-', 'destination_number'),
    lastAppMicros: 0,
  };
}

/** Headers that say the same as a variable or as a value of a caller profile. */
const HEADERS: Readonly<Record<string, string>> = {
  uuid: 'Unique-ID',
  call_uuid: 'Channel-Call-UUID',
  channel_name: 'Channel-Name',
  direction: 'Call-Direction',
  username: 'Username',
  caller_id_number: 'Caller-ID-Number',
  destination_number: 'Destination-Number',
  network_addr: 'Network-Addr',
};

function header(fields: Readonly<Record<string, unknown>>, prefix: string, name: string): string {
  const known = Object.hasOwn(HEADERS, name) ? HEADERS[name] : undefined;
  return known === undefined ? '' : textAt(fields, prefix + known);
}
