import { isUtf8 } from 'node:buffer';
import { isJsonObject } from '../canonical/canonical-json.ts';
import { quote } from '../canonical/canonical-fields.ts';
import { bad, MAX_RECORD_BYTES, notACall, tooLong, type Decoded, type Format } from '../format.ts';
import { parseDocument, readTexts, textAt } from '../reading/parse-document.ts';
import {
  decodeCdr,
  decodeTransaction,
  firstField,
  type ProxyOptions,
  readSeconds,
  transactionIn,
} from './proxy-call.ts';

type Fields = Readonly<Record<string, unknown>>;

/** OpenSIPS' events and CDRs as JSON: a JSON-RPC notification, as event_kafka sends it, or its fields alone. */
export function createOpenSipsJson(options: ProxyOptions): Format {
  return {
    id: 'opensips-json',
    hasLegs: true,
    framing: 'json-documents',
    decode: (buffer, start, end) =>
      readTexts(() => {
        const parsed = parseDocument(buffer, start, end);
        return parsed.kind === 'bad' ? parsed : decodeJson(parsed.fields, options);
      }),
  };
}

function decodeJson(fields: Fields, options: ProxyOptions): Decoded {
  const given = Object.hasOwn(fields, 'params') ? fields['params'] : undefined;
  // By JSON-RPC the names may stand in the one element of a list.
  const params: unknown = Array.isArray(given) && given.length === 1 && isJsonObject(given[0]) ? given[0] : given;
  const isNotification = isJsonObject(params) || Array.isArray(params);
  const event = isNotification ? textAt(fields, 'method') : firstField(fields, ['event', 'event_name']);
  if (!isNotification) return decodeFields(event, fields, options);
  if (isJsonObject(params)) return decodeFields(event, params, options);
  return bad('invalid-field', `Cannot read event ${quote(event)}: its params are a list, without names`);
}

/** OpenSIPS' events as text (event_datagram): the event's name, then `name::value` lines, a blank line after each. */
export function createOpenSipsEvent(options: ProxyOptions): Format {
  return {
    id: 'opensips-event',
    hasLegs: true,
    framing: 'text-blocks',
    decode: (buffer, start, end) => readTexts(() => decodeText(buffer, start, end, options)),
  };
}

function decodeText(buffer: Buffer, start: number, end: number, options: ProxyOptions): Decoded {
  if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
  if (!isUtf8(buffer.subarray(start, end))) return bad('invalid-utf8', 'Cannot read the event: it is not UTF-8');
  const [event = '', ...lines] = buffer.toString('utf8', start, end).split(/\r?\n/, MOST_LINES);
  if (!/^E_\w+$/.test(event.trim())) {
    return bad('missing-field', `Cannot read the event: ${quote(event)} is no name such as 'E_ACC_CDR'`);
  }
  const fields: Record<string, string> = {};
  for (const line of lines) {
    const at = line.indexOf('::');
    if (at > 0) {
      const [name, value] = [line.slice(0, at), line.slice(at + 2).trim()];
      // A header that stands several times has several values.
      fields[name] = Object.hasOwn(fields, name) && fields[name] !== '' ? `${fields[name]}, ${value}` : value;
    } else if (line.trim() !== '') return bad('invalid-field', `Cannot read line ${quote(line)}: it is no name::value`);
  }
  return decodeFields(event.trim(), fields, options);
}

const MOST_LINES = 10_000;

function decodeFields(event: string, fields: Fields, options: ProxyOptions): Decoded {
  switch (event) {
    case 'E_ACC_MISSED_EVENT':
      if (!/^2\d\d$/.test(textAt(fields, 'sip_code'))) return notACall('unanswered');
      return bad('contradiction', 'Cannot tell whether it was answered: a missed call with sip_code 200');
    case 'E_ACC_EVENT': {
      const transaction = transactionIn(fields);
      if (transaction !== null) return decodeTransaction(transaction, fields, options);
      return bad('missing-field', "Cannot read the event: it lacks 'method', 'callid' or 'sip_code'");
    }
    case 'E_ACC_CDR':
      return decodeAccounted(fields, options);
    case '':
      return firstField(fields, ['duration', 'ms_duration']) === ''
        ? decodeNameless(fields, options)
        : decodeAccounted(fields, options);
    default:
      // Of dialogs, registrations, gateways: the acc module alone accounts calls, and says how long they were.
      return event.startsWith('E_') && firstField(fields, ['duration', 'ms_duration']) === ''
        ? notACall('other-event')
        : bad('invalid-field', `Cannot read event ${quote(event)}: it is none of the acc module's that is known`);
  }
}

function decodeNameless(fields: Fields, options: ProxyOptions): Decoded {
  const transaction = transactionIn(fields);
  if (transaction !== null) return decodeTransaction(transaction, fields, options);
  return bad('missing-field', "Cannot read the record: it has no 'duration', and is no transaction's");
}

/** A CDR: `time` is when the call was set up, `duration` and `ms_duration` are talk time, `setuptime` is apart. */
export function decodeAccounted(fields: Fields, options: ProxyOptions): Decoded {
  const code = textAt(fields, 'sip_code');
  const seconds = readSeconds(fields, textAt(fields, 'ms_duration') === '' ? 'duration' : 'ms_duration');
  if (typeof seconds !== 'number') return seconds;
  if (/^[3-6]\d\d$/.test(code)) {
    if (seconds === 0) return notACall('unanswered');
    return bad('contradiction', `Cannot tell whether it was answered: sip_code is ${code}, and its duration is not 0`);
  }
  const durationMs = textAt(fields, 'ms_duration') === '' ? seconds : seconds / 1000;
  return decodeCdr(fields, { begun: ['time', textAt(fields, 'time')], durationMs }, options);
}
