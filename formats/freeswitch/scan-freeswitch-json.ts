import { ROUNDING_MS } from '../asterisk/asterisk-times.ts';
import { MAX_TEXT_LENGTH } from '../canonical/canonical-fields.ts';
import { writeInstant } from '../canonical/instant-writer.ts';
import { pieceOf } from '../call/byte-writer.ts';
import { isPlainId } from '../call/plain-id.ts';
import { familyPiece, type ScannedLeg } from '../call/scanned-leg.ts';
import { timeFault } from '../call/told-call.ts';
import type { ScanLeg } from '../format.ts';
import { addressIn } from '../reading/ip-address.ts';
import { END_INSTANT, FIRST_INSTANT } from '../reading/iso-instant.ts';
import { NestedJson, wholeNumber } from '../reading/locate-nested-json.ts';
import { DIVERSION, type FreeSwitchSettings, HISTORY_INFO, REFERRED_BY, TIME_VARIABLES } from './freeswitch-leg.ts';
import { FreeSwitchTexts } from './freeswitch-texts.ts';

/** The variables that an ordinary leg to a carrier is read from, but for those that name its line. */
export const VARIABLES = [
  'direction',
  'uuid',
  'call_uuid',
  'channel_name',
  'sip_gateway_name',
  'sip_req_user',
  'sip_from_user',
  'originating_leg_uuid',
  'originator',
  'bridge_uuid',
  'last_bridge_to',
  'signal_bond',
  'other_loopback_leg_uuid',
  'start_uepoch',
  ...TIME_VARIABLES,
  'sip_redirected_by',
  'sip_referred_by_user',
  'start_stamp',
  'sip_from_uri',
  'sip_to_uri',
  'sip_req_uri',
] as const;
type Variable = (typeof VARIABLES)[number];

/** Fields that are no variables: of the document, of its caller profile, and of the originator's. */
const OTHERS = [
  'switchname',
  'username',
  'callerNumber',
  'originatorName',
  'originatorUuid',
  'originatorAddress',
] as const;

const FIELDS = [...VARIABLES, ...OTHERS];
/** The number of each field. */
const AT = Object.fromEntries(FIELDS.map((name, field) => [name, field])) as Readonly<
  Record<Variable | (typeof OTHERS)[number], number>
>;
/** What tells how often values are encoded: read as it stands. */
const AS_WRITTEN: readonly Variable[] = ['start_stamp', 'sip_from_uri', 'sip_to_uri', 'sip_req_uri'];
const URIS = [AT.sip_from_uri, AT.sip_to_uri, AT.sip_req_uri];
const NUMBERS = [AT.answer_epoch, AT.bridge_uepoch, AT.billsec];
const ORIGINATORS = [AT.originating_leg_uuid, AT.originator, AT.originatorUuid];
const BRIDGES = [AT.bridge_uuid, AT.last_bridge_to, AT.signal_bond];
const ALIASES = [AT.username, AT.sip_from_user, AT.callerNumber];

/** A longer document is read the plain way; no text in a shorter one is too long to be read. */
const MOST_BYTES = 16_384;
/** How long all texts that are read may be together. */
const MOST_TEXTS = 4_096;
/** So many variables may name the line: there is room in a leg for each of its texts, as long as may be. */
const MOST_LINE_NAMES = 8;
/** Headers that tell of a diversion or a transfer: a document with one is read the plain way. */
const HEADERS = [HISTORY_INFO, DIVERSION, REFERRED_BY];
const [SHORTEST_HEADER, LONGEST_HEADER] = [15, 18];
const [H, I] = [0x68, 0x69];

function isHeader(bytes: Buffer, start: number, end: number): boolean {
  const length = end - start;
  if (length < SHORTEST_HEADER || length > LONGEST_HEADER) return false;
  const sign = bytes[start + 4]! | 0x20;
  if (sign !== H && sign !== I) return false;
  const names = [bytes.toString('latin1', start, end)];
  return HEADERS.some((header) => header.in(names).length > 0);
}

/**
 * The fast way to an ordinary leg of mod_json_cdr: an answered one, through a gateway to a carrier, to a bare number,
 * that names its line and whose call was neither diverted nor transferred by its own word. For any other document
 * `decodeFreeSwitchLeg` must be asked; of those that it takes, `test/formats/freeswitch/scan-freeswitch-json.test.ts`
 * proves that the bytes are the same.
 *
 * @returns `null` where the settings rule it out
 */
export function scanFreeSwitchLegs(settings: FreeSwitchSettings): ScanLeg | null {
  const { dialPrefixes = [], isExtension, clockAheadMs = 0, billedLeg, lineFrom, isGateway } = settings;
  if (billedLeg !== 'carrier' || dialPrefixes.length > 0 || isExtension !== undefined) return null;
  if (settings.userAgentFrom.length + settings.sourceIpFrom.length > 0 || !Number.isInteger(clockAheadMs)) return null;
  if (lineFrom.length > MOST_LINE_NAMES) return null;
  const variables = new Map<string, number>(VARIABLES.map((name) => [name, AT[name]]));
  for (const name of lineFrom) if (!variables.has(name)) variables.set(name, FIELDS.length + variables.size);
  // A header that names the line may tell of more than the line.
  if (lineFrom.some((name) => isHeader(Buffer.from(name, 'latin1'), 0, name.length))) return null;
  if (AS_WRITTEN.some((name) => lineFrom.includes(name)) || !lineFrom.every(isPlainId)) return null;
  const lines = lineFrom.map((name) => variables.get(name)!);
  const fields = FIELDS.length + variables.size + lineFrom.length;
  const profile = {
    texts: { username: AT.username, caller_id_number: AT.callerNumber },
    objects: {
      originator: {
        firsts: {
          originator_caller_profiles: {
            texts: { username: AT.originatorName, uuid: AT.originatorUuid, network_addr: AT.originatorAddress },
          },
        },
      },
    },
  };
  const shape = {
    texts: { switchname: AT.switchname },
    objects: {
      variables: { texts: Object.fromEntries(variables), isRefused: isHeader },
      app_log: { lists: { applications: { greatest: ['app_stamp'] } } },
    },
    firsts: { callflow: { objects: { caller_profile: profile } } },
  };
  const json = new NestedJson(shape, fields);
  const decoded = [...variables.values()].filter((field) => !AS_WRITTEN.some((name) => AT[name] === field));
  const texts = new FreeSwitchTexts(
    json,
    decoded,
    OTHERS.map((name) => AT[name]),
    MOST_TEXTS,
  );
  let switchOf = settings.switchId === '' ? null : knownSwitch(settings.switchId);
  if (settings.switchId !== '' && switchOf === null) return null;
  /** The gateway met last that leads to a carrier. */
  let lastGateway = pieceOf('');

  const isCarrier = (): boolean => {
    if (texts.isEmpty(AT.sip_gateway_name)) return false;
    if (texts.is(AT.sip_gateway_name, lastGateway)) return true;
    const name = texts.text(AT.sip_gateway_name);
    if (!isGateway(name)) return false;
    lastGateway = pieceOf(name);
    return true;
  };
  const switchNamed = (): KnownSwitch | null => {
    if (settings.switchId !== '') return switchOf;
    if (switchOf === null || !texts.is(AT.switchname, switchOf.piece))
      switchOf = knownSwitch(texts.text(AT.switchname));
    return switchOf;
  };

  return (buffer, start, end, leg) => {
    if (end - start > MOST_BYTES || !json.locate(buffer, start, end)) return false;
    const encodings = encodingsOf(json, buffer);
    if (encodings > 1 || !texts.take(buffer, encodings === 1)) return false;
    if (!texts.is(AT.direction, OUTBOUND) || texts.isEmpty(AT.uuid) || texts.begins(AT.channel_name, LOOPBACK))
      return false;
    if (!texts.isEmpty(AT.sip_redirected_by) || !texts.isEmpty(AT.sip_referred_by_user)) return false;
    if (!texts.isBare(AT.sip_req_user) || !lines.every((field) => texts.isPlainName(field))) return false;
    const line = texts.firstOf(lines) < 0 ? AT.originatorName : texts.firstOf(lines);
    const times = timesOf(texts, json.greatest);
    if (times === null || texts.isEmpty(line)) return false;
    const startedAt = Math.floor(times.answer / 1000) - clockAheadMs;
    const createdAt = times.created === 0 ? null : Math.floor(times.created / 1000) - clockAheadMs;
    if (timeFault(startedAt, times.durationMs, settings) !== null) return false;
    if (createdAt !== null && !(createdAt >= FIRST_INSTANT && createdAt < END_INSTANT)) return false;
    if (!texts.isEmpty(AT.originatorAddress)) {
      const address = texts.text(AT.originatorAddress);
      if (addressIn(address) !== address) return false;
    }
    const known = switchNamed();
    if (known === null || !isCarrier()) return false;
    const originator = texts.firstOf(ORIGINATORS);
    const call = texts.isEmpty(AT.call_uuid) ? AT.uuid : AT.call_uuid;
    const group = call === AT.uuid && originator >= 0 ? originator : call;
    if (known.id.length + texts.length(group) + texts.length(AT.uuid) + 2 > MAX_TEXT_LENGTH) return false;
    leg.begin(FAMILY, known.id, known.piece, texts.text(group));
    leg.isCall = true;
    const said = { group, call, line, originator, startedAt, createdAt, durationMs: Math.round(times.durationMs) };
    writeEvidence(leg, texts, lines, said);
    writeCall(leg, texts, known.callBegin, said);
    return true;
  };
}

interface KnownSwitch {
  readonly id: string;
  readonly piece: Uint8Array;
  /** What begins the canonical form of its calls. */
  readonly callBegin: Uint8Array;
}

function knownSwitch(id: string): KnownSwitch | null {
  if (!isPlainId(id)) return null;
  return { id, piece: pieceOf(id), callBegin: pieceOf(`{"v":1,"switch":"${id}","call":"`) };
}

/** How often the variables are percent-encoded, as the plain reader tells it; 2 stands for more, too. */
function encodingsOf({ starts, ends }: NestedJson, bytes: Buffer): number {
  const written = (field: number): string => bytes.toString('latin1', starts[field], ends[field]);
  if (starts[AT.start_stamp] !== ends[AT.start_stamp]) {
    const stamp = written(AT.start_stamp);
    return stamp.includes('%2520') ? 2 : stamp.includes('%20') ? 1 : 0;
  }
  let encodings = 0;
  for (const field of URIS) {
    if (starts[field] === ends[field]) continue;
    const uri = written(field);
    if (/%2540/i.test(uri)) return 2;
    if (uri.includes('%40')) encodings = 1;
  }
  return encodings;
}

/** Times in µs since the epoch, `created` 0 where nothing tells; `null` where something about them is in doubt. */
function timesOf(texts: FreeSwitchTexts, lastApp: number) {
  for (const field of NUMBERS) if (numberAt(texts, field) < 0) return null;
  const created = numberAt(texts, AT.start_uepoch);
  const answer = numberAt(texts, AT.answer_uepoch);
  const end = numberAt(texts, AT.end_uepoch);
  const micros = numberAt(texts, AT.billusec);
  const ms = numberAt(texts, AT.billmsec);
  if (created < 0 || answer <= 0 || end <= 0 || micros < 0 || ms < 0 || lastApp > end) return null;
  const span = end - answer;
  const billed = texts.isEmpty(AT.billusec) ? (texts.isEmpty(AT.billmsec) ? span : ms * 1000) : micros;
  const durationMs = billed / 1000;
  return Math.abs(span / 1000 - durationMs) <= ROUNDING_MS ? { created, answer, durationMs } : null;
}

function numberAt({ bytes, starts, ends }: FreeSwitchTexts, field: number): number {
  return wholeNumber(bytes, starts[field]!, ends[field]!);
}

/** What a leg comes to: the fields of its texts, and its times, ms. */
interface ScannedSaid {
  readonly group: number;
  readonly call: number;
  readonly line: number;
  /** -1 where it was made for none that is known. */
  readonly originator: number;
  readonly startedAt: number;
  readonly createdAt: number | null;
  readonly durationMs: number;
}

/** The texts of the leg after its switch, as `evidenceOf` of `freeswitch-said.ts` writes what such a leg says. */
function writeEvidence(leg: ScannedLeg, texts: FreeSwitchTexts, lines: readonly number[], said: ScannedSaid): void {
  const writer = leg.texts;
  const groupAt = writer.beginText();
  texts.write(writer, said.group);
  writer.endText(groupAt);
  const legAt = writer.beginText();
  texts.write(writer, AT.uuid);
  writer.endText(legAt);
  const evidenceAt = writer.beginText();
  writer.piece(UUID);
  texts.write(writer, AT.uuid);
  writer.piece(CALL_ID);
  texts.write(writer, said.call);
  writer.piece(ROLE);
  texts.writeNamed(writer, CHANNEL, AT.channel_name);
  writer.piece(DIALLED);
  texts.write(writer, AT.sip_req_user);
  writer.piece(CALLING);
  texts.writeOrNull(writer, callingOf(texts));
  writer.piece(STARTED_AT);
  writer.number(said.startedAt);
  writer.piece(DURATION);
  writer.number(said.durationMs);
  writer.piece(SOURCE_IP);
  texts.writeOrNull(writer, AT.originatorAddress);
  writer.piece(NOTES);
  texts.writeList(writer, NAMES, lines);
  texts.writeList(writer, ALIASES_NAME, ALIASES);
  texts.writeNamed(writer, ORIGINATOR_NAME, AT.originatorName);
  texts.writeNamed(writer, ORIGINATOR, said.originator);
  texts.writeNamed(writer, BRIDGED_TO, texts.firstOf(BRIDGES));
  texts.writeNamed(writer, OTHER_HALF, AT.other_loopback_leg_uuid);
  if (said.createdAt !== null) {
    writer.piece(CREATED_AT);
    writer.number(said.createdAt);
  }
  writer.piece(ANSWERED_AT);
  writer.number(said.startedAt);
  writer.piece(END);
  writer.endText(evidenceAt);
}

function callingOf(texts: FreeSwitchTexts): number {
  return texts.isEmpty(AT.callerNumber) ? AT.sip_from_user : AT.callerNumber;
}

/** The call in canonical form. */
function writeCall(leg: ScannedLeg, texts: FreeSwitchTexts, begin: Uint8Array, said: ScannedSaid): void {
  const writer = leg.call.begin(begin.length + MOST_CALL_PIECES + 4 * texts.total);
  writer.piece(begin);
  texts.write(writer, said.call);
  writer.piece(LEG);
  texts.write(writer, AT.uuid);
  writer.piece(LINE);
  texts.write(writer, said.line);
  writer.piece(TO);
  texts.write(writer, AT.sip_req_user);
  writer.piece(QUOTE);
  texts.writeNamed(writer, FROM, callingOf(texts));
  writer.piece(ANSWERED);
  writeInstant(writer, said.startedAt);
  writer.piece(CALL_DURATION);
  writer.number(said.durationMs);
  texts.writeNamed(writer, IP, AT.originatorAddress);
  writer.piece(END);
  leg.call.finish();
}

const FAMILY = familyPiece('freeswitch');
const [OUTBOUND, LOOPBACK] = [pieceOf('outbound'), pieceOf('loopback/')];
const [UUID, CALL_ID, ROLE] = [pieceOf('{"uuid":"'), pieceOf('","callId":"'), pieceOf('","role":"carrier"')];
const [CHANNEL, DIALLED] = [pieceOf(',"channel":"'), pieceOf(',"call":{"dialled":"')];
const [CALLING, STARTED_AT] = [pieceOf('","calling":'), pieceOf(',"startedAt":')];
const [DURATION, SOURCE_IP] = [pieceOf(',"durationMs":'), pieceOf(',"userAgent":null,"sourceIp":')];
const [NOTES, NAMES, ALIASES_NAME] = [pieceOf(',"notes":[]}'), pieceOf(',"names":['), pieceOf(',"aliases":[')];
const [ORIGINATOR_NAME, ORIGINATOR] = [pieceOf(',"originatorName":"'), pieceOf(',"originator":"')];
const [BRIDGED_TO, OTHER_HALF] = [pieceOf(',"bridgedTo":"'), pieceOf(',"otherHalf":"')];
const [CREATED_AT, ANSWERED_AT, END] = [pieceOf(',"createdAt":'), pieceOf(',"answeredAt":'), pieceOf('}')];
/** Room for the names of fields, the instant and the duration. */
const MOST_CALL_PIECES = 200;
const [LEG, LINE, TO, FROM] = [pieceOf('","leg":"'), pieceOf('","line":"'), pieceOf('","to":"'), pieceOf(',"from":"')];
const [ANSWERED, CALL_DURATION, IP] = [pieceOf(',"answered":"'), pieceOf('","durationMs":'), pieceOf(',"ip":"')];
const QUOTE = pieceOf('"');
