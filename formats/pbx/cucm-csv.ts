import { agrees } from '../asterisk/asterisk-channel.ts';
import { ROUNDING_MS } from '../asterisk/asterisk-times.ts';
import { decodedOf } from '../call/decoded-leg.ts';
import { SaidLeg } from '../call/said-leg.ts';
import { MAX_TEXT_LENGTH, quote } from '../canonical/canonical-fields.ts';
import { bad, notACall, unmatchedNames, type Decoded, type DecodedBad, type Format } from '../format.ts';
import { FIRST_INSTANT } from '../reading/iso-instant.ts';
import { readCucmLegs } from './cucm-call.ts';
import { cucmGroupsOf, type CucmSaid, type CucmSide, type CucmTalk } from './cucm-said.ts';
import { type ColumnReader, lineText, readHeader, readRow } from '../reading/headed-row.ts';
import { anyNamePattern, type NamePatterns } from '../reading/name-pattern.ts';
import { secondsToMs } from '../reading/switch-time.ts';
import { agreedDuration, LONGEST_CALL_MS, paidContentTold, type SwitchSettings } from '../call/told-call.ts';

export interface CucmOptions extends SwitchSettings {
  /** Name of the cluster; by default the record's `globalCallId_ClusterID`. */
  readonly switchId?: string;
  /** Gateways and SIP trunks towards carriers, by the name of the device, `*` for any rest. */
  readonly trunks: readonly string[];
  /** Columns that name the line, in this order. */
  readonly lineFrom?: readonly string[];
}

/** Columns that every version has, and this format reads. */
const NEEDED = [
  'cdrRecordType',
  'globalCallID_callId',
  'callingPartyNumber',
  'finalCalledPartyNumber',
  'dateTimeConnect',
  'dateTimeDisconnect',
  'duration',
  'origDeviceName',
  'destDeviceName',
  'pkid',
];

/** Whether a line is the header of CUCM's CDR or CMR file. */
export function isCucmHeader(line: string): boolean {
  return /^"?cdrRecordType"?[,;\t|]/i.test(line.trim()) && /globalCallID_callId/i.test(line);
}

/**
 * Cisco CUCM's CDR flat file: a line of names, a line of types, then rows in which times are seconds since the epoch.
 * Files of CMRs, which report the quality of calls, have the same beginning: their rows are no calls.
 */
export function createCucmCsv(header: string, options: CucmOptions): Format | { readonly problem: string } {
  const read = readHeader(header);
  if ('problem' in read) return read;
  // Databases that the file went through may have changed the letter case of names.
  const columns = new Map([...read.columns].map(([name, place]) => [name.toLowerCase(), place]));
  const isCmr = columns.has('numberpacketssent');
  const missing = isCmr ? undefined : NEEDED.find((name) => !columns.has(name.toLowerCase()));
  if (missing !== undefined) return { problem: `its header lacks column '${missing}'` };
  const isTrunk = anyNamePattern(options.trunks);
  return {
    id: 'cucm-csv',
    hasLegs: !isCmr,
    framing: 'lines',
    decode: (buffer, start, end) => {
      const line = lineText(buffer, start, end);
      if (typeof line !== 'string') return line;
      // The line of types, and headers of files that were joined to this one.
      if (isTypes(line)) return notACall('other-event');
      if (isCucmHeader(line)) return repeatedHeader(line, header);
      const at = readRow(line, { ...read, columns });
      if (typeof at !== 'function') return at;
      // Patterns of E.164 numbers have a backslash before their plus sign: `\+33…`.
      return decodeRow((name) => at(name.toLowerCase()).replace(/^\\(?=\+)/, ''), isTrunk, options);
    },
    unmatched: () => (isCmr ? [] : unmatchedNames('trunk', isTrunk.unmatched)),
  };
}

function isTypes(line: string): boolean {
  return /^"?(?:INTEGER|VARCHAR)/i.test(line);
}

function repeatedHeader(line: string, header: string): Decoded {
  if (line.trim().toLowerCase() === header.trim().toLowerCase()) return notACall('other-event');
  return bad(
    'bad-header',
    'Cannot read what follows: it has another header than the file, so read it as a file of its own',
  );
}

/** What Cisco's columns say that was done on behalf of: `joinOnBehalfOf`, `…RedirectOnBehalfOf`. */
const ON_BEHALF_OF = { conference: '4', transfer: '10', recording: '27', monitoring: '28' } as const;

/**
 * What joins legs that were talking before: parking and its retrieval, conference, transfer, barging in, REFER and
 * Replaces, mobility. What redirects a call that rings (forwards, pickup, hunting) does not.
 */
const JOINS: ReadonlySet<string> = new Set(['3', '4', '6', '7', '10', '15', '17', '18', '24', '26']);

function decodeRow(at: ColumnReader, isTrunk: NamePatterns, options: CucmOptions): Decoded {
  // 1 is a CDR; 2 a CMR, which says how a call sounded.
  const type = at('cdrRecordType');
  if (type === '2') return notACall('other-event');
  if (type !== '1') return bad('invalid-field', `Cannot read cdrRecordType: ${quote(type)} is neither 1 nor 2`);
  const connect = epochOf(at, 'dateTimeConnect');
  if (typeof connect !== 'number') return connect;
  const to = calledSideOf(at, isTrunk);
  const from = sideOf(at, 'origLegCallIdentifier', 'origDeviceName', isTrunk);
  if (isRecording(at)) return notACall('internal');
  if (connect !== 0 && to.device === '') {
    return bad('missing-field', 'Cannot tell where the call went: it was connected, and has no destDeviceName');
  }
  if (!to.isTrunk && !from.isTrunk) return notACall(connect === 0 ? 'unanswered' : 'internal');
  const switchId = options.switchId ?? at('globalCallId_ClusterID');
  const callId = [at('globalCallID_callManagerId'), at('globalCallID_callId')].filter((id) => id !== '').join('-');
  const { longestCallMs = LONGEST_CALL_MS } = options;
  const talked = talkOf(at, connect, options);
  const said: CucmSaid = {
    pkid: at('pkid'),
    span: spanOf(at, connect),
    from,
    to,
    isJoined: isJoined(at),
    sentOnBy: isBy(at, ON_BEHALF_OF.conference) ? controllerOf(at) : at('lastRedirectDn'),
    talked,
    dials: to.isTrunk ? dialsOf(at, { switchId, callId, from, to, talked }, options) : null,
    longestMs: longestCallMs,
  };
  const [leg, ...witnesses] = cucmGroupsOf(said, callId).map(
    (groupId) => new SaidLeg('cucm', { switchId, groupId, legId: `${callId} ${said.pkid}` }, said, JSON.stringify),
  );
  const alone = decodedOf(readCucmLegs([leg!])[0]!);
  if (callId === '' || said.pkid === '' || !isKeepable(leg!)) return alone;
  return { ...alone, leg: leg!, ...(witnesses.length === 0 ? {} : { witnesses }) };
}

/** Ids of legs are 0 where there is none. */
function sideOf(at: ColumnReader, leg: string, device: string, isTrunk: NamePatterns): CucmSide {
  const name = at(device);
  return { leg: at(leg) === '0' ? '' : at(leg), device: name, isTrunk: isTrunk(name) };
}

/** Where a phone's user was reached on his mobile, the trunk that led there. */
function calledSideOf(at: ColumnReader, isTrunk: NamePatterns): CucmSide {
  const side = sideOf(at, 'destLegIdentifier', 'destDeviceName', isTrunk);
  const mobile = mobileOf(at) === '' ? '' : at('destMobileDeviceName');
  return !side.isTrunk && mobile !== '' && isTrunk(mobile) ? { ...side, device: mobile, isTrunk: true } : side;
}

/** The mobile number that an extension was answered on (Mobile Connect); `''` of any other call. */
function mobileOf(at: ColumnReader): string {
  return at('finalMobileCalledPartyNumber');
}

/** From when to when a row tells, as far as it says. */
function spanOf(at: ColumnReader, connect: number): readonly [from: number, to: number] {
  const times = ['dateTimeOrigination', 'dateTimeConnect', 'dateTimeDisconnect'].flatMap((name) => {
    const time = epochOf(at, name);
    return typeof time === 'number' && time > 0 ? [time] : [];
  });
  return times.length === 0 ? [connect, connect] : [Math.min(...times), Math.max(...times)];
}

function isJoined(at: ColumnReader): boolean {
  if (JOINS.has(at('joinOnBehalfOf'))) return true;
  return isBy(at, ON_BEHALF_OF.transfer) || isBy(at, ON_BEHALF_OF.conference);
}

/** Whether the call was sent on by a feature, the first time or the last. */
function isBy(at: ColumnReader, feature: string): boolean {
  return [at('origCalledPartyRedirectOnBehalfOf'), at('lastRedirectRedirectOnBehalfOf')].includes(feature);
}

/** Whose conference it is; the numbers of a row that one redirected are its bridge's. */
function controllerOf(at: ColumnReader): string {
  return /(?:^|;)ConfControllerDn=([^;]*)/.exec(at('comment'))?.[1] ?? '';
}

/** Without ids a row can't be kept as a leg: it is judged alone, and refused as a call. */
function isKeepable({ switchId, groupId, legId, said }: SaidLeg<'cucm', CucmSaid>): boolean {
  if (switchId === '') return false;
  const texts = [switchId, groupId, legId, said.from.leg, said.to.leg, said.from.device, said.to.device, said.sentOnBy];
  return texts.every((text) => text.length <= MAX_TEXT_LENGTH && text.isWellFormed());
}

function talkOf(at: ColumnReader, connect: number, { clockAheadMs = 0 }: CucmOptions): CucmTalk | DecodedBad | null {
  const billedMs = secondsToMs(at('duration'));
  if (billedMs === null) {
    return bad('invalid-field', `Cannot read duration: ${quote(at('duration'))} is no number of seconds`);
  }
  if (connect === 0) {
    if (billedMs === 0) return null;
    return bad(
      'duration-mismatch',
      `Cannot tell whether it was answered: dateTimeConnect is 0, duration ${at('duration')}`,
    );
  }
  const disconnect = epochOf(at, 'dateTimeDisconnect');
  if (typeof disconnect !== 'number') return disconnect;
  const agreed = agreedDuration(billedMs, disconnect - connect);
  if ('kind' in agreed) return agreed;
  const onMobileMs = mobileOf(at) === '' ? 0 : (secondsToMs(at('destMobileCallDuration')) ?? 0);
  if (onMobileMs > 0 && Math.abs(onMobileMs - billedMs) > ROUNDING_MS) {
    return bad(
      'duration-mismatch',
      `Cannot tell how long a carrier bills: the call was ${billedMs} ms, of which ${onMobileMs} ms on a mobile`,
    );
  }
  const from = connect - clockAheadMs;
  return { from, to: from + agreed.durationMs, notes: agreed.notes };
}

interface Dialled extends Pick<CucmSaid, 'from' | 'to' | 'talked'> {
  readonly switchId: string;
  readonly callId: string;
}

/** What was called on a trunk, and who pays for it; of a row that was never connected, were it answered. */
function dialsOf(at: ColumnReader, { from, to, talked, ...ids }: Dialled, options: CucmOptions): CucmSaid['dials'] {
  const parties = partiesOf(at, from.isTrunk, options);
  if ('kind' in parties) return parties;
  const { clockAheadMs = 0 } = options;
  const talk = talked === null || 'kind' in talked ? { from: FIRST_INSTANT, to: FIRST_INSTANT } : talked;
  const read = paidContentTold(
    {
      ...ids,
      legId: at('pkid'),
      ...parties,
      dialled: at('outpulsedCalledPartyNumber') || mobileOf(at) || at('finalCalledPartyNumber'),
      trunk: to.device,
      calling: at('callingPartyNumber'),
      answeredAt: talk.from + clockAheadMs,
      durationMs: talk.to - talk.from,
      sourceIp: from.isTrunk ? '' : at('origIpv4v6Addr') || addressOf(at('origIpAddr')),
    },
    options,
  );
  return 'kind' in read ? read : read.content;
}

function isRecording(at: ColumnReader): boolean {
  const behalf = [at('joinOnBehalfOf'), at('origCalledPartyRedirectOnBehalfOf'), at('lastRedirectRedirectOnBehalfOf')];
  return behalf.some((value) => value === ON_BEHALF_OF.recording || value === ON_BEHALF_OF.monitoring);
}

/**
 * Who called, who sent the call on, and whether as a transfer. A call that came in by a trunk is nobody's of ours but
 * of whoever sent it on; the record names the first and the last who did.
 */
function partiesOf(at: ColumnReader, fromTrunk: boolean, { lineFrom = ['callingPartyNumber'] }: CucmOptions) {
  const last = at('lastRedirectDn');
  const isTransfer = at('lastRedirectRedirectOnBehalfOf') === ON_BEHALF_OF.transfer;
  const isConference = isBy(at, ON_BEHALF_OF.conference);
  const diversions = isConference ? [] : divertersOf(at, isTransfer);
  const transferredBy = isConference ? controllerOf(at) : isTransfer ? last : '';
  const line = fromTrunk ? '' : (lineFrom.map(at).find((value) => value !== '') ?? '');
  if (line === '' && diversions.length === 0 && transferredBy === '') {
    return bad(
      'no-line',
      `Cannot tell whose call it is: it came by ${quote(at('origDeviceName'))}, and nobody sent it on`,
    );
  }
  return { line, diversions, transferredBy };
}

/** Who forwarded the call, oldest first; last of all whose mobile it reached. */
function divertersOf(at: ColumnReader, isTransfer: boolean): string[] {
  const final = at('finalCalledPartyNumber');
  const original = at('originalCalledPartyNumber');
  const isSame = original === '' || agrees(original, final);
  const wasForwarded = !isSame || (isReason(at('origCalledPartyRedirectReason')) && original !== '');
  const mobile = mobileOf(at);
  // Of a call that nobody redirected it is the number that was dialled, before a translation.
  const last = agrees(at('lastRedirectDn'), final) ? '' : at('lastRedirectDn');
  const redirected = isTransfer ? [] : [wasForwarded ? original : '', last];
  const reached = mobile === '' || agrees(final, mobile) ? [] : [final];
  const diverters = [...redirected.filter((party) => party !== final), ...reached].filter((party) => party !== '');
  return diverters.filter((party, index) => party !== diverters[index - 1]);
}

/** A redirect reason; 0 is none. */
function isReason(text: string): boolean {
  return text !== '' && text !== '0';
}

function epochOf(at: ColumnReader, name: string): number | DecodedBad {
  const text = at(name);
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  return bad('invalid-field', `Cannot read ${name}: ${quote(text)} is no number of seconds since 1970`);
}

/** An IPv4 address as CUCM writes it: a signed integer of 32 bits, its first part lowest. */
function addressOf(text: string): string {
  if (!/^-?\d{1,10}$/.test(text) || text === '0') return '';
  const bits = Number(text) >>> 0;
  return [bits & 255, (bits >>> 8) & 255, (bits >>> 16) & 255, bits >>> 24].join('.');
}
