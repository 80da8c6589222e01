import { MAX_DIVERSIONS, noTexts } from '../canonical/canonical-fields.ts';

/**
 * SIP headers and addresses as switches hand them on: several values in one text, encoded once, twice or not at all.
 * Every format that carries SIP headers reads them here.
 */

/** Decodes percent signs once; text that is not well encoded stays as it is. */
export function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** One escape is the URI's own, one the switch's, one a collector's: more is nonsense. */
const MOST_ENCODINGS = 3;

/** Decodes percent signs until none is left: neither a number nor the name of a line has any. */
export function fullyDecoded(text: string): string {
  let decoded = text;
  if (!text.includes('%')) return text;
  for (let round = 0; round < MOST_ENCODINGS && /%[0-9a-f]{2}/i.test(decoded); round++) {
    const next = percentDecoded(decoded);
    if (next === decoded) return next;
    decoded = next;
  }
  return decoded;
}

/**
 * Values of a header that may stand several times: joined by commas, or in FreeSWITCH's array form `ARRAY::a|:b`, or
 * both. Commas inside `<…>` and quotes do not part them.
 */
export function headerValues(header: string): string[] {
  if (header === '') return [];
  const whole = unpackedHeader(header);
  const list = /^\s*ARRAY::/.test(whole) ? whole.replace(/^\s*ARRAY::/, '').split('|:') : [whole];
  return list.flatMap(commaParted);
}

/**
 * A header that was encoded as a whole, with the signs that part its values, decoded until they show. Where one shows,
 * it is a value alone that is encoded, or a part of it.
 */
function unpackedHeader(header: string): string {
  let whole = header;
  for (let round = 0; round < MOST_ENCODINGS && !/[<>@,:|]/.test(whole); round++) {
    if (!/%(?:25)*(?:3a|3c|40|2c)/i.test(whole)) return whole;
    whole = percentDecoded(whole);
  }
  return whole;
}

function commaParted(header: string): string[] {
  const entries: string[] = [];
  let start = 0;
  // Where a sign is not closed from here on, it is not further on either: each is sought once. It parts values, too.
  const isClosed = { '"': true, '<': true };
  for (let at = 0; at <= header.length; at++) {
    const sign = header[at];
    if (sign === '"' || sign === '<') {
      const close = isClosed[sign] ? header.indexOf(sign === '<' ? '>' : sign, at + 1) : -1;
      isClosed[sign] = close >= 0;
      if (close >= 0) {
        at = close;
        continue;
      }
    } else if (sign !== undefined && sign !== ',') continue;
    entries.push(header.slice(start, at).trim());
    start = at + 1;
  }
  return entries.filter((entry) => entry !== '');
}

const BARE = /^\+?\w*$/;

/**
 * The user part of the URI in a header value: `"A" <sip:+33123456789@host;user=phone>;reason=…` is `+33123456789`;
 * `''` where it has none.
 */
export function userOf(value: string): string {
  // Most are a name or a number without any packing.
  if (BARE.test(value)) return value;
  const isEncoded = !/[@<]/.test(value) && /%(?:25)*(?:3c|40|3a)/i.test(value);
  const text = withoutDisplayName(isEncoded ? fullyDecoded(value) : value);
  const open = text.indexOf('<');
  const close = open < 0 ? -1 : text.indexOf('>', open);
  const uri = (close < 0 ? text : text.slice(open + 1, close)).trimStart();
  const scheme = /^(?:sips?|tel):/i.exec(uri)?.[0] ?? '';
  const rest = uri.slice(scheme.length);
  const user = /^([^@;>\s]*)/.exec(rest)?.[1] ?? '';
  const hasHost = rest[user.length] === '@';
  // `sip:pbx.example:5060` has a host and no user.
  if (/^sips?:$/i.test(scheme) && !hasHost && /[.:[]/.test(user)) return '';
  return fullyDecoded(hasHost ? (user.split(':', 1)[0] ?? '') : user);
}

/** A display name in quotes may hold signs that would look like an address. */
function withoutDisplayName(value: string): string {
  const start = value.trimStart();
  if (!start.startsWith('"')) return value;
  for (let at = start.indexOf('"', 1); at >= 0; at = start.indexOf('"', at + 1)) {
    if (start[at - 1] !== '\\') return start.slice(at + 1);
  }
  return value;
}

/**
 * A number as it was dialled, out of its packing: the user of a URI, escapes decoded, without the `#` that ends
 * dialling. A service code, `*21#`, keeps its `#`; a display name or host that is no number stays what it is.
 */
export function dialledUser(text: string): string {
  if (BARE.test(text)) return text;
  // Whose local number it is must not get lost: the numbering plan reads such an address itself.
  if (/;phone-context=/i.test(text)) return text;
  const isPacked = /[@<]|^\s*(?:sips?|tel):|%(?:25)*(?:40|3c)/i.test(text);
  const user = isPacked ? userOf(text) : fullyDecoded(text);
  return user.replace(DIALLING_END, '$1');
}

const DIALLING_END = /^((?:[*#]31#)?\+?\d[\d().\- ]*)#+$/;

/** What says who diverted a call; each text as the switch has it, `''` where it is absent. */
export interface DiversionHeaders {
  readonly historyInfo: string;
  readonly diversion: string;
  /** A phone that answered 302 on the way to this leg: the last of all. */
  readonly redirectedBy?: string;
}

/**
 * Who diverted a call, oldest first: numbers or user names. History-Info tells the whole path; Diversion (RFC 5806) is
 * newest first; a redirection by the phone itself is last.
 */
export function divertersOf({ historyInfo, diversion, redirectedBy = '' }: DiversionHeaders): readonly string[] {
  if (historyInfo === '' && diversion === '' && redirectedBy === '') return noTexts;
  const history = historyDiverters(historyInfo);
  const diversions = headerValues(diversion).map(userOf).toReversed();
  const redirected = headerValues(redirectedBy).map(userOf);
  const found = [...(history.length > 0 ? history : diversions), ...redirected].filter((user) => user !== '');
  // A phone that forwards to itself, or the same hop told by two headers, is one diversion.
  return found.filter((user, index) => user !== found[index - 1]).slice(-MAX_DIVERSIONS);
}

/**
 * History-Info lists targets in order. One diverted when the next was reached for a cause (`;cause=302` in the next
 * one's URI, RFC 4458), or when it says itself why it was left (`?Reason=SIP%3Bcause%3D302`, RFC 7044).
 */
function historyDiverters(header: string): string[] {
  const entries = headerValues(header);
  const decoded = entries.map(fullyDecoded);
  const isDiverter = (index: number): boolean => {
    const next = decoded[index + 1];
    if (next === undefined) return false;
    return /;cause=\d{3}/i.test(beforeHeaders(next)) || /[?&]Reason=[^>]*cause=/i.test(decoded[index] ?? '');
  };
  return entries.filter((_, index) => isDiverter(index)).map(userOf);
}

/** A URI without its headers, `?Reason=…`, which speak of the hop after it. */
function beforeHeaders(entry: string): string {
  const query = entry.indexOf('?');
  if (query < 0) return entry;
  const close = entry.indexOf('>', query);
  return entry.slice(0, query) + (close < 0 ? '' : entry.slice(close));
}
