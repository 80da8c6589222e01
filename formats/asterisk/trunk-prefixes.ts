import { namePattern } from '../reading/name-pattern.ts';

/** A prefix of the numbers on some trunks, and what it turns into. */
export interface TrunkPrefix {
  /** The trunks' pattern; `*` for all. */
  readonly trunk: string;
  readonly prefix: string;
  readonly replacement: string;
}

/**
 * Reads `TRUNK=PREFIX/REPLACEMENT`, of which `TRUNK=` (all trunks) and `/REPLACEMENT` (nothing) may be left out:
 * `9`, `PJSIP/op=123#`, `PJSIP/op-*=00117#/+`. `null` where it is none.
 */
export function parseTrunkPrefix(text: string): TrunkPrefix | null {
  const match = /^(?:([^=]+)=)?([\d*#+]*)(?:\/([\d+*#]*))?$/.exec(text);
  if (match === null) return null;
  const [, trunk = '*', prefix = '', replacement = ''] = match;
  return { trunk, prefix, replacement };
}

/** The prefixes of the trunk that `names` name; of several that are given, those that name it least generally. */
export function prefixesOf(prefixes: readonly TrunkPrefix[]): (names: readonly string[]) => readonly TrunkPrefix[] {
  const tests = prefixes.map((prefix) => ({ prefix, fits: namePattern(prefix.trunk) }));
  return (names) => {
    const fitting = tests.filter(({ fits }) => names.some(fits)).map(({ prefix }) => prefix);
    const named = fitting.filter(({ trunk }) => trunk !== '*');
    return named.length > 0 ? named : fitting;
  };
}

/** A number without the longest of the prefixes that it begins with, which turns into its replacement. */
export function withoutPrefix(number: string, prefixes: readonly TrunkPrefix[]): string {
  let longest: TrunkPrefix | null = null;
  for (const one of prefixes) {
    if (one.prefix === '' || !number.startsWith(one.prefix)) continue;
    if (longest === null || one.prefix.length > longest.prefix.length) longest = one;
  }
  return longest === null ? number : longest.replacement + number.slice(longest.prefix.length);
}
