import { bad, type Decoded } from '../format.ts';
import { textAt } from '../reading/parse-document.ts';
import { userOf } from '../reading/sip-address.ts';
import { addressIn } from '../reading/ip-address.ts';
import { OTHER_EVENT, expiryIn, isBad, registrationTold, timeIn } from './told-registration.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Whether an object is an event of Asterisk's manager about a contact. */
export function isAsteriskContact(fields: Fields): boolean {
  return /^ContactStatus(?:Detail)?$/i.test(textAt(fields, 'Event') || textAt(fields, 'event'));
}

/**
 * Asterisk's `ContactStatus` and `ContactStatusDetail`. A contact that is unreachable stays registered until it
 * expires: that tells nothing new.
 */
export function decodeAsteriskContact(given: Fields): Decoded {
  const fields = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  const text = (...names: string[]): string =>
    names.map((name) => textAt(fields, name)).find((one) => one !== '') ?? '';
  const at = timeIn('Timestamp', text('timestamp'));
  if (isBad(at)) return at;
  const status = text('contactstatus', 'status').toLowerCase();
  const told = {
    line: userOf(text('aor', 'endpointname')),
    contact: text('uri'),
    userAgent: text('useragent'),
    address: publicAddress(text('viaaddress', 'viaaddr')),
    at,
  };
  if (status === 'removed') return registrationTold({ ...told, expiry: 'ended' });
  if (!['created', 'updated', 'reachable', 'nonqualified', 'unqualified'].includes(status)) return OTHER_EVENT;
  const expires = text('regexpire');
  if (expires === '') {
    // Versions that leave the device out, too, tell that a contact answers, and nothing of where it is.
    if (told.userAgent === '' && told.address === '') return OTHER_EVENT;
    return bad('missing-field', `Cannot read the contact: 'RegExpire' is missing`);
  }
  const expiry = expiryIn('RegExpire', expires);
  return isBad(expiry) ? expiry : registrationTold({ ...told, expiry });
}

/** What a phone says of itself in its Via behind a router is no address that it came from: then nobody knows. */
function publicAddress(text: string): string {
  const address = addressIn(text);
  return /^(?:10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.|^(?:fe80|f[cd]..|::1$)/i.test(address)
    ? ''
    : address;
}
