import { quote } from '../canonical/canonical-fields.ts';
import { bad, type Decoded } from '../format.ts';
import { isAddress } from '../reading/ip-address.ts';
import { parseIsoText } from '../reading/iso-instant.ts';
import { registrationTold } from './told-registration.ts';

type Fields = Readonly<Record<string, unknown>>;

const NAMES = ['v', 'line', 'registeredAt', 'expires', 'ua', 'ip', 'contact'];

/** Whether an object is a registration in the canonical form. */
export function isCanonicalRegistration(fields: Fields): boolean {
  return Object.hasOwn(fields, 'registeredAt');
}

/**
 * `{"line":"L1","registeredAt":"2026-11-03T10:15:00Z","expires":3600,"ua":"…","ip":"192.0.2.1","contact":"sip:…"}`;
 * the last three may be left out. `expires` is in seconds, and 0 where the registration ends.
 */
export function decodeCanonicalRegistration(fields: Fields): Decoded {
  const { v = 1, line, registeredAt, expires } = fields;
  if (v !== 1) return bad('unsupported-version', `Cannot read version ${quote(v)}: 1 is known`);
  const unknown = Object.keys(fields).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) return bad('unknown-field', `Cannot read field ${quote(unknown)}: it is not known`);
  const missing = ['line', 'registeredAt', 'expires'].find((name) => fields[name] === undefined);
  if (missing !== undefined) return bad('missing-field', `Cannot read the registration: field '${missing}' is missing`);
  if (typeof line !== 'string') return invalid('line', line, 'a text');
  const at = typeof registeredAt === 'string' ? parseIsoText(registeredAt) : null;
  if (at === null) return invalid('registeredAt', registeredAt, `an instant such as '2026-11-03T10:15:00Z'`);
  if (!Number.isInteger(expires) || Number(expires) < 0 || Number(expires) >= 2 ** 32) {
    return invalid('expires', expires, 'a whole number of seconds');
  }
  const texts: { [name: string]: string } = {};
  for (const name of ['ua', 'ip', 'contact']) {
    const value = fields[name] ?? '';
    if (typeof value !== 'string') return invalid(name, value, 'a text');
    texts[name] = value;
  }
  const { ua = '', ip = '', contact = '' } = texts;
  if (ip !== '' && !isAddress(ip)) return invalid('ip', ip, 'an IPv4 or IPv6 address');
  const expiry = expires === 0 ? 'ended' : { seconds: Number(expires) };
  return registrationTold({ line, contact, userAgent: ua, address: ip, at, expiry });
}

function invalid(name: string, value: unknown, wanted: string): Decoded {
  return bad('invalid-field', `Cannot read ${name}: ${quote(value)} is not ${wanted}`);
}
