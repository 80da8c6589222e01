import { isUtf8 } from 'node:buffer';
import { quote } from '../canonical/canonical-fields.ts';
import { bad, MAX_RECORD_BYTES, notACall, tooLong, type Decoded, type DecodedBad, type Format } from '../format.ts';
import { decodeEventFields } from './freeswitch-event.ts';
import { freeSwitchSettings, type FreeSwitchOptions, type FreeSwitchSettings } from './freeswitch-leg.ts';
import { parseText, readTexts } from '../reading/parse-document.ts';
import { percentDecoded } from '../reading/sip-address.ts';

/**
 * FreeSWITCH events as text: `Name: value` lines with percent-encoded values, a blank line after each event, as the
 * event socket sends them and logs keep them. An event that came over the socket may still be in its envelope,
 * `Content-Type: text/event-plain`. It is read as the same event in JSON.
 */
export function createFreeSwitchText(options: FreeSwitchOptions = {}): Format {
  const settings = freeSwitchSettings(options);
  return {
    id: 'freeswitch-text',
    hasLegs: settings.billedLeg === 'carrier',
    framing: 'text-blocks',
    decode: (buffer, start, end) => readTexts(() => decodeBlock(buffer, start, end, settings)),
    unmatched: settings.unmatched,
  };
}

function decodeBlock(buffer: Buffer, start: number, end: number, settings: FreeSwitchSettings): Decoded {
  if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
  if (!isUtf8(buffer.subarray(start, end))) return bad('invalid-utf8', 'Cannot read the event: it is not UTF-8');
  const block = splitBlock(buffer.toString('utf8', start, end));
  const fields = headersOf(block.headers);
  if (fields === null) return bad('missing-field', `Cannot read the event: no headers in ${quote(block.headers)}`);
  if (Object.hasOwn(fields, 'Event-Name')) return holdsTwo(block.headers) ?? decodeEventFields(fields, settings);
  switch (fields['Content-Type']) {
    case 'text/event-plain': {
      const { headers } = splitBlock(block.body);
      const inner = headersOf(headers);
      // Where the event did not come with its envelope, it follows as a record of its own.
      return inner === null ? notACall('other-event') : (holdsTwo(headers) ?? decodeEventFields(inner, settings));
    }
    case 'text/event-json': {
      if (block.body === '') return notACall('other-event');
      const parsed = parseText(block.body);
      return parsed.kind === 'bad' ? parsed : decodeEventFields(parsed.fields, settings, parsed.text);
    }
    case undefined:
      return bad('missing-field', "Cannot read the event: it has no 'Event-Name'");
    default:
      // What else goes over the socket: `auth/request`, `command/reply`, logs.
      return notACall('other-event');
  }
}

/** Files that were joined may have no blank line between two events: one of them would be read, in silence. */
function holdsTwo(headers: string): DecodedBad | null {
  if ((headers.match(/^Event-Name:/gm)?.length ?? 0) < 2) return null;
  return bad('duplicate-field', 'Cannot read the event: two stand together, without a blank line between them');
}

function splitBlock(text: string): { readonly headers: string; readonly body: string } {
  const blank = /\r?\n\r?\n/.exec(text);
  if (blank === null) return { headers: text, body: '' };
  return { headers: text.slice(0, blank.index), body: text.slice(blank.index + blank[0].length) };
}

/** More headers are of no event. */
const MOST_HEADERS = 10_000;

/** The headers by name, the first of a name that stands twice; `null` where there is none, or a line is no header. */
function headersOf(text: string): Record<string, string> | null {
  const fields: Record<string, string> = {};
  const lines = text.split('\n', MOST_HEADERS);
  let count = 0;
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) {
      if (line.trim() === '') continue;
      return null;
    }
    count++;
    const name = line.slice(0, colon).trim();
    if (!Object.hasOwn(fields, name)) fields[name] = percentDecoded(line.slice(colon + 1).trim());
  }
  return count === 0 ? null : fields;
}
