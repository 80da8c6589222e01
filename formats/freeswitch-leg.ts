import type { CdrContent } from '../rater/index.ts';
import { MISMATCH_MS, ROUNDING_MS } from './asterisk-times.ts';
import { MAX_DURATION_MS, quote } from './canonical-fields.ts';
import { callOf } from './encode-canonical.ts';
import {
  bad,
  notACall,
  unmatchedNames,
  type Decoded,
  type DecodedBad,
  type DecodingNote,
  type NotACallReason,
  type UnmatchedName,
} from './format.ts';
import { diversionsOf, userOf } from './freeswitch-diversions.ts';
import type { FreeSwitchDocument } from './freeswitch-document.ts';
import { isAddress } from './ip-address.ts';
import { END_INSTANT, FIRST_INSTANT } from './iso-instant.ts';
import { anyNamePattern } from './name-pattern.ts';
import { textFault } from './text-fault.ts';

export interface FreeSwitchOptions {
  /** Name of this switch; by default the document's `switchname`. */
  readonly switchId?: string;
  /** Gateways towards carriers, `*` for any rest; by default every gateway is one. */
  readonly gateways?: readonly string[];
  /** SIP profiles whose outbound legs go to carriers without a gateway: `external`; none by default. */
  readonly profiles?: readonly string[];
  /**
   * Which leg is the call: the one towards the carrier (default), or, where `log-b-leg` is off and only callers' legs
   * are reported, the caller's leg that was bridged to a gateway.
   */
  readonly billedLeg?: 'carrier' | 'caller';
  /** Variables that name the line, in this order. */
  readonly lineFrom?: readonly string[];
  /** Variables in which the dialplan hands the subscriber's user agent and address to the carrier's leg. */
  readonly userAgentFrom?: readonly string[];
  readonly sourceIpFrom?: readonly string[];
}

export interface FreeSwitchSettings {
  readonly switchId: string;
  readonly isGateway: (name: string) => boolean;
  readonly isProfile: (name: string) => boolean;
  /** Gateways and profiles that were named and that no leg has had yet. */
  readonly unmatched: () => readonly UnmatchedName[];
  readonly billedLeg: 'carrier' | 'caller';
  readonly lineFrom: readonly string[];
  readonly userAgentFrom: readonly string[];
  readonly sourceIpFrom: readonly string[];
}

/** The options of a FreeSWITCH format, with their defaults. */
export function freeSwitchSettings(options: FreeSwitchOptions): FreeSwitchSettings {
  const isGateway = anyNamePattern(options.gateways ?? ['*']);
  const isProfile = anyNamePattern(options.profiles ?? []);
  return {
    switchId: options.switchId ?? '',
    isGateway,
    isProfile,
    unmatched: () => [
      ...unmatchedNames('gateway', options.gateways === undefined ? [] : isGateway.unmatched),
      ...unmatchedNames('profile', isProfile.unmatched),
    ],
    billedLeg: options.billedLeg ?? 'carrier',
    lineFrom: options.lineFrom ?? ['sip_auth_username', 'accountcode', 'user_name'],
    userAgentFrom: options.userAgentFrom ?? [],
    sourceIpFrom: options.sourceIpFrom ?? [],
  };
}

/** Decodes what FreeSWITCH says of a leg: the answered leg towards a carrier is the call, every other is none. */
export function decodeFreeSwitchLeg(document: FreeSwitchDocument, settings: FreeSwitchSettings): Decoded {
  const reason = notACallReason(document, settings);
  if (reason !== null && reason !== 'unanswered') return notACall(reason);
  // What is no number can't say that nobody answered either.
  const fault = timeFault(document);
  if (fault !== null) return fault;
  return reason === null ? decodeLeg(document, settings) : notACall(reason);
}

/** The variables that times and durations are read from. */
const TIME_VARIABLES = [
  'answer_uepoch',
  'answer_epoch',
  'end_uepoch',
  'bridge_uepoch',
  'billusec',
  'billmsec',
  'billsec',
] as const;

/** Plain digits: `Number` would take `0x10`, `1e9` and blanks as well. */
function timeFault({ variable }: FreeSwitchDocument): DecodedBad | null {
  const wrong = TIME_VARIABLES.find((name) => !/^(?:-?\d{1,16})?$/.test(variable(name)));
  if (wrong === undefined) return null;
  return bad('invalid-field', `Cannot read ${wrong}: ${quote(variable(wrong))} is not a whole number`);
}

function notACallReason(document: FreeSwitchDocument, settings: FreeSwitchSettings): NotACallReason | null {
  const { variable, direction } = document;
  if (variable('channel_name').startsWith('loopback/')) return 'internal';
  const isAnswered = answerMicros(document) > 0;
  if (direction === 'outbound') {
    if (!isCarrierLeg(document, settings)) return 'internal';
    if (settings.billedLeg === 'caller') return 'other-leg';
    return isAnswered ? null : 'unanswered';
  }
  // `sip_gateway` stands on legs that a carrier sent us through a registered gateway.
  if (variable('sip_gateway') !== '') return 'inbound';
  if (!isAnswered) return 'unanswered';
  if (!isBridged(document)) return 'application';
  if (settings.billedLeg === 'carrier') return 'other-leg';
  return bridgedGateway(document, settings) === null ? 'internal' : null;
}

function isCarrierLeg({ variable }: FreeSwitchDocument, settings: FreeSwitchSettings): boolean {
  const gateway = variable('sip_gateway_name');
  if (gateway !== '') return settings.isGateway(gateway);
  return settings.isProfile(variable('sofia_profile_name') || variable('sip_profile_name'));
}

function isBridged({ variable }: FreeSwitchDocument): boolean {
  return Number(variable('bridge_uepoch')) > 0 || variable('bridge_uuid') !== '' || variable('last_bridge_to') !== '';
}

/** The number in a caller's dial string, `sofia/gateway/<gateway>/<number>`; `null` when it goes to no carrier. */
function bridgedGateway({ variable }: FreeSwitchDocument, settings: FreeSwitchSettings): string | null {
  const dialString = variable('last_app') === 'bridge' ? variable('last_arg') : variable('current_application_data');
  for (const target of withoutVariables(dialString).split(/[,|]/)) {
    const [, gateway, viaGateway] = /^sofia\/gateway\/([^/]+)\/([^/]+)$/.exec(target.trim()) ?? [];
    if (gateway !== undefined && settings.isGateway(gateway)) return viaGateway ?? null;
    const [, profile, viaProfile] = /^sofia\/([^/]+)\/([^/@]+)@[^/]+$/.exec(target.trim()) ?? [];
    if (profile !== undefined && settings.isProfile(profile)) return viaProfile ?? null;
  }
  return null;
}

/** A dial string without the variables that it sets, `{name=value}` and `[name=value]`. */
function withoutVariables(dialString: string): string {
  let rest = '';
  let at = 0;
  for (const { index: close } of dialString.matchAll(/[}\]]/g)) {
    const part = dialString.slice(at, close);
    const open = part.search(/[{[]/);
    rest += open < 0 ? dialString.slice(at, close + 1) : part.slice(0, open);
    at = close + 1;
  }
  return rest + dialString.slice(at);
}

function decodeLeg(document: FreeSwitchDocument, settings: FreeSwitchSettings): Decoded {
  const { variable } = document;
  const switchId = settings.switchId || document.switchName;
  const legId = variable('uuid');
  if (switchId === '' || legId === '')
    return bad('no-identity', "Cannot identify the leg: it has no 'uuid' or no 'switchname'");
  const line = lineOf(document, settings);
  if (line === '')
    return bad('no-line', 'Cannot tell whose call it is: neither leg has an authorised user or an account code');
  const dialled = dialledOf(document, settings);
  if (dialled === '') return bad('no-number', 'Cannot find the number: the leg has no request or destination');
  const times = freeSwitchTimes(document);
  if ('kind' in times) return times;
  const content: CdrContent = {
    switchId,
    callId: variable('call_uuid') || legId,
    legId,
    revision: 0,
    line,
    dialled,
    calling: document.profile('caller_id_number') || variable('sip_from_user') || null,
    startedAt: times.startedAt,
    durationMs: times.durationMs,
    ...subscriberEvidence(document, settings),
    diversions: diversionsOf(variable),
    transferredBy: variable('sip_referred_by_user') || userOf(variable('sip_h_Referred-By')) || null,
    mobilityUsed: null,
  };
  const fault = textFault(content);
  return fault === null
    ? callOf(content, times.notes)
    : bad('invalid-field', `Cannot read the leg: ${quote(fault)} is too long or no text`);
}

/** The user that the switch authorised; on the carrier's leg, that of the leg it was made for. */
function lineOf({ variable, originator }: FreeSwitchDocument, settings: FreeSwitchSettings): string {
  const named = settings.lineFrom.map(variable).find((value) => value !== '');
  return named ?? originator('username');
}

function dialledOf(document: FreeSwitchDocument, settings: FreeSwitchSettings): string {
  const { variable, profile } = document;
  if (document.direction === 'inbound') return bridgedGateway(document, settings) ?? '';
  const fromUri = userOf(variable('sip_req_uri'));
  return variable('sip_req_user') || fromUri || profile('destination_number') || variable('sip_to_user');
}

/**
 * User agent and address of the subscriber. On the carrier's leg the SIP variables are the carrier's own and would
 * look like a foreign phone, so only what the caller's leg handed over counts.
 */
function subscriberEvidence(document: FreeSwitchDocument, settings: FreeSwitchSettings) {
  const { variable, originator, direction } = document;
  const isCaller = direction === 'inbound';
  const userAgent = firstVariable(document, isCaller ? ['sip_user_agent'] : settings.userAgentFrom);
  const told = firstVariable(document, isCaller ? ['sip_received_ip', 'sip_network_ip'] : settings.sourceIpFrom);
  const sourceIp = told ?? (isCaller ? variable('network_addr') : originator('network_addr'));
  return { userAgent, sourceIp: isAddress(sourceIp) ? sourceIp : null };
}

function firstVariable({ variable }: FreeSwitchDocument, names: readonly string[]): string | null {
  return names.map(variable).find((value) => value !== '') ?? null;
}

function answerMicros({ variable }: FreeSwitchDocument): number {
  return Number(variable('answer_uepoch')) || Number(variable('answer_epoch')) * 1_000_000 || 0;
}

interface LegTimes {
  readonly startedAt: number;
  readonly durationMs: number;
  readonly notes: readonly DecodingNote[];
}

/**
 * Answer and talk time of an answered leg: the finest of billusec, billmsec, end minus answer, billsec, to the nearest
 * ms. A caller's leg that an announcement answered first is billed from its bridge on.
 */
function freeSwitchTimes(document: FreeSwitchDocument): LegTimes | DecodedBad {
  const { variable } = document;
  const answer = answerMicros(document);
  const end = Number(variable('end_uepoch')) || 0;
  const spanMicros = end > 0 ? end - answer : NaN;
  const reported = reportedMicros(variable) ?? spanMicros;
  const bridge = document.direction === 'inbound' ? Number(variable('bridge_uepoch')) || 0 : 0;
  const beforeBridge = Math.max(0, bridge - answer);
  const startedAt = Math.floor((answer + beforeBridge) / 1000);
  const differenceMs = Number.isNaN(spanMicros) ? 0 : Math.abs(spanMicros - reported) / 1000;
  if (differenceMs > MISMATCH_MS) {
    return bad(
      'duration-mismatch',
      `Cannot trust the duration: the switch bills ${reported} µs, answer to end is ${spanMicros} µs`,
    );
  }
  const isDoubtful = differenceMs > ROUNDING_MS;
  const billed = isDoubtful ? Math.min(reported, spanMicros) : reported;
  const durationMs = Math.max(0, Math.round((billed - beforeBridge) / 1000));
  if (!(reported >= 0 && durationMs <= MAX_DURATION_MS && startedAt >= FIRST_INSTANT && startedAt < END_INSTANT)) {
    return bad('invalid-field', `Cannot read the times: answered at ${answer} µs, billed ${reported} µs`);
  }
  const notes: DecodingNote[] = isDoubtful ? ['duration-differs'] : [];
  const isJump = end > 0 && document.lastAppMicros > end + MISMATCH_MS * 1000;
  return { startedAt, durationMs, notes: isJump ? [...notes, 'clock-jump'] : notes };
}

function reportedMicros(variable: (name: string) => string): number | null {
  for (const [name, scale] of [
    ['billusec', 1],
    ['billmsec', 1000],
  ] as const) {
    if (/^-?\d+$/.test(variable(name))) return Number(variable(name)) * scale;
  }
  const hasSpan = Number(variable('end_uepoch')) > 0 && Number(variable('answer_uepoch')) > 0;
  return !hasSpan && /^-?\d+$/.test(variable('billsec')) ? Number(variable('billsec')) * 1_000_000 : null;
}
