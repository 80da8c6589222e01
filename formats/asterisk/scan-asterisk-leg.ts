import { MAX_TEXT_LENGTH } from '../canonical/canonical-fields.ts';
import { writeInstant } from '../canonical/instant-writer.ts';
import { type ByteWriter, areSameBytes, pieceOf } from '../call/byte-writer.ts';
import { isPlainId } from '../call/plain-id.ts';
import { type ScannedLeg, familyPiece } from '../call/scanned-leg.ts';
import { timeFault } from '../call/told-call.ts';
import { END_INSTANT, FIRST_INSTANT } from '../reading/iso-instant.ts';
import type { TrunkReader } from './asterisk-leg.ts';
import { type AsteriskColumn, columnsWith } from './asterisk-row.ts';

let columns = 0;
/** The columns of a row by their place in `starts` and `ends`. */
export const AT: Readonly<Record<AsteriskColumn, number>> = columnsWith(() => columns++);
/** Where the fields of the row located last lie, by column: printable ASCII without quotes or backslashes. */
export const starts = new Int32Array(columns);
export const ends = new Int32Array(columns);

/** When the row located last began and was answered, ms since the epoch, and how long it was up, ms. */
export const times = { begunAt: NaN, answeredAt: NaN, durationMs: NaN };

/** What the fast way needs to know of the switch. */
export interface ScanSettings {
  readonly switchId: string;
  readonly trunks: TrunkReader;
  /** Reads the times of the row located last into `times`; `false` where something about them is in doubt. */
  readonly readTimes: (bytes: Buffer) => boolean;
}

/** Reads the leg of the row located last in `bytes` into `leg`, where it is an ordinary call; else answers `false`. */
export type ScanAsteriskLeg = (bytes: Buffer, leg: ScannedLeg) => boolean;

/**
 * The fast way to read an ordinary call of Asterisk from its bytes: an answered row of a SIP channel of ours that
 * `Dial` connected to a trunk, whose number is the one that was dialled. For any other row, and with settings that
 * change numbers, `decodeAsteriskLeg` must be asked; of those it takes,
 * `test/formats/asterisk/scan-asterisk-leg.test.ts` proves that the bytes are the same.
 *
 * @returns `null` where the settings rule it out
 */
export function asteriskLegScanner({ switchId, trunks, readTimes }: ScanSettings): ScanAsteriskLeg | null {
  const { isTrunk, settings } = trunks;
  const { dialPrefixes = [], isExtension, clockAheadMs = 0 } = settings;
  if (dialPrefixes.length > 0 || isExtension !== undefined || !Number.isInteger(clockAheadMs)) return null;
  if (!isPlainId(switchId)) return null;
  const switchPiece = pieceOf(switchId);
  const callBegin = pieceOf(`{"v":1,"switch":"${switchId}","call":"`);
  /** The endpoint of the trunk met last, as `PJSIP/op`. */
  let lastTrunk = pieceOf('');
  const isKnownTrunk = (bytes: Buffer, start: number, end: number): boolean => {
    if (areSameBytes(bytes, start, end, lastTrunk, 0, lastTrunk.length)) return true;
    const name = bytes.toString('latin1', start, end);
    if (!isTrunk(name)) return false;
    lastTrunk = pieceOf(name);
    return true;
  };
  return (bytes, leg) => {
    if (!isPiece(bytes, AT.disposition, ANSWERED) || !isPiece(bytes, AT.lastapp, DIAL)) return false;
    const channelAt = starts[AT.channel]!;
    const channelEnd = endpointEnd(bytes, channelAt, ends[AT.channel]!);
    const trunkAt = starts[AT.dstchannel]!;
    const trunkEnd = endpointEnd(bytes, trunkAt, ends[AT.dstchannel]!);
    if (channelEnd < 0 || trunkEnd < 0) return false;
    // The trunks are looked at first: one that fits a record is no mistyped one.
    if (!isKnownTrunk(bytes, trunkAt, trunkEnd) || isTrunk(bytes.toString('latin1', channelAt, channelEnd)))
      return false;
    if (!locateSent(bytes, trunkAt, trunkEnd) || !isNumber(bytes, starts[AT.dst]!, ends[AT.dst]!)) return false;
    if (!agree(bytes, starts[AT.dst]!, ends[AT.dst]!, sentStart, sentEnd)) return false;
    if (!readTimes(bytes)) return false;
    const startedAt = times.answeredAt - clockAheadMs;
    const begunAt = times.begunAt - clockAheadMs;
    const { durationMs } = times;
    if (timeFault(startedAt, durationMs, settings) !== null) return false;
    if (!(begunAt >= FIRST_INSTANT && begunAt < END_INSTANT)) return false;
    const lineAt = isEmpty(AT.accountcode) ? channelAt + nameStart(bytes, channelAt) : starts[AT.accountcode]!;
    const lineEnd = isEmpty(AT.accountcode) ? channelEnd : ends[AT.accountcode]!;
    const lengthOfIds =
      ends[AT.linkedid]! - starts[AT.linkedid]! + ends[AT.uniqueid]! - starts[AT.uniqueid]! + MOST_SEQUENCE;
    if (lineEnd === lineAt || lineEnd - lineAt > MAX_TEXT_LENGTH || lengthOf(AT.src) > MAX_TEXT_LENGTH) return false;
    if (isEmpty(AT.linkedid) || isEmpty(AT.sequence) || lengthOf(AT.sequence) > MOST_SEQUENCE) return false;
    if (switchId.length + lengthOfIds >= MAX_TEXT_LENGTH || sentEnd - sentStart > MAX_TEXT_LENGTH) return false;

    leg.begin(FAMILY, switchId, switchPiece, bytes.toString('latin1', starts[AT.linkedid], ends[AT.linkedid]));
    leg.isCall = true;
    writeTexts(leg.texts, bytes, begunAt, startedAt, durationMs);
    const most = callBegin.length + MOST_CALL_PIECES + lengthOfIds + lineEnd - lineAt + sentEnd - sentStart;
    const writer = leg.call.begin(most + lengthOf(AT.src));
    writer.piece(callBegin);
    field(writer, bytes, AT.linkedid);
    writer.piece(LEG);
    field(writer, bytes, AT.uniqueid);
    writer.piece(HASH);
    field(writer, bytes, AT.sequence);
    writer.piece(LINE);
    writer.copy(bytes, lineAt, lineEnd);
    writer.piece(TO);
    writer.copy(bytes, sentStart, sentEnd);
    if (!isEmpty(AT.src)) {
      writer.piece(FROM);
      field(writer, bytes, AT.src);
    }
    writer.piece(ANSWERED_AT);
    writeInstant(writer, startedAt);
    writer.piece(DURATION_OF_CALL);
    writer.number(durationMs);
    writer.piece(END);
    leg.call.finish();
    return true;
  };
}

const MOST_SEQUENCE = 32;
/** Room for the names of fields, the instant and the duration. */
const MOST_CALL_PIECES = 200;
const FAMILY = familyPiece('asterisk');
const [ANSWERED, DIAL] = [pieceOf('ANSWERED'), pieceOf('Dial')];
const [LEG, HASH] = [pieceOf('","leg":"'), pieceOf('#')];
const [LINE, TO, FROM] = [pieceOf('","line":"'), pieceOf('","to":"'), pieceOf('","from":"')];
const ANSWERED_AT = pieceOf('","answered":"');
const DURATION_OF_CALL = pieceOf('","durationMs":');
const END = pieceOf('}');

/** The texts of the leg after its switch, as `evidenceOf` of `asterisk-said.ts` writes what such a row says. */
function writeTexts(texts: ByteWriter, bytes: Buffer, begunAt: number, answeredAt: number, durationMs: number): void {
  const groupAt = texts.beginText();
  field(texts, bytes, AT.linkedid);
  texts.endText(groupAt);
  const legAt = texts.beginText();
  field(texts, bytes, AT.uniqueid);
  texts.piece(HASH);
  field(texts, bytes, AT.sequence);
  texts.endText(legAt);
  const evidenceAt = texts.beginText();
  texts.piece(BRACE);
  namedField(texts, bytes, ACCOUNT, AT.accountcode);
  namedField(texts, bytes, SRC, AT.src);
  namedField(texts, bytes, DST, AT.dst);
  texts.piece(CHANNEL);
  field(texts, bytes, AT.channel);
  texts.piece(DSTCHANNEL);
  field(texts, bytes, AT.dstchannel);
  texts.piece(DATA);
  field(texts, bytes, AT.lastdata);
  texts.piece(BILLSEC);
  field(texts, bytes, AT.billsec);
  texts.piece(EXTENSION);
  field(texts, bytes, AT.dst);
  texts.piece(SENT);
  texts.copy(bytes, sentStart, sentEnd);
  texts.piece(BEGUN_AT);
  texts.number(begunAt);
  texts.piece(ANSWERED_SAID);
  texts.number(answeredAt);
  if (durationMs !== 0) {
    texts.piece(DURATION_SAID);
    texts.number(durationMs);
  }
  texts.piece(END);
  texts.endText(evidenceAt);
}

const BRACE = pieceOf('{');
const [ACCOUNT, SRC, DST] = [pieceOf('"account":"'), pieceOf('"src":"'), pieceOf('"dst":"')];
const AFTER_TEXT = pieceOf('",');
const CHANNEL = pieceOf('"channel":"');
const DSTCHANNEL = pieceOf('","dstchannel":"');
const DATA = pieceOf('","app":"Dial","data":"');
const BILLSEC = pieceOf('","disposition":"ANSWERED","billsec":"');
const EXTENSION = pieceOf('","toTrunk":true,"extension":"');
const SENT = pieceOf('","sent":["');
const BEGUN_AT = pieceOf('"],"begunAt":');
const ANSWERED_SAID = pieceOf(',"answeredAt":');
const DURATION_SAID = pieceOf(',"durationMs":');

function field(writer: ByteWriter, bytes: Uint8Array, column: number): void {
  writer.copy(bytes, starts[column]!, ends[column]!);
}

/** A field that is left out where it says nothing. */
function namedField(writer: ByteWriter, bytes: Uint8Array, name: Uint8Array, column: number): void {
  if (isEmpty(column)) return;
  writer.piece(name);
  field(writer, bytes, column);
  writer.piece(AFTER_TEXT);
}

function lengthOf(column: number): number {
  return ends[column]! - starts[column]!;
}

/** Whether the row located last says nothing in a column. */
export function isEmpty(column: number): boolean {
  return ends[column] === starts[column];
}

function isPiece(bytes: Uint8Array, column: number, piece: Uint8Array): boolean {
  return areSameBytes(bytes, starts[column]!, ends[column]!, piece, 0, piece.length);
}

const [P, J, S, I, SLASH, DASH] = [0x50, 0x4a, 0x53, 0x49, 0x2f, 0x2d];

/** How long the driver of a channel of SIP is, with its slash; 0 for a channel of another driver. */
function nameStart(bytes: Uint8Array, at: number): number {
  const isPjsip = bytes[at] === P && bytes[at + 1] === J;
  const sip = isPjsip ? at + 2 : at;
  const isSip = bytes[sip] === S && bytes[sip + 1] === I && bytes[sip + 2] === P && bytes[sip + 3] === SLASH;
  return isSip ? sip + 4 - at : 0;
}

/** Where the endpoint of a channel of SIP ends, before the number of the channel; -1 where it is none, or has none. */
function endpointEnd(bytes: Uint8Array, start: number, end: number): number {
  const driver = nameStart(bytes, start);
  if (driver === 0) return -1;
  let at = end - 1;
  while (at >= start && isHex(bytes[at]!)) at--;
  const digits = end - 1 - at;
  // PJSIP's numbers have eight digits, SIP's four or more.
  return at >= start + driver && bytes[at] === DASH && digits >= (driver === 4 ? 4 : 8) ? at : -1;
}

function isHex(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66) || (code >= 0x41 && code <= 0x46);
}

const [PLUS, ZERO, COMMA, AMPERSAND, AT_SIGN] = [0x2b, 0x30, 0x2c, 0x26, 0x40];
/** Where Asterisk cuts the data of an application: a target may be missing. */
const CUT_LENGTH = 79;
let sentStart = 0;
let sentEnd = 0;

/**
 * Finds the number in the row's data, as `PJSIP/<number>@<trunk>` or `SIP/<trunk>/<number>` and nothing else, of the
 * trunk whose endpoint lies in `[trunkAt, trunkEnd)`.
 */
function locateSent(bytes: Uint8Array, trunkAt: number, trunkEnd: number): boolean {
  const start = starts[AT.lastdata]!;
  let end = ends[AT.lastdata]!;
  const driver = nameStart(bytes, start);
  if (driver === 0 || driver !== nameStart(bytes, trunkAt)) return false;
  let sign = -1;
  let slash = -1;
  let comma = -1;
  for (let at = start + driver; at < end; at++) {
    const code = bytes[at]!;
    if (code === COMMA) {
      comma = at;
      break;
    }
    if (code === AMPERSAND) return false;
    if (code === AT_SIGN) {
      if (sign >= 0) return false;
      sign = at;
    } else if (code === SLASH) {
      if (slash >= 0) return false;
      slash = at;
    }
  }
  if (comma >= 0) end = comma;
  else if (end - start >= CUT_LENGTH) return false;
  if (sign < 0 === slash < 0) return false;
  const peerStart = sign < 0 ? start + driver : sign + 1;
  const peerEnd = sign < 0 ? slash : end;
  sentStart = sign < 0 ? slash + 1 : start + driver;
  sentEnd = sign < 0 ? end : sign;
  return (
    areSameBytes(bytes, peerStart, peerEnd, bytes, trunkAt + driver, trunkEnd) && isNumber(bytes, sentStart, sentEnd)
  );
}

/** Digits, with a `+` before them or not. */
function isNumber(bytes: Uint8Array, start: number, end: number): boolean {
  const from = bytes[start] === PLUS ? start + 1 : start;
  if (from >= end) return false;
  for (let at = from; at < end; at++) if ((bytes[at]! - ZERO) >>> 0 > 9) return false;
  return true;
}

/** `agrees` of two such numbers, the one that was dialled and the one that was sent, where they have six digits. */
function agree(bytes: Uint8Array, aStart: number, aEnd: number, bStart: number, bEnd: number): boolean {
  const aLength = aEnd - coreStart(bytes, aStart, aEnd);
  const bLength = bEnd - coreStart(bytes, bStart, bEnd);
  const shorter = Math.min(aLength, bLength);
  if (shorter < 6 || Math.abs(aLength - bLength) > 8) return false;
  return areSameBytes(bytes, aEnd - shorter, aEnd, bytes, bEnd - shorter, bEnd);
}

function coreStart(bytes: Uint8Array, start: number, end: number): number {
  let at = bytes[start] === PLUS ? start + 1 : start;
  while (at < end - 1 && bytes[at] === ZERO) at++;
  return at;
}
