import type { CdrContent } from '../rater/index.ts';
import { dialledOnTrunk, endpointName, endpointOf, isLocalChannel, looksLikeNumber } from './asterisk-channel.ts';
import type { AsteriskRow } from './asterisk-row.ts';
import type { CallTimes } from './asterisk-times.ts';
import { noTexts, quote } from './canonical-fields.ts';
import { callOf } from './encode-canonical.ts';
import { bad, notACall, type Decoded, type DecodedBad, type DecodingNote, type NotACallReason } from './format.ts';
import { textFault } from './text-fault.ts';

/** What the writers of Asterisk's CDRs say each in their own way. */
export interface LegReading<Row extends AsteriskRow> {
  /** Whether an endpoint leads to a carrier. */
  readonly isTrunk: (endpoint: string) => boolean;
  /** `''` when nothing names the switch. */
  switchIdOf(row: Row): string;
  identityOf(row: Row): { readonly callId: string; readonly legId: string } | null;
  /** Who diverted the call, where the dialplan tells; else `''`. */
  diverterOf(row: Row): string;
  timesOf(row: Row): CallTimes | DecodedBad;
  evidenceOf(row: Row): Pick<CdrContent, 'userAgent' | 'sourceIp'>;
}

/** Asterisk itself keeps 80 to 255 characters of each: a longer field is of no Asterisk. */
const MOST_FIELD_LENGTH = 4_096;

/**
 * Decodes a row with a channel: the answered leg towards a trunk is the call; every other row is none, for a reason.
 */
export function decodeAsteriskLeg<Row extends AsteriskRow>(row: Row, reading: LegReading<Row>): Decoded {
  const { accountcode, src, dst, channel, dstchannel, lastdata, userfield, uniqueid, linkedid } = row;
  const long = [accountcode, src, dst, channel, dstchannel, lastdata, userfield, uniqueid, linkedid].find(
    (field) => field.length > MOST_FIELD_LENGTH,
  );
  if (long !== undefined) return bad('invalid-field', `Cannot read the row: ${quote(long)} is too long`);
  const reason = notACallReason(row, reading.isTrunk);
  return reason === null ? decodeTrunkLeg(row, reading) : notACall(reason);
}

type NameTest = (name: string) => boolean;

function notACallReason(row: AsteriskRow, isTrunk: NameTest): NotACallReason | null {
  const isAnswered = row.disposition === 'ANSWERED';
  if (row.dstchannel === '') return isAnswered ? 'application' : 'unanswered';
  if (!isTrunk(endpointOf(row.dstchannel))) return isTrunk(endpointOf(row.channel)) ? 'inbound' : 'internal';
  if (isAnswered) return null;
  return Number(row.billsec) > 0 ? 'disposition-conflict' : 'unanswered';
}

function decodeTrunkLeg<Row extends AsteriskRow>(row: Row, reading: LegReading<Row>): Decoded {
  const switchId = reading.switchIdOf(row);
  if (switchId === '') return bad('no-identity', 'Cannot identify the leg: nothing names the switch');
  const identity = reading.identityOf(row);
  if (identity === null)
    return bad('no-identity', 'Cannot identify the leg: it lacks the ids that tell it from others');
  const payer = payerOf(row, reading);
  if (payer === null) {
    return bad(
      'no-line',
      `Cannot tell whose call it is: no accountcode, and channel ${quote(row.channel)} is no line's`,
    );
  }
  const times = reading.timesOf(row);
  if ('kind' in times) return times;
  const number = dialledOf(row);
  if (number === null) {
    return bad(
      'no-number',
      `Cannot find the number: neither in dst ${quote(row.dst)} nor in lastdata ${quote(row.lastdata)}`,
    );
  }
  const content: CdrContent = {
    switchId,
    callId: identity.callId,
    legId: identity.legId,
    revision: 0,
    line: payer.line,
    dialled: number.text,
    calling: row.src === '' ? null : row.src,
    startedAt: times.startedAt,
    durationMs: times.durationMs,
    ...reading.evidenceOf(row),
    diversions: payer.diverter === '' ? noTexts : [payer.diverter],
    transferredBy: null,
    mobilityUsed: null,
  };
  const fault = textFault(content);
  if (fault !== null) return bad('invalid-field', `Cannot read the row: ${quote(fault)} is too long or no text`);
  return callOf(content, [...times.notes, ...number.notes]);
}

/**
 * The line that pays: the account code, else the endpoint of the calling channel if that is a subscriber's. A leg
 * that comes out of a `Local/` channel or from a trunk was forwarded: its account is the forwarder, and nobody else's
 * name will do.
 */
function payerOf<Row extends AsteriskRow>(row: Row, { isTrunk, diverterOf }: LegReading<Row>) {
  const isForwarded = isLocalChannel(row.channel) || isTrunk(endpointOf(row.channel));
  const diverter = diverterOf(row) || (isForwarded ? row.accountcode : '');
  const line = row.accountcode || (isForwarded ? diverter : endpointName(row.channel));
  return line === '' ? null : { line, diverter };
}

/**
 * What was sent to the trunk, for that is what the carrier bills: from the dial data; else the extension, which still
 * has the digits that the dialplan strips.
 */
function dialledOf(row: AsteriskRow): { readonly text: string; readonly notes: readonly DecodingNote[] } | null {
  const sent = row.lastapp === 'Dial' ? dialledOnTrunk(row.lastdata, row.dstchannel) : null;
  if (sent !== null && sent !== 'truncated') return { text: sent, notes: [] };
  if (!looksLikeNumber(row.dst)) return null;
  return { text: row.dst, notes: sent === 'truncated' ? ['truncated-field'] : [] };
}
