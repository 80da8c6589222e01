import { SaidLeg } from '../call/said-leg.ts';
import type { CdrContent } from '../../rater/index.ts';
import { asteriskNotACall, readAsteriskLegs } from './asterisk-call.ts';
import {
  endpointName,
  endpointNames,
  isFreeSwitchChannel,
  looksLikeNumber,
  ownName,
  sentOnTrunk,
} from './asterisk-channel.ts';
import { pairOf } from './asterisk-pairs.ts';
import { type AsteriskRow, uniqueidEpoch } from './asterisk-row.ts';
import { type AsteriskSaid, evidenceOf } from './asterisk-said.ts';
import { type CallTimes, readSecondsMs } from './asterisk-times.ts';
import { MAX_TEXT_LENGTH, quote } from '../canonical/canonical-fields.ts';
import { decodedOf } from '../call/decoded-leg.ts';
import { type DialPrefix, rulesOfTrunk, withoutPrefixes } from '../call/dialled-prefix.ts';
import { type SwitchSettings, timeFault } from '../call/told-call.ts';
import { bad, notACall, type Decoded, type DecodedBad } from '../format.ts';
import type { NamePatterns } from '../reading/name-pattern.ts';
import { dialledUser } from '../reading/sip-address.ts';

/** What people say of the switch and its trunks, for every writer of Asterisk's CDRs. */
export interface TrunkOptions extends SwitchSettings {
  /** Endpoints towards carriers, `*` for any rest: `PJSIP/trunk-*`, `SIP/operator`, `DAHDI/*`. */
  readonly trunks: readonly string[];
}

/** What the writers of Asterisk's CDRs say each in their own way. */
export interface LegReader<Row extends AsteriskRow> {
  readonly trunks: TrunkReader;
  /** `''` when nothing names the switch. */
  switchIdOf(row: Row): string;
  identityOf(row: Row): { readonly callId: string; readonly legId: string } | null;
  /** Who diverted the call, where the dialplan tells; else `''`. */
  diverterOf(row: Row): string;
  /** When the row began; `null` where it says no time that can be read. */
  begunAtOf(row: Row): number | null;
  timesOf(row: Row): CallTimes | DecodedBad;
  evidenceOf(row: Row): Pick<CdrContent, 'userAgent' | 'sourceIp'>;
}

/** The settings of trunks, ready to be asked for each row. */
export interface TrunkReader {
  readonly isTrunk: NamePatterns;
  readonly settings: SwitchSettings;
  /** The rules of `dial-prefix` of the trunk of a channel. */
  rulesOf(dstchannel: string): readonly DialPrefix[];
}

/** @param isTrunk the pattern of `trunks`, which remembers what fitted none */
export function trunkReader(options: TrunkOptions, isTrunk: NamePatterns): TrunkReader {
  const { dialPrefixes = [] } = options;
  if (dialPrefixes.length === 0) return { isTrunk, settings: options, rulesOf: () => dialPrefixes };
  return {
    isTrunk,
    settings: options,
    rulesOf: (channel) => rulesOfTrunk(dialPrefixes, [...endpointNames(channel), endpointName(channel)]),
  };
}

/** Asterisk itself keeps 80 to 255 characters of each: a longer field is of no Asterisk. */
const MOST_FIELD_LENGTH = 4_096;

/** The dispositions that Asterisk writes. */
const DISPOSITIONS: ReadonlySet<string> = new Set(['NO ANSWER', 'FAILED', 'BUSY', 'ANSWERED', 'CONGESTION', 'CANCEL']);

/**
 * Decodes a row with a channel by what it says alone: the answered leg towards a trunk is the call; every other row is
 * none, for a reason. A row that names its call (`linkedid`) comes as a leg of it, too.
 */
export function decodeAsteriskLeg<Row extends AsteriskRow>(row: Row, reader: LegReader<Row>): Decoded {
  const { channel, dstchannel, linkedid, disposition, lastapp } = row;
  const long = tooLongOf(row);
  if (long !== undefined) return bad('invalid-field', `Cannot read the row: ${quote(long)} is too long`);
  if (isFreeSwitchChannel(channel) || isFreeSwitchChannel(dstchannel)) {
    return bad(
      'invalid-field',
      `Cannot read the row as Asterisk's: channel ${quote(channel)} is FreeSWITCH's, whose cdr_csv has a template ` +
        `'asterisk'`,
    );
  }
  if (disposition === 'ANSWERED') {
    const odd = isChannel(channel) ? dstchannel : channel;
    if (odd !== '' && !isChannel(odd)) {
      return bad('invalid-field', `Cannot read the row: ${quote(odd)} is no channel, as where columns are shifted`);
    }
    // No application's name has a slash.
    if (isChannel(lastapp)) {
      return bad(
        'invalid-field',
        `Cannot read the row: ${quote(lastapp)} stands for an application, as where columns are shifted`,
      );
    }
  }
  // The trunks are looked at first: one that fits a record is no mistyped one.
  const said = saidBy(row, reader);
  if (!DISPOSITIONS.has(disposition)) {
    return bad('invalid-field', `Cannot read disposition: ${quote(disposition)} is none that Asterisk writes`);
  }
  const reason = asteriskNotACall(said);
  const switchId = reader.switchIdOf(row);
  const identity = switchId === '' ? null : reader.identityOf(row);
  if (identity === null) {
    if (reason !== null) return notACall(reason);
    const lacking = switchId === '' ? 'nothing names the switch' : 'it lacks the ids that tell it from others';
    return bad('no-identity', `Cannot identify the leg: ${lacking}`);
  }
  const { callId, legId } = identity;
  const pair = linkedid === '' ? pairOf(said, row.uniqueid !== '') : null;
  const leg =
    pair === null
      ? new SaidLeg<'asterisk', AsteriskSaid>(
          'asterisk',
          { switchId, groupId: callId, legId },
          linkedid === '' ? { ...said, isUnlinked: true } : said,
          evidenceOf,
        )
      : new SaidLeg<'asterisk', AsteriskSaid>(
          'asterisk',
          { switchId, groupId: pair, legId: `${callId} ${legId}` },
          { ...said, identity, until: untilOf(row, said) },
          evidenceOf,
        );
  const alone = decodedOf(readAsteriskLegs([leg])[0]!);
  return (linkedid === '' && pair === null) || !isKeepable(leg) ? alone : { ...alone, leg };
}

/** Every channel that is answered has a technology: `PJSIP/200-00000001`. */
function isChannel(text: string): boolean {
  return text.includes('/');
}

/** The first text of a row that is longer than any that Asterisk writes. */
function tooLongOf(row: AsteriskRow): string | undefined {
  const { accountcode, src, dst, channel, dstchannel, lastdata, userfield, uniqueid, linkedid, disposition } = row;
  const some = accountcode.length + src.length + dst.length + channel.length + dstchannel.length + lastdata.length;
  const all = some + userfield.length + uniqueid.length + linkedid.length + disposition.length;
  // Together nearly all are shorter.
  if (all <= MOST_FIELD_LENGTH) return undefined;
  const texts = [accountcode, src, dst, channel, dstchannel, lastdata, userfield, uniqueid, linkedid, disposition];
  return texts.find(({ length }) => length > MOST_FIELD_LENGTH);
}

/** When the row ended, ms since the epoch. */
function untilOf({ duration }: AsteriskRow, { begunAt }: AsteriskSaid): number {
  return (begunAt ?? 0) + (readSecondsMs(duration) || 0);
}

/** Whether the ledger can keep its texts; what it can't is judged alone, and says so as a call. */
function isKeepable({ switchId, groupId, legId, said }: SaidLeg<'asterisk', AsteriskSaid>): boolean {
  if (switchId.length + groupId.length + legId.length > MAX_TEXT_LENGTH) return false;
  if (!isText(switchId) || !isText(groupId) || !isText(legId) || !isText(said.account) || !isText(said.src))
    return false;
  if (!isText(said.dst) || !isText(said.channel) || !isText(said.dstchannel) || !isText(said.app)) return false;
  return isText(said.data) && isText(said.diverter);
}

function isText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

function saidBy<Row extends AsteriskRow>(row: Row, reader: LegReader<Row>): AsteriskSaid {
  const { isTrunk, rulesOf, settings } = reader.trunks;
  const { clockAheadMs = 0, isExtension } = settings;
  const { dst, lastapp, lastdata, disposition } = row;
  const channel = ownName(row.channel);
  const dstchannel = ownName(row.dstchannel);
  const names = endpointNames(dstchannel);
  const toTrunk = dstchannel !== '' && names.some(isTrunk);
  const rules = toTrunk ? rulesOf(dstchannel) : [];
  const sent = toTrunk && lastapp === 'Dial' ? sentOnTrunk(lastdata, dstchannel) : { numbers: [], isCut: false };
  const fromTrunk = endpointNames(channel).some(isTrunk);
  // A row from a trunk may be what goes on of a leg that was called there.
  const read = (toTrunk || fromTrunk) && disposition === 'ANSWERED' ? reader.timesOf(row) : NO_TIMES;
  const times =
    'kind' in read || read.startedAt === null
      ? read
      : (timeFault(read.startedAt - clockAheadMs, read.durationMs, settings) ?? read);
  const fault = 'kind' in times ? { reason: times.reason, detail: times.detail } : null;
  const { startedAt, durationMs, notes } = 'kind' in times ? NO_TIMES : times;
  const dialled = unpacked(dst);
  const extension = toTrunk && looksLikeNumber(dialled) ? withoutPrefixes(rules, dialled) : null;
  const meantNumbers = sent.numbers.map((number) => meant(rules, unpacked(number), dialled));
  const numbers = meantNumbers.length < 2 ? meantNumbers : [...new Set(meantNumbers)];
  const inside = isExtension === undefined ? [] : [...numbers, extension ?? ''].filter(isExtension);
  const begunAt = reader.begunAtOf(row);
  const { userAgent, sourceIp } = reader.evidenceOf(row);
  const said: AsteriskSaid = {
    account: row.accountcode,
    src: row.src,
    dst,
    channel,
    dstchannel,
    app: lastapp,
    data: lastdata,
    disposition,
    billsec: row.billsec,
    fromTrunk,
    toTrunk,
    extension,
    isPrefixKnown: extension !== null && rules.length > 0 && (extension !== dialled || rules.some(isOutsideLines)),
    sent: numbers,
    isCut: sent.isCut,
    begunAt: begunAt === null ? null : begunAt - clockAheadMs,
    answeredAt: startedAt === null ? null : startedAt - clockAheadMs,
    durationMs,
    notes,
    fault,
    diverter: reader.diverterOf(row),
    userAgent,
    sourceIp,
  };
  const madeAt = fromTrunk && row.linkedid === '' ? uniqueidEpoch(row.uniqueid) : null;
  const isMoved = fromTrunk && channel !== row.channel;
  if (inside.length === 0 && madeAt === null && !isMoved) return said;
  return {
    ...said,
    ...(inside.length === 0 ? {} : { inside }),
    ...(madeAt === null ? {} : { madeAt: madeAt - clockAheadMs }),
    ...(isMoved ? { isMoved } : {}),
  };
}

/** Escapes decoded, without the `#` that ends dialling; a URI stays one. */
function unpacked(number: string): string {
  return /^(?:sips?|tel):/i.test(number) ? number : dialledUser(number);
}

/** Whether a rule says what is dialled for an outside line, or that nothing is: a number without it stands as it is. */
function isOutsideLines({ prefix, replacement }: DialPrefix): boolean {
  return replacement === '' && /^\d{0,2}$/.test(prefix);
}

/** The number that was meant, of what was sent: a prefix that the dialplan took off `dst` is not taken off again. */
function meant(rules: readonly DialPrefix[], sent: string, dst: string): string {
  if (rules.length === 0) return sent;
  const taken = dst.endsWith(sent) ? dst.slice(0, dst.length - sent.length) : '';
  return withoutPrefixes(taken === '' ? rules : rules.filter(({ prefix }) => prefix !== taken), sent);
}

const NO_TIMES = { startedAt: null, durationMs: 0, notes: [] };
