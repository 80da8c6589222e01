import { SaidLeg } from '../call/said-leg.ts';
import { MISMATCH_MS } from '../asterisk/asterisk-times.ts';
import { MAX_TEXT_LENGTH, quote } from '../canonical/canonical-fields.ts';
import { decodedOf } from '../call/decoded-leg.ts';
import { withoutDialPrefix } from '../call/dialled-prefix.ts';
import { agreedDuration, contentTold, type SwitchSettings } from '../call/told-call.ts';
import {
  bad,
  notACall,
  unmatchedNames,
  type Decoded,
  type DecodedBad,
  type DecodingNote,
  type NotACallReason,
  type UnmatchedName,
} from '../format.ts';
import { addressIn } from '../reading/ip-address.ts';
import { anyNamePattern } from '../reading/name-pattern.ts';
import { HeaderNames, headerNames } from '../reading/header-names.ts';
import { dialledUser, divertersOf, headerValues, userOf } from '../reading/sip-address.ts';
import { readFreeSwitchLegs } from './freeswitch-call.ts';
import { answeredTarget } from './freeswitch-dial-string.ts';
import type { FreeSwitchDocument } from './freeswitch-document.ts';
import { isShortNumber, profileOf, unnamedTarget, unnamedTrunk } from './unnamed-trunk.ts';
import { evidenceOf, hasShortTexts, type FreeSwitchRole, type FreeSwitchSaid } from './freeswitch-said.ts';

export interface FreeSwitchOptions extends SwitchSettings {
  /** Name of this switch; by default the document's `switchname`. */
  readonly switchId?: string;
  /** Gateways towards carriers, `*` for any rest; by default every gateway is one. */
  readonly gateways?: readonly string[];
  /** SIP profiles, or drivers, whose outbound legs go to carriers without a gateway: `external`; none by default. */
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

export interface FreeSwitchSettings extends SwitchSettings {
  readonly switchId: string;
  readonly isGateway: (name: string) => boolean;
  readonly isProfile: (name: string) => boolean;
  /** Whether it was said by which profiles carriers are reached: then other profiles are the switch's own. */
  readonly namesProfiles: boolean;
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
    ...options,
    switchId: options.switchId ?? '',
    isGateway,
    isProfile,
    namesProfiles: options.profiles !== undefined,
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

/**
 * Decodes what FreeSWITCH says of a leg by itself: the answered leg towards a carrier is the call, every other is none.
 * One that names others comes as a leg of their call, too.
 */
export function decodeFreeSwitchLeg(document: FreeSwitchDocument, settings: FreeSwitchSettings): Decoded {
  const said = saidBy(document, settings);
  const switchId = settings.switchId || document.switchName;
  const { uuid } = said;
  if (switchId === '' || uuid === '') {
    if (said.reason !== null) return notACall(said.reason);
    return bad('no-identity', "Cannot identify the leg: it has no 'uuid' or no 'switchname'");
  }
  const groupId = document.variable('call_uuid') || said.originator || uuid;
  const leg = new SaidLeg('freeswitch', { switchId, groupId, legId: uuid }, said, evidenceOf);
  const alone = decodedOf(readFreeSwitchLegs([leg])[0]!);
  // Where callers' legs are billed, carriers' are not reported: nothing explains them.
  const isPart = settings.billedLeg === 'carrier' && namesOthers(document, said) && isKeepable(leg);
  return isPart ? { ...alone, leg } : alone;
}

/**
 * A leg that nobody answered and that names no other is the whole call. Of an answered one others may tell: who called
 * and talked, or the same leg once more and fuller.
 */
function namesOthers({ variable }: FreeSwitchDocument, said: FreeSwitchSaid): boolean {
  const { uuid, callId, originator, bridgedTo, otherHalf, answeredAt } = said;
  if (answeredAt !== null) return true;
  return callId !== uuid || `${originator}${bridgedTo}${otherHalf}${variable('originated_legs')}` !== '';
}

function isKeepable({ switchId, groupId, legId, said }: SaidLeg<'freeswitch', FreeSwitchSaid>): boolean {
  const ids = `${switchId} ${groupId} ${legId}`;
  return ids.length <= MAX_TEXT_LENGTH && !ids.includes('\0') && ids.isWellFormed() && hasShortTexts(said);
}

function saidBy(document: FreeSwitchDocument, settings: FreeSwitchSettings): FreeSwitchSaid {
  const { variable, profile, originator } = document;
  const { clockAheadMs = 0, dialPrefixes = [] } = settings;
  const uuid = variable('uuid');
  const role = roleOf(document, settings);
  const cameIn = role === 'caller' || role === 'from-carrier';
  const target = document.direction === 'inbound' || role === 'phone' ? bridgedTarget(document, settings) : 'none';
  const [createdMicros, answeredMicros] = [Number(variable('start_uepoch')) || 0, answerMicros(document)];
  const evidence = role === 'caller' ? subscriberEvidence(document, settings) : NO_EVIDENCE;
  return {
    uuid,
    callId: variable('call_uuid') || uuid,
    role,
    channel: variable('channel_name'),
    ...callOrNone(document, settings),
    names: settings.lineFrom.map((name) => nameIn(variable(name))),
    aliases: [profile('username'), variable('sip_from_user'), profile('caller_id_number')],
    originatorName: originator('username'),
    originator: variable('originating_leg_uuid') || variable('originator') || originator('uuid'),
    bridgedTo: variable('bridge_uuid') || variable('last_bridge_to') || variable('signal_bond'),
    otherHalf: variable('other_loopback_leg_uuid'),
    dialledFirst: cameIn ? dialledUser(document.firstDestination || variable('sip_req_user')) : '',
    user: role === 'phone' ? variable('dialed_user') || variable('sip_to_user') || profile('destination_number') : '',
    bridgedNumber:
      typeof target === 'string' ? '' : withoutDialPrefix(dialPrefixes, target.gateway, dialledUser(target.number)),
    createdAt: createdMicros > 0 ? Math.floor(createdMicros / 1000) - clockAheadMs : null,
    answeredAt: answeredMicros > 0 ? Math.floor(answeredMicros / 1000) - clockAheadMs : null,
    ...((role === 'caller' || role === 'phone') && answeredMicros > 0 ? endOf(document, clockAheadMs) : {}),
    diversions: diversionsOf(document),
    transferredBy: transferorOf(document),
    userAgent: evidence.userAgent || null,
    sourceIp: addressIn(evidence.sourceIp) || null,
  };
}

function endOf({ variable }: FreeSwitchDocument, clockAheadMs: number): Pick<FreeSwitchSaid, 'endedAt'> {
  const micros = Number(variable('end_uepoch')) || 0;
  return micros > 0 ? { endedAt: Math.floor(micros / 1000) - clockAheadMs } : {};
}

const NO_EVIDENCE = { userAgent: '', sourceIp: '' };

function roleOf(document: FreeSwitchDocument, settings: FreeSwitchSettings): FreeSwitchRole {
  const { variable, direction } = document;
  if (variable('channel_name').startsWith('loopback/')) return 'loopback';
  if (direction === 'outbound') return isCarrierLeg(document, settings) ? 'carrier' : 'phone';
  return variable('sip_gateway') !== '' || settings.isProfile(profileOf(variable)) ? 'from-carrier' : 'caller';
}

/** What the leg comes to, whoever pays. */
function callOrNone(
  document: FreeSwitchDocument,
  settings: FreeSwitchSettings,
): Pick<FreeSwitchSaid, 'reason' | 'call' | 'fault' | 'isShort'> {
  const unnamed = unnamedFaultOf(document, settings);
  if (unnamed !== null) {
    const isShort = document.direction === 'outbound' && isShortNumber(dialledOf(document, settings).dialled);
    return { reason: null, call: null, fault: unnamed, ...(isShort ? { isShort } : {}) };
  }
  const reason = notACallReason(document, settings);
  if (reason !== null && reason !== 'unanswered') return { reason, call: null, fault: null };
  // What is no number can't say that nobody answered either.
  const fault = timeFault(document) ?? (reason === null ? null : billedUnanswered(document));
  if (fault !== null) return { reason: null, call: null, fault: { reason: fault.reason, detail: fault.detail } };
  if (reason !== null) return { reason, call: null, fault: null };
  const read = contentOf(document, settings);
  if (!('kind' in read)) {
    const { dialled, calling, startedAt, durationMs, userAgent, sourceIp } = read.content;
    const call = { dialled, calling, startedAt, durationMs, userAgent, sourceIp, notes: read.notes };
    return { reason: null, call, fault: null };
  }
  if (read.kind === 'bad') return { reason: null, call: null, fault: { reason: read.reason, detail: read.detail } };
  return { reason: null, call: null, fault: null };
}

/** An answered leg that may have left for a carrier, where nobody said which profiles lead to one. */
function unnamedFaultOf(document: FreeSwitchDocument, settings: FreeSwitchSettings): FreeSwitchSaid['fault'] {
  const { variable, direction } = document;
  if (settings.namesProfiles || answerMicros(document) === 0) return null;
  if (settings.billedLeg === 'carrier') {
    return direction === 'outbound' ? unnamedTrunk(variable, dialledOf(document, settings).dialled, settings) : null;
  }
  if (direction === 'outbound' || !isBridged(document) || variable('sip_gateway') !== '') return null;
  if (bridgedTarget(document, settings) !== 'none') return null;
  return unnamedTarget(dialString(document), variable('bridge_channel'), variable('channel_name'), settings);
}

function billedUnanswered(document: FreeSwitchDocument): DecodedBad | null {
  const saysUnanswered = document.variable('answer_uepoch') !== '' || document.variable('answer_epoch') !== '';
  const billed = saysUnanswered ? undefined : BILLED.find((name) => Number(document.variable(name)) > 0);
  if (billed === undefined) return null;
  return bad(
    'duration-mismatch',
    `Cannot tell whether it was answered: no answer time, but ${billed} ${quote(document.variable(billed))}`,
  );
}

const BILLED = ['billusec', 'billmsec', 'billsec'];

/** The variables that times and durations are read from. */
export const TIME_VARIABLES = [
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
  for (const name of TIME_VARIABLES) {
    const value = variable(name);
    if (value === '' || WHOLE_NUMBER.test(value)) continue;
    return bad('invalid-field', `Cannot read ${name}: ${quote(value)} is not a whole number`);
  }
  return null;
}

const WHOLE_NUMBER = /^-?\d{1,16}$/;

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
  return bridgedTarget(document, settings) === 'none' ? 'internal' : null;
}

function isCarrierLeg({ variable }: FreeSwitchDocument, settings: FreeSwitchSettings): boolean {
  const gateway = variable('sip_gateway_name');
  if (gateway !== '') return settings.isGateway(gateway);
  return settings.isProfile(profileOf(variable));
}

function isBridged({ variable }: FreeSwitchDocument): boolean {
  return Number(variable('bridge_uepoch')) > 0 || variable('bridge_uuid') !== '' || variable('last_bridge_to') !== '';
}

/** What a caller's leg was bridged to. */
function bridgedTarget(document: FreeSwitchDocument, settings: FreeSwitchSettings) {
  return answeredTarget(dialString(document), document.variable('bridge_channel'), settings);
}

function dialString({ variable }: FreeSwitchDocument): string {
  return variable('last_app') === 'bridge' ? variable('last_arg') : variable('current_application_data');
}

function contentOf(document: FreeSwitchDocument, settings: FreeSwitchSettings) {
  const times = freeSwitchTimes(document);
  if ('kind' in times) return times;
  const told = {
    switchId: '',
    callId: '',
    legId: '',
    line: '',
    ...dialledOf(document, settings),
    calling: document.profile('caller_id_number') || document.variable('sip_from_user'),
    ...times,
    ...subscriberEvidence(document, settings),
  };
  return contentTold(told, settings);
}

/** A header that the dialplan set, or as it came. */
const SET_OR_CAME = ['sip_h_', 'sip_i_'];
export const HISTORY_INFO = new HeaderNames(['sip_history_info', 'sip_h_History-Info', 'sip_i_History-Info']);
export const DIVERSION = headerNames(SET_OR_CAME, 'Diversion');
export const REFERRED_BY = headerNames(SET_OR_CAME, 'Referred-By');

function diversionsOf(document: FreeSwitchDocument): readonly string[] {
  return divertersOf({
    historyInfo: firstVariable(document, document.headers(HISTORY_INFO)),
    diversion: firstVariable(document, document.headers(DIVERSION)),
    redirectedBy: document.variable('sip_redirected_by'),
  });
}

function transferorOf(document: FreeSwitchDocument): string {
  const [header = ''] = headerValues(firstVariable(document, document.headers(REFERRED_BY)));
  return document.variable('sip_referred_by_user') || userOf(header);
}

/** A name of a line: of a header, `<sip:L1@pbx.example>`, its user. */
function nameIn(named: string): string {
  return /<|^(?:sips?|tel):/i.test(named) ? userOf(headerValues(named)[0] ?? '') : named;
}

function dialledOf(document: FreeSwitchDocument, settings: FreeSwitchSettings) {
  const { variable, profile } = document;
  if (document.direction === 'inbound') {
    const target = bridgedTarget(document, settings);
    return typeof target === 'string' ? NO_TARGET : { dialled: target.number, trunk: target.gateway };
  }
  const fromUri = userOf(variable('sip_req_uri'));
  return {
    dialled: variable('sip_req_user') || fromUri || profile('destination_number') || variable('sip_to_user'),
    trunk: variable('sip_gateway_name') || profileOf(variable),
  };
}

/** Several were dialled at once, and nothing tells which of them answered. */
const NO_TARGET = { dialled: '', trunk: '' };

/**
 * User agent and address of the subscriber. On the carrier's leg the SIP variables are the carrier's own and would
 * look like a foreign phone, so only what the caller's leg handed over counts.
 */
function subscriberEvidence(document: FreeSwitchDocument, settings: FreeSwitchSettings) {
  const { variable, originator, direction } = document;
  const isCaller = direction === 'inbound';
  const userAgent = firstVariable(document, isCaller ? ['sip_user_agent'] : settings.userAgentFrom);
  const told = firstVariable(document, isCaller ? ['sip_received_ip', 'sip_network_ip'] : settings.sourceIpFrom);
  return { userAgent, sourceIp: told || (isCaller ? variable('network_addr') : originator('network_addr')) };
}

function firstVariable({ variable }: FreeSwitchDocument, names: readonly string[]): string {
  for (const name of names) {
    const value = variable(name);
    if (value !== '') return value;
  }
  return '';
}

function answerMicros({ variable }: FreeSwitchDocument): number {
  return Number(variable('answer_uepoch')) || Number(variable('answer_epoch')) * 1_000_000 || 0;
}

interface LegTimes {
  readonly answeredAt: number;
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
  if (Number.isNaN(reported)) return bad('invalid-field', 'Cannot read the times: the leg has no duration and no end');
  const bridge = document.direction === 'inbound' ? Number(variable('bridge_uepoch')) || 0 : 0;
  const beforeBridge = Math.max(0, bridge - answer);
  const agreed = agreedDuration(reported / 1000, (Number.isNaN(spanMicros) ? reported : spanMicros) / 1000);
  if ('kind' in agreed) return agreed;
  const talkMs = agreed.durationMs - beforeBridge / 1000;
  const isJump = end > 0 && document.lastAppMicros > end + MISMATCH_MS * 1000;
  return {
    answeredAt: (answer + beforeBridge) / 1000,
    // An announcement may go on beyond what is billed; a switch that bills less than nothing is another matter.
    durationMs: reported < 0 ? reported / 1000 : Math.max(0, talkMs),
    notes: isJump ? [...agreed.notes, 'clock-jump'] : agreed.notes,
  };
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
