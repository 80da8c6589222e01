import { isUtf8 } from 'node:buffer';
import { type AccRow, parseAccRow } from './acc-row.ts';
import { quote } from '../canonical/canonical-fields.ts';
import { bad, MAX_RECORD_BYTES, notACall, tooLong, type Decoded, type Format } from '../format.ts';
import { RETURN_WITHIN } from '../reading/headed-row.ts';
import { parseDocument, readTexts, textAt } from '../reading/parse-document.ts';
import {
  decodeCdr,
  decodeTransaction,
  firstField,
  type ProxyOptions,
  readSeconds,
  TALKED_FIELDS,
  transactionIn,
} from './proxy-call.ts';
import { decodeAccounted } from './opensips.ts';
import { scanAccRows } from './scan-acc-row.ts';
import { spanOfLocal } from '../reading/local-clock.ts';
import { readSwitchTime } from '../reading/switch-time.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What Kamailio says of calls as JSON: dialog CDRs, acc_json's records of transactions, and the events that a script
 * sends through evapi.
 */
export function createKamailioJson(options: ProxyOptions): Format {
  return {
    id: 'kamailio-json',
    hasLegs: true,
    framing: 'json-documents',
    decode: (buffer, start, end) => readTexts(() => decodeRecord(buffer, start, end, options)),
  };
}

function decodeRecord(buffer: Buffer, start: number, end: number, options: ProxyOptions): Decoded {
  const parsed = parseDocument(buffer, start, end);
  if (parsed.kind === 'bad') return parsed;
  const { fields } = parsed;
  const event = textAt(fields, 'event');
  const hasDuration = firstField(fields, DURATIONS) !== '';
  if (hasDuration && firstField(fields, ANSWERS) !== '') return decodeAnswered(fields, options);
  if (hasDuration) return decodeDialog(fields, options);
  const transaction = transactionIn(fields);
  if (transaction !== null) return decodeTransaction(transaction, fields, options);
  if (event !== '') return decodeEvent(event, fields);
  return bad('missing-field', "Cannot read the record: it has neither a 'duration' nor a 'method' with its 'sip_code'");
}

const DURATIONS = ['cgr_duration', 'duration', 'ms_duration'];
const ANSWERS = ['cgr_answertime', 'answer_time', 'answertime', 'answered_at', 'connect_time'];

/** An event, or a CDR, that says when the call was answered. */
function decodeAnswered(fields: Fields, options: ProxyOptions): Decoded {
  const name = ANSWERS.find((one) => firstField(fields, [one]) !== '') ?? '';
  const answered = textAt(fields, name);
  if (/^0(?:\.0+)?$/.test(answered)) return notACall('unanswered');
  const ended = firstField(fields, ['end_time']);
  if (ended === '') {
    const durationName = DURATIONS.find((one) => firstField(fields, [one]) !== '') ?? '';
    const seconds = readSeconds(fields, durationName);
    if (typeof seconds !== 'number') return seconds;
    const durationMs = durationName === 'ms_duration' ? seconds / 1000 : seconds;
    return decodeCdr(fields, { begun: [name, answered], durationMs }, options);
  }
  // The CDR's own duration may begin at the INVITE: from the answer to the end is what was talked.
  const clock = options.clock ?? null;
  const from = readSwitchTime(name, answered, clock);
  if ('kind' in from) return from;
  const to = readSwitchTime('end_time', ended, clock);
  if ('kind' in to) return to;
  const { spanMs: durationMs } = spanOfLocal(from, to, 0);
  return decodeCdr(fields, { begun: [name, answered], durationMs }, options);
}

/** A dialog CDR: `start_time`, `end_time`, `duration` with up to six decimals. */
function decodeDialog(fields: Fields, options: ProxyOptions): Decoded {
  const durationMs = readSeconds(fields, 'duration');
  if (typeof durationMs !== 'number') return durationMs;
  const code = textAt(fields, 'sip_code');
  // With cdr_on_failed, dialogs that nobody answered have CDRs too.
  if (durationMs === 0 || /^[3-6]\d\d$/.test(code)) return notACall('unanswered');
  // One that begins at the INVITE needs the INVITE's own row to tell when it was answered.
  const hasRinging = options.durationFrom !== 'answer';
  return decodeCdr(fields, { begun: ['start_time', textAt(fields, 'start_time')], durationMs, hasRinging }, options);
}

/** Events that tell no end of a call. Others may: what is not known waits. */
const EVENTS_BEFORE_THE_END = /auth|start|profile|route|lcr|regist|ring|invite|subject|account|heartbeat|ping/i;

/** Whatever else its name says, such an event may tell the end of a call: `ACCOUNTING_STOP`, `ROUTED_CALL_END`. */
const EVENTS_OF_AN_END = /end|stop|bye|hang|terminat|finish|complete|disconnect|clos|cdr|summary/i;
/** Fields that say how long a call was, under names of the script's own. */
const LENGTHS = /duration|billsec|billed|talk|seconds|length/i;

function decodeEvent(event: string, fields: Fields): Decoded {
  const hasLength = Object.keys(fields).some((name) => LENGTHS.test(name) && Number(textAt(fields, name)) > 0);
  const isBefore = EVENTS_BEFORE_THE_END.test(event) && !EVENTS_OF_AN_END.test(event);
  if (isBefore && !hasLength) return notACall('other-event');
  return bad(
    'missing-field',
    `Cannot read event ${quote(event)}: it says neither when a call was answered nor how long`,
  );
}

/** Kamailio's and OpenSIPS' accounting rows in a flat file (db_flatstore), an answered call being two of them. */
export function createAccRows(options: ProxyOptions): Format {
  const { extraColumns = [] } = options;
  return {
    id: 'kamailio-acc',
    hasLegs: true,
    framing: 'lines',
    decode: (buffer, start, end) =>
      readTexts(() => {
        if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
        const bytes = buffer.subarray(start, end);
        const line = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
        if (line.trimEnd().includes('\r')) return bad('invalid-field', RETURN_WITHIN);
        const row = parseAccRow(line);
        if (row !== null) return decodeAccRow(row, fieldsOf(row, extraColumns), options);
        return bad(
          'column-count',
          `Cannot read the row as method|from_tag|to_tag|callid|code|reason|time: ${quote(line)}`,
        );
      }),
    ...scanAccRows(options),
  };
}

/** OpenSIPS' CDRs (`do_accounting("db", "cdr")`) are rows of the INVITE that say how long the call was, too. */
function decodeAccRow(row: AccRow, fields: Fields, options: ProxyOptions): Decoded {
  const hasDuration = row.kind === 'answer' && row.method === 'INVITE' && firstField(fields, TALKED_FIELDS) !== '';
  return hasDuration
    ? decodeAccounted({ ...fields, callid: row.callId, time: row.time }, options)
    : decodeTransaction(row, fields, options);
}

/** What the script added to a row, by the names that its columns were given. */
function fieldsOf({ extras, fromTag, toTag }: AccRow, names: readonly string[]): Fields {
  const fields: Record<string, string> = { from_tag: fromTag, to_tag: toTag };
  for (const [index, name] of names.entries()) fields[name] = extras[index] ?? '';
  return fields;
}
