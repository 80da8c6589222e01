import { isJsonObject } from '../canonical/canonical-json.ts';
import { headerAt, textAt } from '../reading/parse-document.ts';
import { type HeaderNames, headersOfLeg } from '../reading/header-names.ts';
import { percentDecoded } from '../reading/sip-address.ts';

/** What a decoder asks of a mod_json_cdr document; every text is decoded, `''` where it is absent. */
export interface FreeSwitchDocument {
  readonly switchName: string;
  variable(name: string): string;
  /** The variables that a header stands in. */
  headers(names: HeaderNames): readonly string[];
  /** Value in the caller profile of the newest callflow entry. */
  profile(name: string): string;
  /** Value in the profile of the channel that this leg was made for. */
  originator(name: string): string;
  readonly direction: 'inbound' | 'outbound';
  /** The number in the oldest caller profile: what was dialled before any transfer. */
  readonly firstDestination: string;
  /** The latest time in the document's application log, µs; 0 without one. */
  readonly lastAppMicros: number;
}

/**
 * Reads a parsed document; `null` where it has no `variables`. Values are percent-encoded unless mod_json_cdr is
 * configured otherwise, which `start_stamp` shows (`2025-11-12%2013%3A03%3A58`); only variables are, callflow is not.
 *
 * @param text the JSON that the document was read from, where it was: spares looking through all variables
 */
export function readFreeSwitchDocument(
  document: Readonly<Record<string, unknown>>,
  text: string | null = null,
): FreeSwitchDocument | null {
  const variables = document['variables'];
  if (!isJsonObject(variables)) return null;
  const encodings = encodingsOf(variables);
  const variable = (name: string): string => {
    let value = headerAt(variables, name);
    for (let round = 0; round < encodings; round++) value = percentDecoded(value);
    return value;
  };
  let headers: readonly string[] | null = null;
  const profile = objectAt(firstOf(document['callflow']), 'caller_profile');
  const flows: readonly unknown[] = Array.isArray(document['callflow']) ? document['callflow'] : [];
  const oldest: unknown = flows.at(-1);
  const originator = firstOf(objectAt(profile, 'originator')['originator_caller_profiles']);
  return {
    switchName: textAt(document, 'switchname'),
    variable,
    headers: (names) => names.in((headers ??= headersOfLeg(variables, '', text))),
    profile: (name) => textAt(profile, name),
    originator: (name) => textAt(originator, name),
    direction: directionOf(variable, objectAt(document, 'channel_data'), originator),
    firstDestination: textAt(objectAt(isJsonObject(oldest) ? oldest : empty, 'caller_profile'), 'destination_number'),
    lastAppMicros: lastAppMicros(document['app_log']),
  };
}

/** How often the values are percent-encoded: not at all, once, or once more by a collector, `%252B`. */
function encodingsOf(variables: Readonly<Record<string, unknown>>): number {
  const stamp = textAt(variables, 'start_stamp');
  if (stamp !== '') return stamp.includes('%2520') ? 2 : stamp.includes('%20') ? 1 : 0;
  // Without the stamp, a URI tells: its '@' is encoded or it is not.
  const uris = ['sip_from_uri', 'sip_to_uri', 'sip_req_uri'].map((name) => textAt(variables, name));
  if (uris.some((uri) => /%2540/i.test(uri))) return 2;
  return uris.some((uri) => /%40/i.test(uri)) ? 1 : 0;
}

/** A leg that came into the switch is inbound. Old versions do not say; then a leg made by another one is outbound. */
function directionOf(
  variable: (name: string) => string,
  channel: Readonly<Record<string, unknown>>,
  originator: Readonly<Record<string, unknown>>,
): 'inbound' | 'outbound' {
  const told = variable('direction') || textAt(channel, 'direction');
  if (told === 'inbound' || told === 'outbound') return told;
  const isOutbound = variable('is_outbound') === 'true' || variable('originating_leg_uuid') !== '';
  return isOutbound || Object.keys(originator).length > 0 ? 'outbound' : 'inbound';
}

function lastAppMicros(log: unknown): number {
  const applications = isJsonObject(log) ? log['applications'] : undefined;
  if (!Array.isArray(applications)) return 0;
  const stamps = applications.map((entry: unknown) => (isJsonObject(entry) ? Number(textAt(entry, 'app_stamp')) : 0));
  return Math.max(0, ...stamps.filter(Number.isFinite).slice(-1000));
}

const empty: Readonly<Record<string, unknown>> = {};

function firstOf(list: unknown): Readonly<Record<string, unknown>> {
  const first: unknown = Array.isArray(list) ? list[0] : undefined;
  return isJsonObject(first) ? first : empty;
}

function objectAt(object: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return isJsonObject(value) ? value : empty;
}
