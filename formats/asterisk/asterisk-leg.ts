import type { CdrContent } from '../../rater/index.ts';
import { asteriskNotACall, type AsteriskLeg, readAsteriskLegs } from './asterisk-call.ts';
import { endpointNames, isFreeSwitchChannel, looksLikeNumber, sentOnTrunk } from './asterisk-channel.ts';
import type { AsteriskRow } from './asterisk-row.ts';
import { type AsteriskSaid, evidenceOf } from './asterisk-said.ts';
import type { CallTimes } from './asterisk-times.ts';
import { MAX_TEXT_LENGTH, quote } from '../canonical/canonical-fields.ts';
import { decodedOf } from '../call/decoded-leg.ts';
import { bad, notACall, type Decoded, type DecodedBad } from '../format.ts';
import type { NamePatterns } from '../reading/name-pattern.ts';
import { prefixesOf, type TrunkPrefix, withoutPrefix } from './trunk-prefixes.ts';

/** What people say of the trunks, for every writer of Asterisk's CDRs. */
export interface TrunkOptions {
  /** Endpoints towards carriers, `*` for any rest: `PJSIP/trunk-*`, `SIP/operator`, `DAHDI/*`. */
  readonly trunks: readonly string[];
  /** What is dialled before a number to get an outside line, which `dst` keeps; `''`: surely nothing. */
  readonly outsidePrefixes?: readonly TrunkPrefix[];
  /** Technical prefixes that a trunk wants before the number, and what they turn into. */
  readonly stripPrefixes?: readonly TrunkPrefix[];
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
  readonly outside: ReturnType<typeof prefixesOf>;
  readonly technical: ReturnType<typeof prefixesOf>;
}

/** @param isTrunk the pattern of `trunks`, which remembers what fitted none */
export function trunkReader(options: TrunkOptions, isTrunk: NamePatterns): TrunkReader {
  const { outsidePrefixes = [], stripPrefixes = [] } = options;
  return { isTrunk, outside: prefixesOf(outsidePrefixes), technical: prefixesOf(stripPrefixes) };
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
  const { accountcode, src, dst, channel, dstchannel, lastdata, userfield, uniqueid, linkedid, disposition } = row;
  const long = [accountcode, src, dst, channel, dstchannel, lastdata, userfield, uniqueid, linkedid, disposition].find(
    (field) => field.length > MOST_FIELD_LENGTH,
  );
  if (long !== undefined) return bad('invalid-field', `Cannot read the row: ${quote(long)} is too long`);
  if (isFreeSwitchChannel(channel) || isFreeSwitchChannel(dstchannel)) {
    return bad(
      'invalid-field',
      `Cannot read the row as Asterisk's: channel ${quote(channel)} is FreeSWITCH's, whose cdr_csv has a template ` +
        `'asterisk'`,
    );
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
  const { callId: groupId, legId } = identity;
  const leg = new SaidLeg(switchId, groupId, legId, said);
  const alone = decodedOf(readAsteriskLegs([leg])[0]!);
  return linkedid === '' || !isKeepable(leg) ? alone : { ...alone, leg };
}

/** A leg whose evidence is written once somebody asks for it. */
class SaidLeg implements AsteriskLeg {
  readonly family = 'asterisk';
  readonly switchId: string;
  readonly groupId: string;
  readonly legId: string;
  readonly said: AsteriskSaid;
  #evidence: string | null = null;

  constructor(switchId: string, groupId: string, legId: string, said: AsteriskSaid) {
    this.switchId = switchId;
    this.groupId = groupId;
    this.legId = legId;
    this.said = said;
  }

  get evidence(): string {
    return (this.#evidence ??= evidenceOf(this.said));
  }
}

/** Whether the ledger can keep its texts; what it can't is judged alone, and says so as a call. */
function isKeepable({ switchId, groupId, legId, said }: SaidLeg): boolean {
  const texts = [said.account, said.src, said.dst, said.channel, said.dstchannel, said.app, said.data, said.diverter];
  if (switchId.length + groupId.length + legId.length > MAX_TEXT_LENGTH) return false;
  // Joined, two halves of a character could make a whole one: a text between them keeps them apart.
  const all = [switchId, groupId, legId, ...texts].join(' ');
  return !all.includes('\0') && all.isWellFormed();
}

function saidBy<Row extends AsteriskRow>(row: Row, reader: LegReader<Row>): AsteriskSaid {
  const { isTrunk, outside, technical } = reader.trunks;
  const { channel, dstchannel, dst, lastapp, lastdata, disposition } = row;
  const names = endpointNames(dstchannel);
  const toTrunk = dstchannel !== '' && names.some(isTrunk);
  const technicalPrefixes = toTrunk ? technical(names) : [];
  const outsidePrefixes = toTrunk ? outside(names) : [];
  const sent = toTrunk && lastapp === 'Dial' ? sentOnTrunk(lastdata, dstchannel) : { numbers: [], isCut: false };
  const times = toTrunk && disposition === 'ANSWERED' ? reader.timesOf(row) : NO_TIMES;
  const fault = 'kind' in times ? { reason: times.reason, detail: times.detail } : null;
  const { startedAt, durationMs, notes } = 'kind' in times ? NO_TIMES : times;
  return {
    account: row.accountcode,
    src: row.src,
    dst,
    channel,
    dstchannel,
    app: lastapp,
    data: lastdata,
    disposition,
    billsec: row.billsec,
    fromTrunk: endpointNames(channel).some(isTrunk),
    toTrunk,
    extension:
      toTrunk && looksLikeNumber(dst) ? withoutPrefix(withoutPrefix(dst, outsidePrefixes), technicalPrefixes) : null,
    isPrefixKnown: outsidePrefixes.length > 0,
    sent: [...new Set(sent.numbers.map((number) => withoutPrefix(number, technicalPrefixes)))],
    isCut: sent.isCut,
    begunAt: reader.begunAtOf(row),
    answeredAt: startedAt,
    durationMs,
    notes,
    fault,
    diverter: reader.diverterOf(row),
    ...reader.evidenceOf(row),
  };
}

const NO_TIMES = { startedAt: null, durationMs: 0, notes: [] };
