import type { DestinationClass, RangeNature } from './destination.ts';
import { admitsLength, type NsnLengths } from './nsn-lengths.ts';
import type { NumberingRows, Place } from './numbering-rows.ts';
import type { RefusalCode } from './refusal.ts';

/** What happens to a number under a prefix. */
export type PrefixOutcome =
  | {
      readonly kind: 'destination';
      readonly name: string;
      readonly class: DestinationClass;
      readonly nature: RangeNature;
      /** Whether it is the row of a whole country code, for what no other prefix covers. */
      readonly isCatchAll: boolean;
    }
  | { readonly kind: 'refusal'; readonly reason: RefusalCode }
  | { readonly kind: 'overseas'; readonly lead: number };

/** One prefix with its outcome, for numbers of `lengths`. */
export interface PrefixRow extends Place {
  readonly prefix: string;
  readonly lengths: NsnLengths;
  readonly outcome: PrefixOutcome;
}

/**
 * All prefixes of the plan in one competition: the longest prefix that admits the number's length wins; of two rows
 * with one prefix, the one that names lengths. Invalid ranges and overseas roots compete like destinations.
 */
export function prefixRowsOf(rows: NumberingRows): readonly PrefixRow[] {
  return [
    ...rows.destinations.flatMap((row) =>
      row.prefixes.map((prefix) => prefixRow(row, prefix, row.lengths, { ...destinationOf(row), isCatchAll: false })),
    ),
    ...rows.countryCodes
      .filter((row) => row.name !== '')
      .map((row) => prefixRow(row, row.code, 0, { ...CATCH_ALL, name: row.name })),
    ...rows.invalidRanges.flatMap((row) =>
      row.prefixes.map((prefix) => prefixRow(row, prefix, 0, { kind: 'refusal', reason: row.refusal })),
    ),
    ...rows.overseasRoots.map((row) => prefixRow(row, row.prefix, 0, { kind: 'overseas', lead: row.lead })),
  ];
}

const CATCH_ALL = { kind: 'destination', class: 'international', nature: 'other', isCatchAll: true } as const;

function destinationOf(row: { name: string; class: DestinationClass; nature: RangeNature }) {
  return { kind: 'destination', name: row.name, class: row.class, nature: row.nature } as const;
}

function prefixRow(place: Place, prefix: string, lengths: NsnLengths, outcome: PrefixOutcome): PrefixRow {
  return { file: place.file, line: place.line, prefix, lengths, outcome };
}

/** The rows of a plan by prefix, with the lengths that its numbers may have: the plain form of the compiled table. */
export interface PrefixIndex {
  readonly rows: ReadonlyMap<string, readonly PrefixRow[]>;
  readonly lengthRules: ReadonlyMap<string, NsnLengths>;
  readonly countryCodes: ReadonlySet<string>;
}

/** Indexes the rows of a plan by prefix. */
export function indexPrefixes(rows: NumberingRows): PrefixIndex {
  return {
    rows: Map.groupBy(prefixRowsOf(rows), (row) => row.prefix),
    lengthRules: new Map([
      ...rows.countryCodes.map((row) => [row.code, row.lengths] as const),
      ...rows.lengthRules.flatMap((row) => row.prefixes.map((prefix) => [prefix, row.lengths] as const)),
    ]),
    countryCodes: new Set(rows.countryCodes.map((row) => row.code)),
  };
}

/** The country code that these digits begin with, or `''`. Country codes are prefix-free, 1 to 3 digits. */
export function countryCodeOf(index: PrefixIndex, digits: string): string {
  for (let length = 1; length <= 3; length++) {
    const code = digits.slice(0, length);
    if (index.countryCodes.has(code)) return code;
  }
  return '';
}

/**
 * Rows that a number beginning with `digits`, `nsnLength` digits after its country code, falls under: winner first.
 * The plain, slow form of the compiled lookup, and its oracle in tests.
 */
export function rowsAbove(index: PrefixIndex, digits: string, nsnLength: number): readonly PrefixRow[] {
  const found: PrefixRow[] = [];
  for (let length = digits.length; length > 0; length--) {
    const rows = (index.rows.get(digits.slice(0, length)) ?? []).filter((row) => admitsLength(row.lengths, nsnLength));
    found.push(...rows.toSorted((a, b) => b.lengths - a.lengths));
  }
  return found;
}

/** Whether no longer prefix, no length and no other prefix that it stands for tells apart what begins with `digits`. */
export function leadsToOne(index: PrefixIndex, digits: string): boolean {
  if (prefixesBelow(index, digits).length > 0) return false;
  return Array.from(digits, (_, at) => digits.slice(0, at + 1)).every((prefix) =>
    (index.rows.get(prefix) ?? []).every(({ lengths, outcome }) => lengths === 0 && outcome.kind !== 'overseas'),
  );
}

/** The lengths that the length rules give to numbers beginning with `digits`. */
export function lengthsAt(index: PrefixIndex, digits: string): NsnLengths {
  for (let length = digits.length; length > 0; length--) {
    const lengths = index.lengthRules.get(digits.slice(0, length));
    if (lengths !== undefined) return lengths;
  }
  return 0;
}

const sortedPrefixes = new WeakMap<PrefixIndex, readonly string[]>();

/** The prefixes that have rows, begin with these digits and are longer, ascending. They are sorted once a table. */
export function prefixesBelow(index: PrefixIndex, digits: string): readonly string[] {
  const sorted = sortedPrefixes.get(index) ?? [...index.rows.keys()].toSorted();
  sortedPrefixes.set(index, sorted);
  const first = firstAfter(sorted, digits);
  let end = first;
  while (sorted[end]?.startsWith(digits) === true) end += 1;
  return sorted.slice(first, end);
}

function firstAfter(sorted: readonly string[], digits: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') <= digits) low = middle + 1;
    else high = middle;
  }
  return low;
}
