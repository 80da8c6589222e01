import { agrees } from '../asterisk/asterisk-channel.ts';
import { noTexts, quote } from '../canonical/canonical-fields.ts';
import { type AccRow, accRow } from './acc-row.ts';
import { bad, notACall, type Decoded, type DecodedBad } from '../format.ts';
import { withoutDialPrefix } from '../call/dialled-prefix.ts';
import type { LocalClock, PlacedTime } from '../reading/local-clock.ts';
import { headerAt, textAt } from '../reading/parse-document.ts';
import { HeaderNames, headerNames } from '../reading/header-names.ts';
import { dialledUser, divertersOf, headerValues, userOf } from '../reading/sip-address.ts';
import { readSwitchTime, secondsToMs } from '../reading/switch-time.ts';
import type { SwitchSettings } from '../call/told-call.ts';
import { decodeProxyLeg } from './proxy-leg.ts';
import { NOBODY, type ProxyParties } from './proxy-said.ts';

/** What the operator says of a SIP proxy's records: they hold what its script adds, under names of its own. */
export interface ProxyOptions extends SwitchSettings {
  /** Name of the proxy: its records do not say it. */
  readonly switchId: string;
  /** The zone of times without an offset; none needed for seconds since the epoch. */
  readonly clock?: LocalClock;
  /** Fields that name the line, and the number, in this order; usual names by default. */
  readonly lineFrom?: readonly string[];
  readonly numberFrom?: readonly string[];
  readonly userAgentFrom?: readonly string[];
  readonly sourceIpFrom?: readonly string[];
  /** Of rows in a flat file: names of the columns after the fixed seven, in their order. */
  readonly extraColumns?: readonly string[];
  /** Where Kamailio's dialog CDRs begin: at the INVITE unless `cdr_start_on_confirmed=1`. */
  readonly durationFrom?: 'answer' | 'invite';
}

type Fields = Readonly<Record<string, unknown>>;

export const LINE_FIELDS = [
  'auth_user',
  'au',
  'cgr_account',
  'account',
  'src_user',
  'from_user',
  'fU',
  'caller',
  'from_uri',
];
export const NUMBER_FIELDS = [
  'dst_user',
  'ruri_user',
  'rU',
  'cgr_destination',
  'callee',
  'dst_uri',
  'ruri',
  'ru',
  'dst_ouser',
  'to_user',
  'to_uri',
];
const TRUNK_FIELDS = ['trunk', 'gateway', 'cgr_route', 'cgr_supplier', 'dst_gw'];

/** The first of some fields that says something; `''` where none does. */
export function firstField(fields: Fields, names: readonly string[] | HeaderNames): string {
  for (const name of 'in' in names ? names.in(Object.keys(fields)) : names) {
    const value = headerAt(fields, name);
    if (value !== '' && value !== '<null>' && value !== 'NULL') return value;
  }
  return '';
}

/** A call that a proxy reports whole, by the names of its fields. */
export interface ProxyTimes {
  readonly begun: readonly [name: string, text: string];
  readonly durationMs: number;
  /** It begins at the INVITE. */
  readonly hasRinging?: boolean;
}

/** The call of one dialog, as a proxy's CDR tells it. */
export function decodeCdr(
  fields: Fields,
  { begun, durationMs, hasRinging = false }: ProxyTimes,
  options: ProxyOptions,
): Decoded {
  const placed = placedAt(...begun, options);
  if ('kind' in placed) return placed;
  return decodeProxyLeg(options.switchId, firstField(fields, CALL_IDS), {
    ...partiesIn(fields, options),
    kind: 'cdr',
    method: '',
    code: '',
    fromTag: textAt(fields, 'from_tag'),
    toTag: textAt(fields, 'to_tag'),
    at: placed.instants,
    fault: '',
    durationMs,
    hasRinging,
    longestMs: options.longestCallMs ?? null,
  });
}

const CALL_IDS = ['callid', 'call_id', 'sip_call_id'];

/** When it was by the clock of the switch, put right. */
function placedAt(name: string, text: string, options: ProxyOptions): PlacedTime | DecodedBad {
  const { clock = null, clockAheadMs = 0 } = options;
  const placed = readSwitchTime(name, text, clock);
  if ('kind' in placed || clockAheadMs === 0) return placed;
  return { instants: placed.instants.map((at) => at - clockAheadMs) };
}

/** Whom a record names, by its own fields. */
function partiesIn(fields: Fields, options: ProxyOptions): ProxyParties {
  const { dialPrefixes = [], isExtension = () => false } = options;
  const direction = textAt(fields, 'direction').trim();
  const numberFrom = options.numberFrom ?? NUMBER_FIELDS;
  const sent = dialledUser(firstField(fields, numberFrom));
  const dialled = withoutDialPrefix(dialPrefixes, firstField(fields, TRUNK_FIELDS), sent);
  const isInternal = INTERNAL.test(direction) || (dialled !== '' && isExtension(dialled));
  const diversion = firstField(fields, DIVERSION_FIELDS);
  const historyInfo = firstField(fields, HISTORY_FIELDS);
  const told = diversion === '' && historyInfo === '' ? noTexts : divertersOf({ diversion, historyInfo });
  const line = lineIn(fields, options);
  const transferredBy = userOf(firstField(fields, REFERRER_FIELDS));
  const called = told.length > 0 || transferredBy !== '' ? '' : calledFirst(fields, numberFrom);
  const isOther = called !== '' && called !== line && ![sent, dialled].some((number) => agrees(called, number));
  return {
    line,
    dialled,
    calling: userOf(firstField(fields, CALLING_FIELDS)),
    userAgent: firstField(fields, options.userAgentFrom ?? USER_AGENT_FIELDS),
    sourceIp: firstField(fields, options.sourceIpFrom ?? SOURCE_IP_FIELDS),
    diversions: isOther ? [called] : told,
    transferredBy,
    notACall: INBOUND.test(direction) ? 'inbound' : isInternal ? 'internal' : null,
  };
}

/** How scripts name the direction of a call. */
const INBOUND = /^(?:in|inbound|incoming|term|terminating|terminated)$/i;
const INTERNAL = /^(?:internal|local|on-?net)$/i;

/**
 * Who called: the first that is named. Where each is hidden, whom the network vouches for (`P-Asserted-Identity`),
 * where the record has that.
 */
function lineIn(fields: Fields, { lineFrom = LINE_FIELDS }: ProxyOptions): string {
  const first = userOf(firstField(fields, lineFrom));
  if (!HIDDEN.test(first)) return first;
  const named = lineFrom.map((name) => userOf(firstField(fields, [name]))).find((name) => !HIDDEN.test(name));
  return named ?? (userOf(headerValues(firstField(fields, ASSERTED_FIELDS))[0] ?? '') || first);
}

/** What stands in a From header for a caller who is not shown, or nothing. */
export const HIDDEN = /^(?:anonymous|restricted|unavailable|unknown|private|withheld)?$/i;

/** Fields of whom the caller called: of the To header, or of the request before the proxy changed it. */
export const FIRST_CALLED_FIELDS = ['dst_ouser', 'ouser', 'oU', 'to_user', 'tU', 'to_uri'];

/**
 * Who was called first, where the record says that beside the number that the call went to: whoever it was sent it
 * on, unless the two are one number. `''` where it says nothing, or a service code.
 */
function calledFirst(fields: Fields, numberFrom: readonly string[]): string {
  const numberField = numberFrom.find((name) => firstField(fields, [name]) !== '');
  if (numberField === undefined || FIRST_CALLED_FIELDS.includes(numberField)) return '';
  const called = dialledUser(firstField(fields, FIRST_CALLED_FIELDS));
  return /^[*#]/.test(called) ? '' : called;
}

export const CALLING_FIELDS = ['src_user', 'from_user', 'caller', 'fU'];
export const USER_AGENT_FIELDS = ['user_agent', 'ua'];
export const SOURCE_IP_FIELDS = ['src_ip', 'source_ip', 'si'];
/** How long was talked: what makes a row of an INVITE a CDR of OpenSIPS. */
export const TALKED_FIELDS = ['ms_duration', 'duration'];
const OWN_OR_HDR = ['', 'hdr_'];
const ASSERTED_FIELDS = new HeaderNames(['P-Asserted-Identity', 'hdr_P-Asserted-Identity', 'pai_user', 'pai', 'ai']);
export const DIVERSION_FIELDS = headerNames(OWN_OR_HDR, 'Diversion');
export const HISTORY_FIELDS = headerNames(OWN_OR_HDR, 'History-Info');
export const REFERRER_FIELDS = headerNames(OWN_OR_HDR, 'Referred-By');

/** A duration field in seconds; faults name it. */
export function readSeconds(fields: Fields, name: string): number | DecodedBad {
  const text = textAt(fields, name);
  const ms = secondsToMs(text);
  return ms ?? bad('invalid-field', `Cannot read ${name}: ${quote(text)} is no number of seconds`);
}

/**
 * What a record of one SIP transaction comes to. Of an answered call it tells one end, and is a leg: the record of the
 * other end makes a call of both.
 *
 * @param fields what the script adds, by name
 */
export function decodeTransaction(row: AccRow, fields: Fields, options: ProxyOptions): Decoded {
  if (row.kind === 'attempt') return notACall('unanswered');
  if (row.kind === 'other') return notACall('other-event');
  const { kind, method, fromTag, toTag, callId, code } = row;
  const placed = placedAt('time', row.time, options);
  return decodeProxyLeg(options.switchId, callId, {
    ...(kind === 'answer' ? partiesIn(fields, options) : NOBODY),
    kind,
    method,
    code,
    fromTag,
    toTag,
    at: 'kind' in placed ? [] : placed.instants,
    fault: 'kind' in placed ? placed.detail : '',
    durationMs: 0,
    hasRinging: false,
    longestMs: options.longestCallMs ?? null,
  });
}

/** The transaction in a record's fields as JSON; `null` where they are none of one. */
export function transactionIn(fields: Fields): AccRow | null {
  return accRow({
    method: textAt(fields, 'method'),
    fromTag: textAt(fields, 'from_tag'),
    toTag: textAt(fields, 'to_tag'),
    callId: firstField(fields, CALL_IDS),
    code: firstField(fields, ['sip_code', 'code']),
    reason: firstField(fields, ['sip_reason', 'reason']),
    time: textAt(fields, 'time'),
    extras: [],
  });
}
