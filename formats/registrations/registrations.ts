import { duplicateKey } from '../canonical/canonical-json.ts';
import { quote } from '../canonical/canonical-fields.ts';
import { bad, type Decoded, type Format } from '../format.ts';
import { parseDocument, readTexts } from '../reading/parse-document.ts';
import { decodeAsteriskContact, isAsteriskContact } from './asterisk-registration.ts';
import { decodeCanonicalRegistration, isCanonicalRegistration } from './canonical-registration.ts';
import { decodeFreeSwitchEvent, isFreeSwitchRegistration } from './freeswitch-registration.ts';
import { decodeProxyRegistration, isProxyRegistration } from './proxy-registration.ts';
import { OTHER_EVENT } from './told-registration.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Whether a JSON object tells of a registration, in whatever form. */
export function isRegistrationObject(fields: Fields): boolean {
  return FORMS.some(({ is }) => is(fields));
}

const FORMS: readonly { readonly is: (fields: Fields) => boolean; readonly decode: (fields: Fields) => Decoded }[] = [
  { is: isCanonicalRegistration, decode: decodeCanonicalRegistration },
  { is: isFreeSwitchRegistration, decode: decodeFreeSwitchEvent },
  { is: isAsteriskContact, decode: decodeAsteriskContact },
  { is: isProxyRegistration, decode: decodeProxyRegistration },
];

/** Registrations as JSON documents: each record says by its keys which switch's form it has, so that they may mix. */
export const registrations: Format = {
  id: 'registrations',
  framing: 'json-documents',
  decode: (buffer, start, end) =>
    readTexts(() => {
      const parsed = parseDocument(buffer, start, end);
      if (parsed.kind === 'bad') return parsed;
      const duplicate = repeatedKey(parsed.fields, buffer, start, end);
      if (duplicate !== null) {
        return bad('duplicate-field', `Cannot read the record: field ${quote(duplicate)} stands more than once`);
      }
      return decodeRegistration(parsed.fields);
    }),
};

/** The first key that stands twice. Nearly every record has as many keys as there are colons after quotes. */
function repeatedKey(fields: Fields, buffer: Buffer, start: number, end: number): string | null {
  let pairs = 0;
  let isSpaced = false;
  for (let at = start + 1; at < end; at++) {
    if (buffer[at] !== COLON) continue;
    if (buffer[at - 1] === QUOTE) pairs++;
    else if (buffer[at - 1]! <= SPACE) isSpaced = true;
  }
  const isPlain =
    !isSpaced && pairs === Object.keys(fields).length && !Object.values(fields).some((one) => typeof one === 'object');
  return isPlain ? null : duplicateKey(buffer.toString('utf8', start, end));
}

const COLON = 58;
const QUOTE = 34;
const SPACE = 32;

/** What a JSON object tells of a registration. */
export function decodeRegistration(fields: Fields): Decoded {
  const form = FORMS.find(({ is }) => is(fields));
  if (form !== undefined) return form.decode(fields);
  const event = [fields['Event-Name'], fields['Event'], fields['method'], fields['event']].find(
    (name) => typeof name === 'string',
  );
  // A call that came by the topic of registrations must not get lost among the events that tell nothing.
  if (typeof event === 'string' && /^(?:CHANNEL_|Cdr$|CEL$|E_ACC|E_DLG)/i.test(event)) {
    return bad('invalid-field', `Cannot read event ${quote(event)} as a registration: it tells of a call`);
  }
  if (typeof event === 'string') return OTHER_EVENT;
  const names = Object.keys(fields).slice(0, 8).join(', ');
  return bad('missing-field', `Cannot tell what the record says of a registration: it has ${quote(names)}`);
}
