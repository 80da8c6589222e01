import { quote } from '../canonical/canonical-fields.ts';
import { bad, type Decoded, type DecodedBad, type LineRegistration, notACall } from '../format.ts';
import { addressIn } from '../reading/ip-address.ts';
import { instantIn } from '../reading/switch-time.ts';

/**
 * What a switch said, as texts; the address with or without scheme, brackets and port:
 * `sip:192.0.2.1:5060;transport=udp`.
 */
export type ToldRegistration = LineRegistration;

/** When a registration ends. */
export type Expiry = LineRegistration['expiry'];

/** A longer text is none of a switch. */
const MOST_TEXT = 1024;
/** 136 years. */
const MOST_SECONDS = 2 ** 32 - 1;

/** A registration as a record tells it, or what is wrong with it. */
export function registrationTold(told: ToldRegistration): Decoded {
  const { line, contact, userAgent, expiry } = told;
  if (line === '') return bad('no-line', 'Cannot tell whose registration it is: no line is named');
  const tooLong = Object.entries({ line, contact, userAgent }).find(([, text]) => text.length > MOST_TEXT);
  if (tooLong !== undefined) {
    const [name, text] = tooLong;
    return bad('invalid-field', `Cannot read ${name}: ${quote(text)} has ${text.length} characters`);
  }
  const { at } = told;
  return {
    kind: 'not-a-call',
    reason: 'registration',
    registration: {
      line: withoutNul(line),
      contact: withoutNul(contact),
      userAgent: withoutNul(userAgent),
      address: addressIn(told.address),
      at,
      expiry,
    },
  };
}

/** The database has no texts with it. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}

/** Seconds as text; where it is an instant, long after any number of seconds, that. */
export function expiryIn(name: string, text: string): Expiry | DecodedBad {
  if (/^\d{1,10}$/.test(text) && Number(text) <= MOST_SECONDS) {
    const number = Number(text);
    if (number >= EARLIEST_EPOCH) return { at: number * 1000 };
    return number === 0 ? 'ended' : { seconds: number };
  }
  const instant = instantIn(text);
  if (instant !== null) return { at: instant };
  return bad('invalid-field', `Cannot read ${name}: ${quote(text)} is no number of seconds, and no instant`);
}

/** In 2001: no registration lasts so many seconds. */
const EARLIEST_EPOCH = 1_000_000_000;

/** The instant of a text; `null` where the record has none. */
export function timeIn(name: string, text: string): number | null | DecodedBad {
  if (text === '') return null;
  return instantIn(text) ?? bad('invalid-field', `Cannot read ${name}: ${quote(text)} is no instant`);
}

export function isBad(value: unknown): value is DecodedBad {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'bad';
}

export const OTHER_EVENT = notACall('other-event');
