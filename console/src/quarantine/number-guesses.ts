/** Some numbers that wait, as far as one can tell that one repair would read them. */
export interface NumberGroup {
  /** How their numbers begin, the country code first. */
  readonly prefix: string;
  /** How many digits their numbers have. */
  readonly length: number;
  readonly records: number;
}

/** Behind the country code of France, the digits that tell a range. */
const RANGE_DIGITS = 5;
const LONGEST_SHORT_CODE = 6;

/** Numbers by their range and length, most first: what a missing prefix may be. A guess: people may say otherwise. */
export function numberGroups(dialled: readonly string[]): readonly NumberGroup[] {
  const digits = dialled.map(digitsOf).filter((text) => text.length > 1);
  const byRange = Map.groupBy(digits, (text) => `${rangeOf(text)} ${text.length}`);
  return [...byRange.values()]
    .map((own) => ({ prefix: rangeOf(own[0] ?? ''), length: own[0]?.length ?? 0, records: own.length }))
    .toSorted((a, b) => b.records - a.records);
}

/** So many of the numbers must tell of a digit before them: the others may be slips of the finger. */
const ENOUGH = 0.5;

/** The digit that a switch seems to have written before national numbers: `00612345678`, `90612345678`; else `null`. */
export function leadingDigit(dialled: readonly string[]): string | null {
  const digits = dialled.flatMap((text) => /^(\d)0[1-9]\d{8}$/.exec(text)?.[1] ?? []);
  const [first] = digits;
  if (first === undefined) return null;
  const same = digits.filter((digit) => digit === first).length;
  return same >= ENOUGH * dialled.length ? first : null;
}

/** What a switch may have written first, and what belongs there, by what it wrote. */
export function guessedRule(dialled: readonly string[]): { readonly prefix: string; readonly replacement: string } {
  const digit = leadingDigit(dialled);
  if (digit !== null) return { prefix: digit, replacement: '' };
  const signs = /^[\d*#]*[*#]/.exec(dialled[0] ?? '')?.[0] ?? '';
  if (signs !== '' && dialled.every((text) => text.startsWith(signs))) return { prefix: signs, replacement: '' };
  return { prefix: '', replacement: '+33' };
}

function rangeOf(digits: string): string {
  return digits.length <= LONGEST_SHORT_CODE ? digits : digits.slice(0, RANGE_DIGITS);
}

/** Digits with the country code first, as far as the usual notations go. */
function digitsOf(dialled: string): string {
  const compact = dialled.replaceAll(/[\s.()-]/g, '');
  if (!/^\+?\d+$/.test(compact)) return '';
  if (compact.startsWith('+')) return compact.slice(1);
  if (compact.startsWith('00')) return compact.slice(2);
  return compact.startsWith('0') ? `33${compact.slice(1)}` : compact;
}
