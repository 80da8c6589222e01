import { isUtf8 } from 'node:buffer';
import type { CdrContent } from '../../rater/index.ts';
import { dialledOnTrunk, endpointName, endpointOf, isLocalChannel, looksLikeNumber } from './asterisk-channel.ts';
import { readAsteriskRow, uniqueidEpoch } from './asterisk-row.ts';
import type { AsteriskRow } from './asterisk-row.ts';
import { MAX_DURATION_MS, MAX_TEXT_LENGTH, noTexts, quote } from './canonical-fields.ts';
import { callOf } from './encode-canonical.ts';
import { bad, MAX_RECORD_BYTES, notACall, tooLong } from './format.ts';
import type { Decoded, DecodedBad, DecodingNote, Format, NotACallReason } from './format.ts';
import { instantsOfLocal, parseLocalStamp } from './local-clock.ts';
import type { LocalClock } from './local-clock.ts';
import { anyNamePattern } from './name-pattern.ts';

export interface AsteriskOptions {
  /** Name of this Asterisk: its ids are unique only within it. */
  readonly switchId: string;
  /** The zone of the file's times; `UTC` with `usegmtime=yes`. */
  readonly clock: LocalClock;
  /** Endpoints towards carriers, `*` for any rest: `PJSIP/trunk-*`, `SIP/operator`, `DAHDI/*`. */
  readonly trunks: readonly string[];
  /** Where the dialplan writes who diverted a call (`Set(CDR(userfield)=${REDIRECTING(from-num)})`); not by default. */
  readonly diverterFrom?: 'userfield';
}

/**
 * Asterisk `Master.csv` (cdr_csv), 16 to 21 columns, no header. The answered leg towards a trunk is the call; every
 * other row is counted by reason. `docs/reference/cdr-formats.md` says how each field is found.
 */
export function createAsteriskCsv(options: AsteriskOptions): Format {
  const isTrunk = anyNamePattern(options.trunks);
  return {
    id: 'asterisk-csv',
    framing: 'lines',
    decode: (buffer, start, end) => decodeLine(options, isTrunk, buffer, start, end),
  };
}

type NameTest = (name: string) => boolean;

function decodeLine(options: AsteriskOptions, isTrunk: NameTest, buffer: Buffer, start: number, end: number): Decoded {
  if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
  const bytes = buffer.subarray(start, end);
  // Caller names in older encodings are common and not kept: the ids and numbers are ASCII in either.
  const line = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
  if (line.includes('\0')) return bad('invalid-field', 'Cannot read the row: it holds a NUL character');
  const row = readAsteriskRow(line);
  if (row === 'broken-quoting') return bad(row, `Cannot read the row: a quote stands amiss in ${quote(line)}`);
  if (row === 'column-count') return bad(row, `Cannot read the row as 16 to 21 columns of Master.csv: ${quote(line)}`);
  // Rows without a channel are left over by broken writers: they name nothing that could have been a call.
  if (row.channel === '') return bad('no-identity', `Cannot identify the leg: the row has no channel: ${quote(line)}`);
  const reason = notACallReason(row, isTrunk);
  return reason === null ? decodeTrunkLeg(row, options, isTrunk) : notACall(reason);
}

function notACallReason(row: AsteriskRow, isTrunk: NameTest): NotACallReason | null {
  const isAnswered = row.disposition === 'ANSWERED';
  if (row.dstchannel === '') return isAnswered ? 'application' : 'unanswered';
  if (!isTrunk(endpointOf(row.dstchannel))) return isTrunk(endpointOf(row.channel)) ? 'inbound' : 'internal';
  if (isAnswered) return null;
  return Number(row.billsec) > 0 ? 'disposition-conflict' : 'unanswered';
}

function decodeTrunkLeg(row: AsteriskRow, options: AsteriskOptions, isTrunk: NameTest): Decoded {
  const identity = identityOf(row);
  if (identity === null) return bad('no-identity', 'Cannot identify the leg: it has no uniqueid and no channel');
  const payer = payerOf(row, options, isTrunk);
  if (payer === null) {
    return bad(
      'no-line',
      `Cannot tell whose call it is: no accountcode, and channel ${quote(row.channel)} is no line's`,
    );
  }
  const times = timesOf(row, options.clock);
  if ('kind' in times) return times;
  const number = dialledOf(row);
  if (number === null) {
    return bad(
      'no-number',
      `Cannot find the number: neither in dst ${quote(row.dst)} nor in lastdata ${quote(row.lastdata)}`,
    );
  }
  const content: CdrContent = {
    switchId: options.switchId,
    callId: identity.callId,
    legId: identity.legId,
    revision: 0,
    line: payer.line,
    dialled: number.text,
    calling: row.src === '' ? null : row.src,
    startedAt: times.startedAt,
    durationMs: times.durationMs,
    userAgent: null,
    sourceIp: null,
    diversions: payer.diverter === '' ? noTexts : [payer.diverter],
    transferredBy: null,
    mobilityUsed: null,
  };
  const tooLongText = [content.callId, content.legId, content.line, content.dialled, row.src].find(
    (text) => text.length > MAX_TEXT_LENGTH,
  );
  if (tooLongText !== undefined) return bad('invalid-field', `Cannot read the row: ${quote(tooLongText)} is too long`);
  return callOf(content, [...times.notes, ...number.notes]);
}

/**
 * linkedid, uniqueid and sequence name the leg. Without a sequence, the channel and the start tell the legs of one
 * uniqueid apart; without a uniqueid, both channels, whose numbers begin anew when Asterisk restarts, and the start.
 */
function identityOf(row: AsteriskRow): { readonly callId: string; readonly legId: string } | null {
  const { uniqueid, linkedid, sequence } = row;
  if (uniqueid !== '' && sequence !== '') return { callId: linkedid || uniqueid, legId: `${uniqueid}#${sequence}` };
  if (uniqueid !== '') return { callId: linkedid || uniqueid, legId: `${row.dstchannel}@${row.start}` };
  // In the wide layouts an empty uniqueid is a fault of the writer; in the narrow ones it was never asked for.
  if (linkedid !== '' || sequence !== '' || row.channel === '' || row.start === '') return null;
  return { callId: `${row.channel}@${row.start}`, legId: row.dstchannel };
}

/**
 * The line that pays: the account code, else the endpoint of the calling channel if that is a subscriber's. A leg that
 * comes out of a `Local/` channel or from a trunk was forwarded: its account is the forwarder, and nobody else's name will do.
 */
function payerOf(row: AsteriskRow, options: AsteriskOptions, isTrunk: NameTest) {
  const isForwarded = isLocalChannel(row.channel) || isTrunk(endpointOf(row.channel));
  const told = options.diverterFrom === 'userfield' ? row.userfield : '';
  const diverter = told || (isForwarded ? row.accountcode : '');
  const line = row.accountcode || (isForwarded ? diverter : endpointName(row.channel));
  return line === '' ? null : { line, diverter };
}

interface CallTimes {
  readonly startedAt: number;
  readonly durationMs: number;
  readonly notes: readonly DecodingNote[];
}

/** Differences between two sources of a duration: up to 1.5 s is rounding, above 5 s one of them is wrong. */
export const ROUNDING_MS = 1_500;
export const MISMATCH_MS = 5_000;

function timesOf(row: AsteriskRow, clock: LocalClock): CallTimes | DecodedBad {
  const billedMs = /^\d{1,9}$/.test(row.billsec) ? Number(row.billsec) * 1000 : NaN;
  if (!(billedMs <= MAX_DURATION_MS)) {
    return bad('invalid-field', `Cannot read billsec: ${quote(row.billsec)} is not a number of seconds up to 7 days`);
  }
  const start = placeTime('start', row.start, clock);
  const answer = placeTime('answer', row.answer, clock);
  const end = placeTime('end', row.end, clock);
  if ('kind' in start) return start;
  if ('kind' in answer) return answer;
  if ('kind' in end) return end;
  // A second of tolerance: the epoch in the id and the start are read from the clock one after the other.
  const createdAt = (uniqueidEpoch(row.uniqueid) ?? -Infinity) - 1000;
  const answeredAt = earliestFrom(answer, earliestFrom(start, createdAt));
  const endedAt = nearest(end, answeredAt + billedMs);
  return agreedTimes(answeredAt, billedMs, endedAt - answeredAt, start.length > 1 || answer.length > 1);
}

/** The instants, one or two, that a local time of the row can mean. */
function placeTime(name: string, text: string, clock: LocalClock): readonly number[] | DecodedBad {
  const local = parseLocalStamp(text);
  if (local === null) {
    return bad('invalid-field', `Cannot read ${name}: ${quote(text)} is no time such as '2026-11-03 10:15:00'`);
  }
  const instants = instantsOfLocal(clock, local);
  if (instants.length > 0) return instants;
  return bad(
    'nonexistent-local-time',
    `Cannot place ${name}: the local clock never reads ${quote(text)} from 2000 to 2060`,
  );
}

function agreedTimes(
  startedAt: number,
  billedMs: number,
  spanMs: number,
  isAmbiguous: boolean,
): CallTimes | DecodedBad {
  const differenceMs = Math.abs(spanMs - billedMs);
  if (differenceMs > MISMATCH_MS) {
    return bad(
      'duration-mismatch',
      `Cannot trust the duration: billsec says ${billedMs} ms, answer to end is ${spanMs} ms`,
    );
  }
  const notes: DecodingNote[] = isAmbiguous ? ['local-time-ambiguous'] : [];
  if (differenceMs <= ROUNDING_MS) return { startedAt, durationMs: billedMs, notes };
  return { startedAt, durationMs: Math.max(0, Math.min(billedMs, spanMs)), notes: [...notes, 'duration-differs'] };
}

function earliestFrom(instants: readonly number[], from: number): number {
  return instants.find((instant) => instant >= from) ?? instants[0] ?? NaN;
}

function nearest(instants: readonly number[], to: number): number {
  return instants.reduce((best, instant) => (Math.abs(instant - to) < Math.abs(best - to) ? instant : best));
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
