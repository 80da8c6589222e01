import type { OracleClassified, OracleDestinationClass } from './oracle-types.ts';

/** The few destinations that generated histories call: prefix, digits of a whole number, name, class. */
const PREFIXES: readonly (readonly [string, number, string, OracleDestinationClass])[] = [
  ['331', 11, 'France fixe', 'national-fixed'],
  ['332', 11, 'France fixe', 'national-fixed'],
  ['339', 11, 'France fixe', 'national-fixed'],
  ['336', 11, 'France mobile', 'national-mobile'],
  ['33800', 11, 'SVA gratuit', 'toll-free'],
  ['33806', 11, 'SVA banalisé', 'national-fixed'],
  ['33892', 11, 'SVA majoré 089', 'special-rate'],
  ['349', 11, 'Espagne Fixe', 'international'],
  ['346', 11, 'Espagne Mobile', 'international'],
  ['1212', 11, 'Etats Unis Fixe', 'international'],
  ['1246', 11, 'Barbade', 'international'],
];

const SHORT_CODES: Readonly<Record<string, readonly [string, OracleDestinationClass]>> = {
  '15': ['urgence', 'emergency'],
  '112': ['urgence', 'emergency'],
  '3949': ['numéro court généraliste', 'special-rate'],
  '3910': ['numéro court généraliste', 'special-rate'],
  '3911': ['numéro court généraliste', 'special-rate'],
  '3912': ['numéro court généraliste', 'special-rate'],
  '3913': ['numéro court généraliste', 'special-rate'],
  '118218': ['renseignements 118', 'special-rate'],
};

/** E.164 digits of a number in one of the notations of `NOTATIONS`, or the text itself. */
function digitsOf(dialled: string): string {
  const bare = dialled
    .replace(/^(tel|sip):/, '')
    .replace(/@.*$/, '')
    .replace('(0)', '')
    .replace(/[ .-]/g, '');
  if (bare.startsWith('+')) return bare.slice(1);
  if (bare.startsWith('00')) return bare.slice(2);
  return /^0\d{9}$/.test(bare) ? `33${bare.slice(1)}` : bare;
}

/**
 * A numbering plan of a dozen prefixes, enough for what generated histories dial. It stands in for the real one in the
 * oracle's own tests, and agrees with it on every text that the histories can dial but for the names of national
 * destinations and the codes of refusals.
 */
export function plainClassify(dialled: string): OracleClassified {
  const digits = digitsOf(dialled);
  const short = SHORT_CODES[digits];
  if (short !== undefined && !dialled.includes('+')) {
    return { called: Number(digits), destinationName: short[0], destinationClass: short[1] };
  }
  if (!/^\d+$/.test(digits)) return { refusal: 'not-a-number' };
  const row = PREFIXES.find(([prefix, length]) => digits.startsWith(prefix) && digits.length === length);
  if (row === undefined) return { refusal: 'malformed-number' };
  return { called: Number(digits), destinationName: row[2], destinationClass: row[3] };
}

/** Ways in which switches write one number, E.164 digits in. */
export const NOTATIONS: readonly ((digits: string) => string)[] = [
  (digits) => `+${digits}`,
  (digits) => (digits.startsWith('33') ? `0${digits.slice(2)}` : `+${digits}`),
  (digits) => `00${digits}`,
  (digits) => (digits.startsWith('33') ? digits : `00${digits}`),
  (digits) => `tel:+${digits}`,
  (digits) => (digits.startsWith('33') ? `sip:0${digits.slice(2)}@sbc.example.net` : `sip:+${digits}@sbc.example.net`),
  (digits) => (digits.startsWith('33') ? `+33 (0)${digits.slice(2)}` : `+${digits}`),
];

/** A called number or short code as a switch would write it. */
export function writeNumber(called: number, notation: number): string {
  const digits = String(called);
  const write = NOTATIONS[notation % NOTATIONS.length];
  return called < 1_000_000 || write === undefined ? digits : write(digits);
}
