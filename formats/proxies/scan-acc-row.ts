import { MAX_TEXT_LENGTH } from '../canonical/canonical-fields.ts';
import { writeInstant } from '../canonical/instant-writer.ts';
import { type ByteWriter, areSameBytes, pieceOf } from '../call/byte-writer.ts';
import { isPlainId } from '../call/plain-id.ts';
import { MOST_SCANNED_BYTES, type ScannedLeg, familyPiece } from '../call/scanned-leg.ts';
import { timeFault } from '../call/told-call.ts';
import type { Format, RecordBytes } from '../format.ts';
import { addressIn } from '../reading/ip-address.ts';
import { END_INSTANT, FIRST_INSTANT } from '../reading/iso-instant.ts';
import { scanLocalStamp } from '../reading/scan-local-stamp.ts';
import { type AccColumns, accColumns } from './acc-columns.ts';
import { HIDDEN, type ProxyOptions } from './proxy-call.ts';

/** The columns that every row has, in their order: method, tags, Call-ID, code, reason, time. */
const [FROM_TAG, TO_TAG, CALL_ID, CODE, TIME, FIXED] = [1, 2, 3, 4, 6, 7];
/** A row of more columns is read the plain way. */
const MOST_COLUMNS = 64;
const starts = new Int32Array(MOST_COLUMNS);
const ends = new Int32Array(MOST_COLUMNS);
/** How many columns the row located last has. */
let count = 0;
/** What the row located last tells: when it was, ms since the epoch. */
let instant = NaN;
let isAnswer = false;
/** Which columns name whom the row of an answer names; -1 for nobody. */
const party = { line: -1, dialled: -1, calling: -1, userAgent: -1, sourceIp: -1 };

/**
 * The fast way to the rows of a flat file, of an answered INVITE and of a BYE, as legs, and to the call of two such
 * rows (`scanPair`). Of the rows that it takes, `test/formats/proxies/scan-acc-row.test.ts` proves that the bytes are
 * those of the plain way. Nothing where the settings rule it out.
 */
export function scanAccRows(options: ProxyOptions): Pick<Format, 'scanLeg' | 'scanPair'> {
  const { switchId, clock = null, clockAheadMs = 0, longestCallMs } = options;
  const columns = accColumns(options);
  if (columns === null || !isPlainId(switchId) || !Number.isInteger(clockAheadMs)) return {};
  if (longestCallMs !== undefined && !Number.isInteger(longestCallMs)) return {};
  const switchPiece = pieceOf(switchId);
  const callBegin = pieceOf(`{"v":1,"switch":"${switchId}","call":"`);
  const longest = pieceOf(longestCallMs === undefined ? '' : `,"longestMs":${longestCallMs}`);
  const settings = longestCallMs === undefined ? {} : { longestCallMs };

  /** Locates a row, and reads what it is; `false` where the plain way must be asked. */
  const read = ({ buffer, start, end }: RecordBytes): boolean => {
    if (end - start > MOST_SCANNED_BYTES || !locate(buffer, start, end) || !readKind(buffer)) return false;
    const names = switchId.length + lengthOf(CALL_ID) + lengthOf(FROM_TAG) + lengthOf(TO_TAG) + MOST_SIGNS;
    if (lengthOf(CALL_ID) === 0 || names > MAX_TEXT_LENGTH) return false;
    const seconds = epochSeconds(buffer);
    const at =
      seconds >= 0 || clock === null ? seconds * 1000 : scanLocalStamp(buffer, starts[TIME]!, ends[TIME]!, clock);
    instant = at - clockAheadMs;
    if (!(instant >= FIRST_INSTANT && instant < END_INSTANT)) return false;
    return !isAnswer || readParties(buffer, columns);
  };

  return {
    scanLeg: (buffer, start, end, leg) => {
      if (!read({ buffer, start, end })) return false;
      leg.begin(FAMILY, switchId, switchPiece, buffer.toString('latin1', starts[CALL_ID], ends[CALL_ID]));
      leg.isCall = false;
      writeTexts(leg.texts, buffer, longest);
      return true;
    },
    scanPair: (first, second, leg) => {
      const isFirst = first.buffer[first.start] === I;
      const [answer, hangup] = isFirst ? [first, second] : [second, first];
      if (!read(hangup) || isAnswer) return null;
      const endedAt = instant;
      const [fromAt, fromEnd, toAt, toEnd] = [starts[FROM_TAG]!, ends[FROM_TAG]!, starts[TO_TAG]!, ends[TO_TAG]!];
      if (!read(answer) || !isAnswer) return null;
      // A row that lacks a tag may be of another dialog: the plain way tells.
      if (lengthOf(FROM_TAG) === 0 || lengthOf(TO_TAG) === 0) return null;
      const isThere =
        isTag(answer.buffer, FROM_TAG, hangup.buffer, fromAt, fromEnd) &&
        isTag(answer.buffer, TO_TAG, hangup.buffer, toAt, toEnd);
      const isBack =
        isTag(answer.buffer, FROM_TAG, hangup.buffer, toAt, toEnd) &&
        isTag(answer.buffer, TO_TAG, hangup.buffer, fromAt, fromEnd);
      const durationMs = endedAt - instant;
      if (!(isThere || isBack) || timeFault(instant, durationMs, settings) !== null) return null;
      if (!writeCall(leg, answer.buffer, callBegin, durationMs)) return null;
      return isFirst ? 'first' : 'second';
    },
  };
}

const FAMILY = familyPiece('proxy');
/** Signs between the ids of a row, and the method. */
const MOST_SIGNS = 16;
const [SPACE, QUOTE, BAR, BACKSLASH, TILDE] = [0x20, 0x22, 0x7c, 0x5c, 0x7e];
const [ZERO, ONE, TWO, FOUR, SIX, I, PLUS] = [0x30, 0x31, 0x32, 0x34, 0x36, 0x49, 0x2b];

/** Finds the fields between bars: printable ASCII without quotes or backslashes. */
function locate(bytes: Uint8Array, start: number, end: number): boolean {
  count = 0;
  let from = start;
  for (let at = start; at < end; at++) {
    const code = bytes[at]!;
    if (code < SPACE || code > TILDE || code === QUOTE || code === BACKSLASH) return false;
    if (code !== BAR) continue;
    if (count === MOST_COLUMNS - 1) return false;
    starts[count] = from;
    ends[count++] = at;
    from = at + 1;
  }
  starts[count] = from;
  ends[count++] = end;
  return count >= FIXED;
}

function lengthOf(column: number): number {
  return ends[column]! - starts[column]!;
}

const [INVITE, BYE] = [pieceOf('INVITE'), pieceOf('BYE')];

/** Whether the row is of an INVITE that was answered, or of a BYE that ended a call. */
function readKind(bytes: Uint8Array): boolean {
  const code = starts[CODE]!;
  if (lengthOf(CODE) !== 3 || bytes[code]! < ONE || bytes[code]! > SIX) return false;
  const [tens, ones] = [bytes[code + 1]! - ZERO, bytes[code + 2]! - ZERO];
  if (tens >>> 0 > 9 || ones >>> 0 > 9) return false;
  if (areSameBytes(bytes, starts[0]!, ends[0]!, INVITE, 0, INVITE.length)) {
    isAnswer = true;
    return bytes[code] === TWO;
  }
  isAnswer = false;
  // One that is asked for its password has ended nothing.
  const isAsked = bytes[code] === FOUR && tens === 0 && (ones === 1 || ones === 7);
  return !isAsked && areSameBytes(bytes, starts[0]!, ends[0]!, BYE, 0, BYE.length);
}

/** The time as seconds since the epoch, in nine or ten digits; -1 where it is something else. */
function epochSeconds(bytes: Uint8Array): number {
  const length = lengthOf(TIME);
  if (length !== 9 && length !== 10) return -1;
  let seconds = 0;
  for (let at = starts[TIME]!; at < ends[TIME]!; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit >>> 0 > 9) return -1;
    seconds = seconds * 10 + digit;
  }
  return seconds;
}

/** Reads whom the row of an answer names, where each is named plainly, as `partiesIn` does. */
function readParties(bytes: Buffer, columns: AccColumns): boolean {
  for (const column of columns.empty) if (!isNothing(bytes, column)) return false;
  party.line = firstOf(bytes, columns.line);
  party.dialled = firstOf(bytes, columns.number);
  party.calling = firstOf(bytes, columns.calling);
  party.userAgent = firstOf(bytes, columns.userAgent);
  party.sourceIp = firstOf(bytes, columns.sourceIp);
  const { line, dialled, calling, sourceIp } = party;
  if (line < 0 || dialled < 0 || !isBare(bytes, line) || !isBare(bytes, dialled)) return false;
  if (isHidden(bytes, line)) return false;
  if (calling >= 0 && !isBare(bytes, calling)) return false;
  if (!columns.called.includes(dialled)) {
    // Whoever was called first sent the call on, unless that is the number itself or the line.
    const called = firstOf(bytes, columns.called);
    if (called >= 0 && !isSame(bytes, called, dialled) && !isSame(bytes, called, line)) return false;
  }
  if (sourceIp < 0) return true;
  const address = bytes.toString('latin1', starts[sourceIp], ends[sourceIp]);
  return addressIn(address) === address;
}

/** The first of some columns that says something; -1 where none does. */
function firstOf(bytes: Buffer, columns: readonly number[]): number {
  for (let at = 0; at < columns.length; at++) if (!isNothing(bytes, columns[at]!)) return columns[at]!;
  return -1;
}

const [NULL, DB_NULL] = [pieceOf('NULL'), pieceOf('<null>')];

/** Whether a column says nothing; the row may not have it. */
function isNothing(bytes: Uint8Array, column: number): boolean {
  if (column >= count) return true;
  const [start, end] = [starts[column]!, ends[column]!];
  if (start === end || areSameBytes(bytes, start, end, NULL, 0, NULL.length)) return true;
  return areSameBytes(bytes, start, end, DB_NULL, 0, DB_NULL.length);
}

/** A name or a number without any packing. */
function isBare(bytes: Uint8Array, column: number): boolean {
  let at = starts[column]!;
  const end = ends[column]!;
  if (bytes[at] === PLUS) at++;
  if (at === end) return false;
  for (; at < end; at++) if (IS_WORD[bytes[at]!] !== 1) return false;
  return true;
}

const IS_WORD = Uint8Array.from({ length: 256 }, (_, code) => (/\w/.test(String.fromCharCode(code)) ? 1 : 0));

/** Whether a caller is not shown: others may name him. Such names begin with a letter, and numbers do not. */
function isHidden(bytes: Buffer, column: number): boolean {
  const start = starts[column]!;
  return IS_LETTER[bytes[start]!] === 1 && HIDDEN.test(bytes.toString('latin1', start, ends[column]));
}

const IS_LETTER = Uint8Array.from({ length: 256 }, (_, code) => (/[a-z]/i.test(String.fromCharCode(code)) ? 1 : 0));

function isSame(bytes: Uint8Array, column: number, other: number): boolean {
  return areSameBytes(bytes, starts[column]!, ends[column]!, bytes, starts[other]!, ends[other]!);
}

function isTag(bytes: Uint8Array, column: number, others: Uint8Array, from: number, to: number): boolean {
  return areSameBytes(bytes, starts[column]!, ends[column]!, others, from, to);
}

/** The texts of the leg after its switch, as `evidenceOf` of `proxy-said.ts` writes what such a row says. */
function writeTexts(texts: ByteWriter, bytes: Buffer, longest: Uint8Array): void {
  const groupAt = texts.beginText();
  field(texts, bytes, CALL_ID);
  texts.endText(groupAt);
  const legAt = texts.beginText();
  if (!isAnswer) texts.piece(BYE_OF);
  writeTags(texts, bytes);
  texts.endText(legAt);
  const evidenceAt = texts.beginText();
  texts.piece(isAnswer ? ANSWER_BEGIN : HANGUP_BEGIN);
  field(texts, bytes, CODE);
  texts.piece(QUOTE_PIECE);
  named(texts, bytes, FROM_TAG_NAME, lengthOf(FROM_TAG) === 0 ? -1 : FROM_TAG);
  named(texts, bytes, TO_TAG_NAME, lengthOf(TO_TAG) === 0 ? -1 : TO_TAG);
  texts.piece(AT);
  texts.number(instant);
  texts.piece(AFTER_LIST);
  texts.piece(longest);
  if (isAnswer) {
    named(texts, bytes, LINE, party.line);
    named(texts, bytes, DIALLED, party.dialled);
    named(texts, bytes, CALLING, party.calling);
    named(texts, bytes, USER_AGENT, party.userAgent);
    named(texts, bytes, SOURCE_IP, party.sourceIp);
  }
  texts.piece(END);
  texts.endText(evidenceAt);
}

const [BYE_OF, SEMICOLON, QUOTE_PIECE, END] = [pieceOf('BYE;'), pieceOf(';'), pieceOf('"'), pieceOf('}')];
const ANSWER_BEGIN = pieceOf('{"kind":"answer","method":"INVITE","code":"');
const HANGUP_BEGIN = pieceOf('{"kind":"hangup","method":"BYE","code":"');
const [FROM_TAG_NAME, TO_TAG_NAME] = [pieceOf(',"fromTag":"'), pieceOf(',"toTag":"')];
const [AT, AFTER_LIST] = [pieceOf(',"at":['), pieceOf(']')];
const [LINE, DIALLED, CALLING] = [pieceOf(',"line":"'), pieceOf(',"dialled":"'), pieceOf(',"calling":"')];
const [USER_AGENT, SOURCE_IP] = [pieceOf(',"userAgent":"'), pieceOf(',"sourceIp":"')];

/** Which direction of a dialog the row is of; nothing where it has no tags. */
function writeTags(writer: ByteWriter, bytes: Uint8Array): void {
  if (lengthOf(FROM_TAG) === 0 && lengthOf(TO_TAG) === 0) return;
  field(writer, bytes, FROM_TAG);
  writer.piece(SEMICOLON);
  field(writer, bytes, TO_TAG);
}

function field(writer: ByteWriter, bytes: Uint8Array, column: number): void {
  writer.copy(bytes, starts[column]!, ends[column]!);
}

/** A field by its name; nothing for column -1. */
function named(writer: ByteWriter, bytes: Uint8Array, name: Uint8Array, column: number): void {
  if (column < 0) return;
  writer.piece(name);
  field(writer, bytes, column);
  writer.piece(QUOTE_PIECE);
}

/** Writes the call of the answer that was read last; `false` where it is none. */
function writeCall(leg: ScannedLeg, bytes: Buffer, begin: Uint8Array, durationMs: number): boolean {
  const { line, dialled, calling, userAgent, sourceIp } = party;
  for (const column of [line, dialled, calling, userAgent]) {
    if (column >= 0 && lengthOf(column) > MAX_TEXT_LENGTH) return false;
  }
  const writer = leg.call.begin(begin.length + ends[count - 1]! - starts[0]! + MOST_CALL_PIECES + 5 * MAX_TEXT_LENGTH);
  writer.piece(begin);
  field(writer, bytes, CALL_ID);
  writer.piece(LEG);
  writeTags(writer, bytes);
  writer.piece(LINE_OF_CALL);
  field(writer, bytes, line);
  writer.piece(TO);
  field(writer, bytes, dialled);
  writer.piece(QUOTE_PIECE);
  named(writer, bytes, FROM, calling);
  writer.piece(ANSWERED);
  writeInstant(writer, instant);
  writer.piece(DURATION);
  writer.number(durationMs);
  named(writer, bytes, UA, userAgent);
  named(writer, bytes, IP, sourceIp);
  writer.piece(OF_TWO_LEGS);
  leg.call.finish();
  leg.isCall = true;
  return true;
}

/** Room for the names of fields, the instant, the duration and the revision. */
const MOST_CALL_PIECES = 240;
const [LEG, LINE_OF_CALL, TO] = [pieceOf('","leg":"'), pieceOf('","line":"'), pieceOf('","to":"')];
const [FROM, ANSWERED, DURATION] = [pieceOf(',"from":"'), pieceOf(',"answered":"'), pieceOf('","durationMs":')];
const [UA, IP] = [pieceOf(',"ua":"'), pieceOf(',"ip":"')];
/** The revision of a call of which two legs are known (`revisionOfReading` in `engine/legs/leg-group.ts`). */
const OF_TWO_LEGS = pieceOf(',"revision":0.000001}');
