import { quote } from '../canonical/canonical-fields.ts';
import { asJambonzLeg } from './jambonz-call.ts';
import { bad, notACall, type Decoded, type Format } from '../format.ts';
import { parseDocument, readTexts, textAt } from '../reading/parse-document.ts';
import { dialledUser, userOf } from '../reading/sip-address.ts';
import { instantIn, secondsToMs } from '../reading/switch-time.ts';
import { agreedDuration, callTold, type SwitchSettings } from '../call/told-call.ts';

export interface JambonzOptions extends SwitchSettings {
  /** Name of this installation; `jambonz` when not given. */
  readonly switchId?: string;
  /** Fields that name the line, in this order; `from` when not given. */
  readonly lineFrom?: readonly string[];
}

/** Whether a JSON object is one of jambonz' call records. */
export function isJambonzObject(fields: Readonly<Record<string, unknown>>): boolean {
  return ['call_sid', 'attempted_at', 'terminated_at'].every((name) => Object.hasOwn(fields, name));
}

/**
 * jambonz' call records. A call that came from a registered device is its subscriber's; what an application then
 * places for it is the other leg. A call that an application places by itself, or for one that came from a carrier, is
 * nobody's unless a field says whose.
 */
export function createJambonzJson(options: JambonzOptions = {}): Format {
  return {
    id: 'jambonz-json',
    hasLegs: true,
    framing: 'json-documents',
    decode: (buffer, start, end) =>
      readTexts(() => {
        const parsed = parseDocument(buffer, start, end);
        return parsed.kind === 'bad' ? parsed : decodeRecord(parsed.fields, options);
      }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function decodeRecord(fields: Fields, options: JambonzOptions): Decoded {
  if (!isJambonzObject(fields)) {
    return bad('missing-field', "Cannot read the record: it lacks 'call_sid', 'attempted_at' or 'terminated_at'");
  }
  const direction = textAt(fields, 'direction');
  if (direction !== 'inbound' && direction !== 'outbound') {
    return bad('invalid-field', `Cannot read direction: ${quote(direction)} is neither inbound nor outbound`);
  }
  if (textAt(fields, 'trunk') === '') {
    return bad('missing-field', "Cannot tell whether it is a carrier's or a device's: the record has no 'trunk'");
  }
  const isOfDevice = /^(?:device|user)$/.test(textAt(fields, 'trunk'));
  if (direction === 'outbound' && isOfDevice) return notACall('internal');
  const [came, parent] = [textAt(fields, 'sip_callid'), textAt(fields, 'sip_parent_callid')];
  const ids = { switchId: options.switchId ?? 'jambonz', callSid: textAt(fields, 'call_sid') };
  if (direction === 'inbound') {
    const decoded = isOfDevice ? decodeCall(fields, direction, options) : notACall('inbound');
    return asJambonzLeg(decoded, { ...ids, role: isOfDevice ? 'device' : 'carrier', groupId: came });
  }
  const decoded = decodeCall(fields, direction, options);
  return parent === '' ? decoded : asJambonzLeg(decoded, { ...ids, role: 'placed', groupId: parent });
}

/** A record of a call that came from a device, or went to a carrier. */
function decodeCall(fields: Fields, direction: 'inbound' | 'outbound', options: JambonzOptions): Decoded {
  if (fields['answered'] === false || fields['answered'] === 'false') {
    if (!/[1-9]/.test(textAt(fields, 'duration'))) return notACall('unanswered');
    return bad(
      'duration-mismatch',
      `Cannot tell whether it was answered: answered is false, duration ${textAt(fields, 'duration')}`,
    );
  }
  const answered = timeOf(fields, 'answered_at');
  const terminated = timeOf(fields, 'terminated_at');
  if (typeof answered !== 'number') return answered;
  if (typeof terminated !== 'number') return terminated;
  const billedMs = secondsToMs(textAt(fields, 'duration'));
  if (billedMs === null) return bad('invalid-field', `Cannot read duration: ${quote(fields['duration'])} is no number`);
  // The times have milliseconds where the duration is cut to seconds.
  const spanMs = terminated - answered;
  const agreed = agreedDuration(billedMs, spanMs);
  if ('kind' in agreed) return agreed;
  const lineFrom = options.lineFrom ?? (direction === 'inbound' ? ['from'] : []);
  return callTold(
    {
      switchId: options.switchId ?? 'jambonz',
      callId: textAt(fields, 'sip_callid') || textAt(fields, 'call_sid'),
      legId: textAt(fields, 'call_sid'),
      line: userOf(lineFrom.map((name) => textAt(fields, name)).find((value) => value !== '') ?? ''),
      dialled: dialledUser(textAt(fields, 'to')),
      trunk: direction === 'inbound' ? '' : textAt(fields, 'trunk'),
      calling: userOf(textAt(fields, 'from')),
      answeredAt: answered,
      durationMs: agreed.notes.length === 0 ? spanMs : agreed.durationMs,
      notes: agreed.notes,
      sourceIp: direction === 'inbound' ? textAt(fields, 'remote_host') : '',
    },
    options,
  );
}

function timeOf(fields: Fields, name: string) {
  const text = textAt(fields, name);
  return (
    instantIn(text) ?? bad('invalid-field', `Cannot read ${name}: ${quote(fields[name])} is no time in ms, or ISO 8601`)
  );
}
