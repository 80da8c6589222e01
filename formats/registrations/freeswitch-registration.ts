import { bad, type Decoded } from '../format.ts';
import { textAt } from '../reading/parse-document.ts';
import { userOf } from '../reading/sip-address.ts';
import { OTHER_EVENT, expiryIn, isBad, registrationTold, timeIn } from './told-registration.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Whether an object is an event of sofia about a registration. */
export function isFreeSwitchRegistration(fields: Fields): boolean {
  return /^sofia(?:::|%3A%3A)(?:register|unregister|expire)$/i.test(textAt(fields, 'Event-Subclass'));
}

/** FreeSWITCH's `sofia::register`, `sofia::unregister` and `sofia::expire`; other events tell nothing of contacts. */
export function decodeFreeSwitchEvent(fields: Fields): Decoded {
  if (!isFreeSwitchRegistration(fields)) return OTHER_EVENT;
  const text = (...names: string[]): string =>
    names.map((name) => textAt(fields, name)).find((one) => one !== '') ?? '';
  const at = timeIn('Event-Date-Timestamp', text('Event-Date-Timestamp'));
  if (isBad(at)) return at;
  const isEnd = !/register$/i.test(text('Event-Subclass')) || /unregister$/i.test(text('Event-Subclass'));
  const given = text('expires');
  if (!isEnd && given === '') return bad('missing-field', `Cannot read the registration: 'expires' is missing`);
  const expiry = isEnd ? 'ended' : expiryIn('expires', given);
  if (isBad(expiry)) return expiry;
  return registrationTold({
    line: userOf(text('from-user', 'user', 'username')),
    contact: text('contact'),
    userAgent: text('user-agent'),
    address: text('network-ip'),
    at,
    expiry,
  });
}
