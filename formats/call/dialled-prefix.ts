import { namePattern } from '../reading/name-pattern.ts';

/**
 * What stands before the number on some trunks, and what it turns into: `9` into nothing, `011` into `+`, the
 * technical prefix `123#` into nothing; an empty prefix into what a national number lacks, `+33`.
 */
export interface DialPrefix {
  /** Whether the rule holds on a trunk or gateway, by its name as the switch writes it; `''` where it names none. */
  readonly isTrunk: (trunk: string) => boolean;
  readonly prefix: string;
  readonly replacement: string;
}

const rulePattern = /^(?:([^=]+):)?([\d*#+]*)=([\d*#+]*)$/;

/**
 * A rule as people write it: `[TRUNK:]PREFIX=REPLACEMENT`, in which TRUNK may have `*` for any rest. `9=`, `011=+`,
 * `PJSIP/op-*:00117#=`, `sip-carrier:=+33`; `sip-carrier:=` says that nothing stands before its numbers. `null` where
 * the text is no such rule.
 */
export function parseDialPrefix(text: string): DialPrefix | null {
  const match = rulePattern.exec(text);
  if (match === null) return null;
  const [, trunk, prefix = '', replacement = ''] = match;
  if (prefix === replacement && prefix !== '') return null;
  return { isTrunk: trunk === undefined ? () => true : namePattern(trunk), prefix, replacement };
}

/** Shorter numbers are short codes and extensions: no country code belongs before them. */
const SHORTEST_NATIONAL = 7;

/**
 * The number that was meant, of what was sent to a trunk. Each rule of the trunk is applied once at most, the longest
 * prefix first, until the number begins with `+`: with `9=` and `011=+`, `901133612345678` is `+33612345678`. A prefix
 * of zeros alone is taken off only where what follows still begins as a number does (`0`, `+`, or a short code): some
 * calls are sent without it, and `0612345678` without its own 0 would be one of another country. The empty prefix adds
 * to numbers of seven digits and more that begin neither with `+` nor with `0`.
 */
export function withoutDialPrefix(rules: readonly DialPrefix[], trunk: string, dialled: string): string {
  return rules.length === 0 ? dialled : withoutPrefixes(rulesOfTrunk(rules, [trunk]), dialled);
}

/** The rules of a trunk that has several names, the longest prefix first. */
export function rulesOfTrunk(rules: readonly DialPrefix[], names: readonly string[]): readonly DialPrefix[] {
  return rules
    .filter(({ isTrunk }) => names.some((name) => isTrunk(name)))
    .toSorted((a, b) => b.prefix.length - a.prefix.length);
}

/** Applies the rules of one trunk, the longest prefix first, as `withoutDialPrefix` does. */
export function withoutPrefixes(rules: readonly DialPrefix[], dialled: string): string {
  let left = rules;
  let number = dialled;
  while (!number.startsWith('+')) {
    const rule = left.find((one) => fits(one, number));
    if (rule === undefined) return number;
    left = left.filter((one) => one !== rule);
    number = rule.replacement + number.slice(rule.prefix.length);
  }
  return number;
}

function fits({ prefix, replacement }: DialPrefix, number: string): boolean {
  if (prefix === '') return number.length >= SHORTEST_NATIONAL && /^[1-9]\d*$/.test(number);
  if (!number.startsWith(prefix) || number.length === prefix.length) return false;
  const rest = number.slice(prefix.length);
  const isZeros = /^0+$/.test(prefix) && replacement === '';
  return !isZeros || /^(?:[0+]|\d{1,6}$)/.test(rest);
}
