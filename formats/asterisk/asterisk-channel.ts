import { fullyDecoded } from '../reading/sip-address.ts';

/**
 * How channel drivers number their channels, after the name of the endpoint: `PJSIP/trunk-a-0000001f`, `IAX2/op-4711`,
 * `DAHDI/i1/0531512345-1a`. A driver that is not named here ends its channels with a dash and anything hexadecimal.
 */
const NUMBERED: Readonly<Record<string, RegExp>> = {
  PJSIP: /-[0-9a-f]{8,}$/i,
  SIP: /-[0-9a-f]{4,}$/i,
  Local: /-[0-9a-f]{4,};[12]$|-[0-9a-f]{8,}$|;[12]$/i,
  IAX2: /-\d+$/,
  mISDN: /-u?\d+$/i,
  Khomp: /-\d+(?:\.\d+)?$/,
};
const NUMBERED_OTHERWISE = /-[0-9a-f]+$/i;

/** Drivers whose channels are lines of a card or a modem: what is dialled names a group of them, never the channel. */
const BY_GROUP: ReadonlySet<string> = new Set([
  'DAHDI',
  'Zap',
  'mISDN',
  'CAPI',
  'Khomp',
  'Dongle',
  'Quectel',
  'Datacard',
]);

/** A channel without the number that makes it unique: `PJSIP/trunk-a-0000001f` is `PJSIP/trunk-a`. */
export function endpointOf(channel: string): string {
  if (channel === lastChannel) return lastEndpoint;
  if (channel !== channelBefore) {
    channelBefore = channel;
    endpointBefore = channel.replace(NUMBERED[driverOf(channel)] ?? NUMBERED_OTHERWISE, '');
  }
  [lastChannel, channelBefore] = [channelBefore, lastChannel];
  [lastEndpoint, endpointBefore] = [endpointBefore, lastEndpoint];
  return lastEndpoint;
}

// The endpoints of a row's two channels are asked for several times over.
let [lastChannel, lastEndpoint, channelBefore, endpointBefore] = ['', '', '', ''];

/** What Asterisk before 12 puts about the name of a channel while it is moved: `AsyncGoto/SIP/op-1a<ZOMBIE>`. */
const MOVED = /^(?:AsyncGoto|Transferr?ed|Parked|Bridge|Masq)\/(?=[^/]+\/)|<(?:ZOMBIE|MASQ)>$/g;

/** The name of a channel, also while it is moved. */
export function ownName(channel: string): string {
  const code = channel.charCodeAt(0);
  // Nearly all begin with a driver that is none of these.
  if (!channel.endsWith('>') && !(code === 65 || code === 66 || code === 77 || code === 80 || code === 84))
    return channel;
  return channel.replace(MOVED, '');
}

/**
 * The names by which people may call the endpoint of a channel: of an ISDN channel `DAHDI/i1/0531512345-1a` both
 * `DAHDI/i1/0531512345` and `DAHDI/i1`; of `PJSIP/a-0000001f` the name alone.
 */
export function endpointNames(channel: string): readonly string[] {
  const endpoint = endpointOf(channel);
  if (!BY_GROUP.has(driverOf(channel))) return [endpoint];
  const [driver = '', first, ...rest] = endpoint.split('/');
  return BY_GROUP.has(driver) && rest.length > 0 ? [endpoint, `${driver}/${first}`] : [endpoint];
}

/** The name of the endpoint alone: `PJSIP/L000123-0000001f` is `L000123`; `''` for a channel without technology. */
export function endpointName(channel: string): string {
  const endpoint = endpointOf(channel);
  return endpoint.slice(endpoint.indexOf('/') + 1 || endpoint.length);
}

function driverOf(channel: string): string {
  const slash = channel.indexOf('/');
  return slash < 0 ? '' : channel.slice(0, slash);
}

/** `Local/…` channels exist inside Asterisk only: a pair of them joins two legs, as in forwarding and follow-me. */
export function isLocalChannel(channel: string): boolean {
  return channel.startsWith('Local/');
}

/** The other half of a `Local/…` channel: of `Local/300@x-00000001;1` the one that ends in `;2`. */
export function otherHalf(channel: string): string {
  return channel.endsWith(';1') ? `${channel.slice(0, -1)}2` : `${channel.slice(0, -1)}1`;
}

/** FreeSWITCH's channels: its cdr_csv has a template that looks like Asterisk's file. */
export function isFreeSwitchChannel(channel: string): boolean {
  return /^(?:sofia|loopback|verto|freetdm|portaudio|rtc)\//.test(channel);
}

/** A number as dialled: digits, `+`, `*`, `#` and separators, or a URI with such a user part. */
const numberPattern = /^(?:sips?:|tel:)?\+?[\d*#][\d*#().\- ]*$/i;

export function looksLikeNumber(text: string): boolean {
  return numberPattern.test(text);
}

/** Asterisk keeps 80 bytes of `lastdata`, the last of which ends the text. */
const CUT_LENGTH = 79;

/** What `Dial` sent to the trunk whose channel is `dstchannel`. */
export interface SentNumbers {
  /** Each once, in their order. */
  readonly numbers: readonly string[];
  /** The data ends where Asterisk cuts it, so that another may be missing. */
  readonly isCut: boolean;
}

/**
 * The numbers that `Dial` sent to the trunk of `dstchannel`, from the application's data: `PJSIP/<number>@<trunk>`,
 * `PJSIP/<trunk>/sip:<number>@<host>`, `SIP/<trunk>/<number>`, `DAHDI/g0/<number>`, several joined by `&`, options
 * after a comma. Where the channel's own name has one of several, it is that one.
 */
export function sentOnTrunk(lastdata: string, dstchannel: string): SentNumbers {
  const options = lastdata.indexOf(',');
  const isCut = lastdata.length >= CUT_LENGTH && options < 0;
  const joined = options < 0 ? lastdata : lastdata.slice(0, options);
  // One target is what nearly all rows have: there is nothing to choose.
  if (!isCut && !joined.includes('&')) {
    const number = numberFor(joined, dstchannel);
    return { numbers: number === null ? [] : [number], isCut: false };
  }
  const targets = joined.split('&');
  const numbers = new Set<string>();
  for (const [index, target] of targets.entries()) {
    // Cut within the number's place, it is no number any more.
    if (isCut && index === targets.length - 1 && !target.includes('@')) continue;
    const number = numberFor(target, dstchannel);
    if (number !== null) numbers.add(number);
  }
  const named = dstchannel.split('/').slice(2).join('/');
  const own = [...numbers].filter((number) => named !== '' && endpointOf(dstchannel).endsWith(`/${number}`));
  return { numbers: own.length === 1 ? own : [...numbers], isCut: isCut && own.length === 0 };
}

function numberFor(target: string, dstchannel: string): string | null {
  const parts = target.split('/');
  const [driver = '', first] = parts;
  if (first === undefined || driver !== driverOf(dstchannel)) return null;
  const rest = parts.slice(2);
  const trunk = endpointOf(dstchannel);
  if (BY_GROUP.has(driver)) return rest.length === 0 ? null : numberOrNull(rest.join('/'));
  const at = first.lastIndexOf('@');
  const peer = first.slice(at + 1);
  if (at >= 0 && rest.length === 0) return `${driver}/${peer}` === trunk ? numberOrNull(first.slice(0, at)) : null;
  // IAX2 takes user and password before the peer.
  if (`${driver}/${peer}` !== trunk || rest.length === 0) return null;
  return numberOrNull(rest.join('/').replace(/[@;].*$/, ''));
}

function numberOrNull(text: string): string | null {
  const number = fullyDecoded(text);
  return looksLikeNumber(number) ? number : null;
}

/**
 * Whether an extension that was dialled and a number that was sent are one: the same digits, but for what a dialplan
 * takes away or puts before them (`0` for an outside line, `33` for `0`, `123#`).
 */
export function agrees(extension: string, sent: string): boolean {
  if (extension === sent) return sent !== '';
  const [a, b] = [coreOf(extension), coreOf(sent)];
  if (a === b) return a !== '';
  const [longer, shorter] = a.length > b.length ? [a, b] : [b, a];
  if (shorter.length >= 6) return longer.endsWith(shorter) && longer.length - shorter.length <= 8;
  // A short number keeps at most an outside prefix; a longer one that merely ends with an extension is another.
  return b !== '' && a.endsWith(b) && a.length - b.length <= 2;
}

/** The same of two numbers neither of which is known to be the one that was dialled: whichever has the prefix. */
export function agreeEitherWay(one: string, other: string): boolean {
  return agrees(one, other) || agrees(other, one);
}

/** The digits that tell numbers apart: after a technical prefix, without `+` and the zeros before. */
function coreOf(number: string): string {
  const digits = number.replace(/^(?:sips?:|tel:)/i, '').replace(/[().\- +]/g, '');
  const after = digits.replace(/#+$/, '').replace(/^.*[*#](?=\d)/, '');
  return after.replace(/^0+(?=\d)/, '');
}
