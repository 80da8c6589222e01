import { isJsonObject } from '../canonical/canonical-json.ts';
import { quote } from '../canonical/canonical-fields.ts';
import { bad, type Decoded } from '../format.ts';
import { textAt } from '../reading/parse-document.ts';
import { userOf } from '../reading/sip-address.ts';
import { type Expiry, OTHER_EVENT, expiryIn, isBad, registrationTold, timeIn } from './told-registration.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An OpenSIPS event of its user location module, with its parameters. */
interface OpenSipsEvent {
  readonly name: string;
  readonly params: Fields;
}

function openSipsEventOf(fields: Fields): OpenSipsEvent | null {
  const { method, event, params } = fields;
  const name = typeof method === 'string' ? method : typeof event === 'string' ? event : '';
  if (!name.startsWith('E_UL_')) return null;
  return { name, params: isJsonObject(params) ? params : fields };
}

/** Whether an object is an event of OpenSIPS' user location, or a contact of Kamailio's. */
export function isProxyRegistration(fields: Fields): boolean {
  return openSipsEventOf(fields) !== null || isKamailioContact(fields);
}

/** An address of record with a contact or an action: what usrloc tells its peers, or a script sends of one. */
function isKamailioContact(fields: Fields): boolean {
  const has = (...names: string[]): boolean => names.some((name) => Object.hasOwn(fields, name));
  return has('aor') && (has('expires', 'action') || /regist|contact|usrloc/i.test(textAt(fields, 'event')));
}

export function decodeProxyRegistration(fields: Fields): Decoded {
  const event = openSipsEventOf(fields);
  return event === null ? decodeContact(fields, kamailioAction(fields)) : decodeOpenSips(event, fields);
}

type Action = 'kept' | 'ended' | 'all-ended' | 'other';

function decodeOpenSips({ name, params }: OpenSipsEvent, envelope: Fields): Decoded {
  const actions: Readonly<Record<string, Action>> = {
    E_UL_CONTACT_INSERT: 'kept',
    E_UL_CONTACT_UPDATE: 'kept',
    E_UL_CONTACT_DELETE: 'ended',
    E_UL_AOR_DELETE: 'all-ended',
  };
  return decodeContact({ ...envelope, ...params }, actions[name] ?? 'other');
}

/** `action` as usrloc numbers it for its peers (1: kept, 2: removed), or what the name of an event says. */
function kamailioAction(fields: Fields): Action {
  const action = textAt(fields, 'action');
  if (action !== '') return action === '1' ? 'kept' : action === '2' ? 'ended' : 'other';
  const event = textAt(fields, 'event');
  return /expired|delet|remov|unregist/i.test(event) ? 'ended' : 'kept';
}

function decodeContact(fields: Fields, action: Action): Decoded {
  if (action === 'other') return OTHER_EVENT;
  const text = (...names: string[]): string =>
    names.map((name) => textAt(fields, name)).find((one) => one !== '') ?? '';
  const at = timeIn('the time', text('last_modified', 'timestamp', 'time', 'unixtime'));
  if (isBad(at)) return at;
  const expiry = action === 'kept' ? keptUntil(text('expires')) : 'ended';
  if (isBad(expiry)) return expiry;
  return registrationTold({
    line: userOf(text('aor')),
    contact: action === 'all-ended' ? '*' : text('contact', 'c', 'uri', 'address'),
    userAgent: text('user_agent', 'user-agent'),
    address: text('received', 'source_ip', 'src_ip'),
    at,
    expiry,
  });
}

function keptUntil(text: string): Expiry | ReturnType<typeof bad> {
  if (text === '') return bad('missing-field', `Cannot read the contact: ${quote('expires')} is missing`);
  return expiryIn('expires', text);
}
