import type { RefusalCode } from './refusal.ts';

/** What a dialled string says once its packing is off: digits, and how they are to be understood. */
export type Dialled =
  | { readonly kind: 'digits'; readonly form: DialledForm; readonly digits: string }
  | { readonly kind: 'refusal'; readonly reason: RefusalCode };

/**
 * - `international`: after `+` or `00`, digits begin with a country code;
 * - `national`: digits begin with the French trunk 0;
 * - `bare`: neither; a short code, or E.164 without its plus.
 */
export type DialledForm = 'international' | 'national' | 'bare';

/** Longer strings are damage: the longest sound ones are SIP URIs. */
const MAX_DIALLED_LENGTH = 512;

/**
 * Takes a dialled string out of its packing, in the notations that switches, SBCs and people write in France: `tel:`
 * and `sip:` URIs with parameters and host, display names, separators, `+33 (0)`, caller-id service codes, post-dial
 * digits, extensions. Says nothing yet about whether such a number exists.
 */
export function readDialled(dialled: string): Dialled {
  if (/^\+?[0-9]+$/.test(dialled)) return readDigits(dialled);
  if (dialled.length > MAX_DIALLED_LENGTH) return refuse('not-a-number');
  const address = readAddress(dialled);
  if (address.kind === 'refusal') return address;
  const packed = address.user.replace(/[ \t\r\n\f\v\u00a0\u202f\u2007"']/g, '');
  if (packed === '') return refuse('empty-number');
  if (packed.startsWith('-')) return refuse(/^-[0-9.+-]+$/.test(packed) ? 'malformed-number' : 'not-a-number');
  const compact = packed.replace(/[-./]/g, '').replace(OPTIONAL_ZERO, '$1').replace(/[()]/g, '');
  return readDigits(compact.replace(CALLER_ID_SERVICE, '').replace(POST_DIAL, ''));
}

/**
 * `+33 (0)1 …`: the 0 is dialled only without the country code. Italy and San Marino keep their 0 in both, so there
 * the parentheses alone go.
 */
const OPTIONAL_ZERO = /^((?:\+|00)(?!39\(|378\()[1-9]\d{0,2})\(0\)/;

/** Caller-id service codes that stand before the number of one call: the number behind is what is called. */
const CALLER_ID_SERVICE = /^(?:\*31#|#31#)/;

/** Pauses and the tones after them, and extensions: sent once the call is up, so not part of the called number. */
const POST_DIAL = /(?<=[0-9])(?:[,pw][0-9,pw*#]*|(?:ext|poste|x)[0-9]+)$/i;

type Address =
  { readonly kind: 'user'; readonly user: string } | { readonly kind: 'refusal'; readonly reason: RefusalCode };

/** Country codes of the French numbering plan: national numbers are shared between them (Arcep 2006-0509). */
const FRENCH_CONTEXT = /^\+(?:33|590|594|596|262|508)\d*$/;

function readAddress(dialled: string): Address {
  const inner = dialled.includes('<') ? /<([^<>]*)>[^<>]*$/.exec(dialled)?.[1] : dialled;
  if (inner === undefined) return refuse('not-a-number');
  const scheme = /^\s*(?:tel|sips?):/i.exec(inner)?.[0] ?? '';
  const rest = inner.slice(scheme.length);
  const isUri = scheme !== '' || rest.includes('@');
  if (!isUri && !rest.includes(';')) return { kind: 'user', user: rest };
  const user = rest.split('@', 1)[0]?.split(/[;?]/, 1)[0] ?? '';
  if (!rest.includes('@') && IP_ADDRESS.test(user)) return refuse('empty-number');
  return readUriUser(isUri ? (user.split(':', 1)[0] ?? '') : user, rest);
}

const IP_ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?$/;

function readUriUser(user: string, uri: string): Address {
  const decoded = decodePercent(user);
  if (decoded === null) return refuse('not-a-number');
  const context = decodePercent(/;phone-context=([^;?@]*)/i.exec(uri)?.[1] ?? '') ?? '';
  const isForeign = /^\+[0-9]/.test(context) && !FRENCH_CONTEXT.test(context.replace(/[-.()]/g, ''));
  if (isForeign && !decoded.trimStart().startsWith('+')) return refuse('foreign-context');
  return { kind: 'user', user: decoded };
}

function decodePercent(text: string): string | null {
  const decoded = text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return decoded.includes('%') ? null : decoded;
}

function readDigits(text: string): Dialled {
  if (text === '' || /[*#]/.test(text)) return refuse(/^[0-9+*#]*$/.test(text) ? 'service-code' : 'not-a-number');
  if (!/^[0-9+]+$/.test(text)) return refuse('not-a-number');
  if (/^\++$/.test(text)) return refuse('empty-number');
  if (text.startsWith('+')) return readInternational(text.slice(1));
  if (text.includes('+')) return refuse('malformed-number');
  if (text.startsWith('00')) return readInternational(text.slice(2));
  return { kind: 'digits', form: text.startsWith('0') ? 'national' : 'bare', digits: text };
}

function readInternational(digits: string): Dialled {
  if (digits === '' || digits.startsWith('0') || digits.includes('+')) return refuse('malformed-number');
  return { kind: 'digits', form: 'international', digits };
}

function refuse(reason: RefusalCode): { readonly kind: 'refusal'; readonly reason: RefusalCode } {
  return { kind: 'refusal', reason };
}
