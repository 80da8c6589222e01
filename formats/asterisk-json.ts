import { decodeAsteriskLeg, type LegReading } from './asterisk-leg.ts';
import type { AsteriskRow } from './asterisk-row.ts';
import { agreedTimes, readBilledMs, type CallTimes } from './asterisk-times.ts';
import { quote } from './canonical-fields.ts';
import { bad, unmatchedNames, type Decoded, type DecodedBad, type Format } from './format.ts';
import { isAddress } from './ip-address.ts';
import { parseIsoText } from './iso-instant.ts';
import { anyNamePattern } from './name-pattern.ts';
import { parseDocument, readTexts, textAt } from './parse-document.ts';

export interface AsteriskJsonOptions {
  /** Name of this Asterisk; by default the record's `SystemName`, else its `EntityID`. */
  readonly switchId?: string;
  /** Endpoints towards carriers, `*` for any rest: `PJSIP/trunk-*`, `SIP/operator`, `DAHDI/*`. */
  readonly trunks: readonly string[];
  /** Fields, such as CDR variables that the dialplan sets, that name who diverted a call; none by default. */
  readonly diverterFrom?: readonly string[];
  /** CDR variables in which the dialplan keeps the subscriber's user agent and address; none by default. */
  readonly userAgentFrom?: readonly string[];
  readonly sourceIpFrom?: readonly string[];
}

/** A record of cdr_kafka: the row that it shares with Master.csv, and what it says beyond. */
interface KafkaRow extends AsteriskRow {
  /** Any field as text, CDR variables too; `''` where it is absent. */
  field(name: string): string;
}

/**
 * What Asterisk's `cdr_kafka` produces: a JSON object a record, times with their offset. Which leg is the call, and
 * whose, is told as for `Master.csv`. `docs/reference/cdr-formats.md` says how each field is found.
 */
export function createAsteriskJson(options: AsteriskJsonOptions): Format {
  const { switchId = '', diverterFrom = [], userAgentFrom = [], sourceIpFrom = [] } = options;
  const isTrunk = anyNamePattern(options.trunks);
  const reading: LegReading<KafkaRow> = {
    isTrunk,
    switchIdOf: ({ field }) => switchId || field('SystemName') || field('EntityID'),
    identityOf,
    diverterOf: (row) => firstField(row, diverterFrom),
    timesOf,
    evidenceOf: (row) => ({
      userAgent: firstField(row, userAgentFrom) || null,
      sourceIp: addressOrNull(firstField(row, sourceIpFrom)),
    }),
  };
  return {
    id: 'asterisk-json',
    framing: 'json-documents',
    decode: (buffer, start, end) => readTexts(() => decodeRecord(reading, buffer, start, end)),
    unmatched: () => unmatchedNames('trunk', isTrunk.unmatched),
  };
}

function decodeRecord(reading: LegReading<KafkaRow>, buffer: Buffer, start: number, end: number): Decoded {
  const parsed = parseDocument(buffer, start, end);
  if (parsed.kind === 'bad') return parsed;
  const { fields } = parsed;
  const missing = REQUIRED.find((name) => !Object.hasOwn(fields, name));
  if (missing !== undefined) return bad('missing-field', `Cannot read the record: it has no field '${missing}'`);
  const row = rowOf(fields);
  if (row.channel === '') return bad('no-identity', `Cannot identify the leg: the record has no channel`);
  return decodeAsteriskLeg(row, reading);
}

/** cdr_kafka always writes these; a record without one is something else. */
const REQUIRED = ['channel', 'dstchannel', 'start', 'answer', 'end', 'billsec', 'disposition'];

function rowOf(fields: Readonly<Record<string, unknown>>): KafkaRow {
  const field = (name: string): string => textAt(fields, name);
  return {
    accountcode: field('accountcode'),
    src: field('src'),
    dst: field('dst'),
    channel: field('channel'),
    dstchannel: field('dstchannel'),
    lastapp: field('lastapp'),
    lastdata: field('lastdata'),
    start: field('start'),
    answer: field('answer'),
    end: field('end'),
    duration: field('durationsec'),
    billsec: field('billsec'),
    disposition: field('disposition'),
    uniqueid: field('uniqueid'),
    userfield: field('userfield'),
    linkedid: field('linkedid'),
    sequence: field('sequence'),
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
function timesOf(row: AsteriskRow): CallTimes | DecodedBad {
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

/** `2026-11-03T10:15:00.250+0100`: the offset has no colon, which is all that sets it apart from the canonical form. */
function readInstant(name: string, text: string): number | DecodedBad {
  const instant = parseIsoText(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  if (instant !== null) return instant;
  return bad('invalid-field', `Cannot read ${name}: ${quote(text)} is no time such as '2026-11-03T10:15:00.250+0100'`);
}

function firstField({ field }: KafkaRow, names: readonly string[]): string {
  return names.map(field).find((value) => value !== '') ?? '';
}

function addressOrNull(text: string): string | null {
  return isAddress(text) ? text : null;
}
