import { decodeAsteriskLeg, type LegReader, trunkReader } from './asterisk-leg.ts';
import { localBegin, localTimesOf } from './asterisk-local-times.ts';
import { type AsteriskRow, rowIdentity } from './asterisk-row.ts';
import { agreedTimes, readBilledMs, type CallTimes } from './asterisk-times.ts';
import type { AsteriskJsonOptions } from './asterisk-json-options.ts';
import { scanKafkaLegs } from './scan-asterisk-json.ts';
import { quote } from '../canonical/canonical-fields.ts';
import { bad, notACall, unmatchedNames, type Decoded, type DecodedBad, type Format } from '../format.ts';
import { addressIn } from '../reading/ip-address.ts';
import { parseIsoText } from '../reading/iso-instant.ts';
import { type LocalClock, parseLocalStamp } from '../reading/local-clock.ts';
import { anyNamePattern } from '../reading/name-pattern.ts';
import { parseDocument, readTexts, textAt } from '../reading/parse-document.ts';

/** A record as JSON: the row that it shares with Master.csv, and what it says beyond. */
interface KafkaRow extends AsteriskRow {
  /** It is a row of a table of calls, by the names of its columns. */
  readonly isOfTable: boolean;
  /** Any field as text, CDR variables too; `''` where it is absent. */
  field(name: string): string;
}

/**
 * What Asterisk's `cdr_kafka` produces, a JSON object a record, times with their offset; and the Cdr events of its
 * manager interface as JSON, times by the switch's clock. Which leg is the call, and whose, is told as for
 * `Master.csv`. `docs/reference/cdr-formats.md` says how each field is found.
 */
export function createAsteriskJson(options: AsteriskJsonOptions): Format {
  const { switchId = '', diverterFrom = [], userAgentFrom = [], sourceIpFrom = [] } = options;
  const isTrunk = anyNamePattern(options.trunks);
  const reader: LegReader<KafkaRow> = {
    trunks: trunkReader(options, isTrunk),
    switchIdOf: ({ field }) => switchId || field('SystemName') || field('EntityID'),
    identityOf: (row) => (row.isOfTable ? rowIdentity(row) : identityOf(row)),
    diverterOf: (row) => firstField(row, diverterFrom),
    begunAtOf: (row) => begunAtOf(row, options.clock),
    timesOf: (row) => timesOf(row, options.clock),
    evidenceOf: (row) => ({
      userAgent: firstField(row, userAgentFrom) || null,
      sourceIp: addressIn(firstField(row, sourceIpFrom)) || null,
    }),
  };
  const scanLeg = scanKafkaLegs(options, reader.trunks, REQUIRED);
  return {
    id: 'asterisk-json',
    hasLegs: true,
    framing: 'json-documents',
    decode: (buffer, start, end) => readTexts(() => decodeRecord(reader, buffer, start, end)),
    ...(scanLeg === undefined ? {} : { scanLeg }),
    unmatched: () => unmatchedNames('trunk', isTrunk.unmatched),
  };
}

function decodeRecord(reader: LegReader<KafkaRow>, buffer: Buffer, start: number, end: number): Decoded {
  if (isAroundTable(buffer, start, end)) return notACall('header');
  const parsed = parseDocument(buffer, start, end);
  if (parsed.kind === 'bad') return parsed;
  const { fields } = parsed;
  const isEvent = typeof fields['Event'] === 'string' || Object.hasOwn(fields, 'DestinationChannel');
  if (isEvent && fields['Event'] !== undefined && fields['Event'] !== 'Cdr') return notACall('other-event');
  const isOfTable = !isEvent && Object.hasOwn(fields, 'calldate');
  const named = isEvent ? renamed(fields) : isOfTable ? ofTable(fields) : fields;
  const missing = (isOfTable ? REQUIRED_OF_TABLE : REQUIRED).find((name) => !Object.hasOwn(named, name));
  if (missing !== undefined) return bad('missing-field', `Cannot read the record: it has no field '${missing}'`);
  const row = rowOf(named, isOfTable);
  if (row.channel === '') return bad('no-identity', `Cannot identify the leg: the record has no channel`);
  return decodeAsteriskLeg(row, reader);
}

/** What phpMyAdmin writes before and after the rows of a table that it exports as JSON. */
function isAroundTable(buffer: Buffer, start: number, end: number): boolean {
  if (buffer[start] !== OPEN_BRACE)
    return buffer[start] === CLOSE_BRACE && /^\}\s*\]?$/.test(shortText(buffer, start, end));
  if (TYPE.compare(buffer, start, Math.min(end, start + TYPE.length)) !== 0) return false;
  return /^\{"type":"(?:header|database|table)",(?:[^{}]*\}|[^{}]*"data":)$/.test(shortText(buffer, start, end));
}

const [OPEN_BRACE, CLOSE_BRACE] = [0x7b, 0x7d];
const TYPE = Buffer.from('{"type":');

/** A text of which a longer one is nothing that is looked for. */
function shortText(buffer: Buffer, start: number, end: number): string {
  return buffer.toString('latin1', start, Math.min(end, start + 1_024)).trim();
}

/** cdr_kafka and the manager interface always write these; a record without one is something else. */
const REQUIRED = ['channel', 'dstchannel', 'start', 'answer', 'end', 'billsec', 'disposition'];

/** The same of a row of FreePBX's table, as databases export it as JSON. */
const REQUIRED_OF_TABLE = ['channel', 'dstchannel', 'calldate', 'duration', 'billsec', 'disposition'];

function ofTable(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { ...fields, start: fields['calldate'], durationsec: fields['duration'] };
}

/** What an event of the manager interface calls the columns; fields that its `[mappings]` add have their own names. */
const EVENT_NAMES: Readonly<Record<string, string>> = {
  accountcode: 'accountcode',
  source: 'src',
  destination: 'dst',
  channel: 'channel',
  destinationchannel: 'dstchannel',
  lastapplication: 'lastapp',
  lastdata: 'lastdata',
  starttime: 'start',
  answertime: 'answer',
  endtime: 'end',
  duration: 'durationsec',
  billableseconds: 'billsec',
  disposition: 'disposition',
  uniqueid: 'uniqueid',
  userfield: 'userfield',
  linkedid: 'linkedid',
  sequence: 'sequence',
};

function renamed(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const own = Object.entries(fields).map(([name, value]) => [EVENT_NAMES[name.toLowerCase()] ?? name, value]);
  return { ...fields, ...Object.fromEntries(own) };
}

function rowOf(fields: Readonly<Record<string, unknown>>, isOfTable: boolean): KafkaRow {
  const field = (name: string): string => textAt(fields, name);
  // Column by column: by way of a function of the name, it took four times as long.
  return {
    accountcode: textAt(fields, 'accountcode'),
    src: textAt(fields, 'src'),
    dst: textAt(fields, 'dst'),
    channel: textAt(fields, 'channel'),
    dstchannel: textAt(fields, 'dstchannel'),
    lastapp: textAt(fields, 'lastapp'),
    lastdata: textAt(fields, 'lastdata'),
    start: textAt(fields, 'start'),
    answer: textAt(fields, 'answer'),
    end: textAt(fields, 'end'),
    duration: textAt(fields, 'durationsec'),
    billsec: textAt(fields, 'billsec'),
    disposition: textAt(fields, 'disposition'),
    uniqueid: textAt(fields, 'uniqueid'),
    userfield: textAt(fields, 'userfield'),
    linkedid: textAt(fields, 'linkedid'),
    sequence: textAt(fields, 'sequence'),
    isOfTable,
    field,
  };
}

/**
 * linkedid, uniqueid and sequence name the leg, as for Master.csv. cdr_kafka leaves `uniqueid` out unless it is told
 * otherwise: linkedid and sequence do without, since neither number comes twice while Asterisk runs, and the epoch in
 * linkedid is another one after.
 */
function identityOf({ linkedid, uniqueid, sequence }: AsteriskRow) {
  const callId = linkedid || uniqueid;
  return callId === '' || sequence === '' ? null : { callId, legId: `${uniqueid}#${sequence}` };
}

/** The times have milliseconds where `billsec` was cut to seconds: within rounding, answer to end counts. */
function timesOf(row: KafkaRow, clock: LocalClock | undefined): CallTimes | DecodedBad {
  if (row.isOfTable) return localTimesOf(row, clock ?? null);
  if (clock !== undefined && parseLocalStamp(row.start) !== null) return localTimesOf(row, clock);
  const billedMs = readBilledMs(row.billsec);
  if (typeof billedMs !== 'number') return billedMs;
  const answer = readInstant('answer', row.answer);
  const end = readInstant('end', row.end);
  if (typeof answer !== 'number') return answer;
  if (typeof end !== 'number') return end;
  const spanMs = end - answer;
  const times = agreedTimes(answer, billedMs, spanMs);
  return 'kind' in times || times.notes.length > 0 || spanMs < 0 ? times : { ...times, durationMs: spanMs };
}

function begunAtOf(row: AsteriskRow, clock: LocalClock | undefined): number | null {
  return instantOf(row.start) ?? localBegin(row, clock ?? null);
}

/** An instant that has an offset, in ms since the epoch; `null` where the text is none. */
function instantOf(text: string): number | null {
  return text[10] === ' ' ? null : parseIsoText(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
}

/** `2026-11-03T10:15:00.250+0100`: the offset has no colon, which is all that sets it apart from the canonical form. */
function readInstant(name: string, text: string): number | DecodedBad {
  const instant = instantOf(text);
  if (instant !== null) return instant;
  return bad('invalid-field', `Cannot read ${name}: ${quote(text)} is no time such as '2026-11-03T10:15:00.250+0100'`);
}

function firstField({ field }: KafkaRow, names: readonly string[]): string {
  return names.map(field).find((value) => value !== '') ?? '';
}
