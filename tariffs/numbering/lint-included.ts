import { isCostlyNature, type RangeNature } from './destination.ts';
import { admitsLength } from './nsn-lengths.ts';
import { NumberingTablesError, type NumberingFault } from './numbering-fault.ts';
import { readNumberingRows, type NumberingRows, type SpecialRangeRow } from './numbering-rows.ts';
import type { NumberingTables } from './numbering-tables.ts';
import {
  countryCodeOf,
  indexPrefixes,
  lengthsAt,
  prefixesBelow,
  rowsAbove,
  type PrefixIndex,
  type PrefixRow,
} from './prefix-rows.ts';

/** What an offer includes: the shape of `included` in an offer file. */
export interface IncludedSelection {
  readonly classes: readonly ('national-fixed' | 'national-mobile')[];
  /** Names of destinations, verbatim. */
  readonly destinations: readonly string[];
}

/** Something in what an offer includes that deserves a look before it is sold. */
export type LintFinding =
  /** No prefix of the plan leads to this name: calls there would never be included. */
  | { readonly kind: 'unknown-name'; readonly name: string }
  /** The name stands twice in the offer. */
  | { readonly kind: 'repeated-name'; readonly name: string }
  /** The name takes whatever a country code has and no other prefix covers: also ranges that open tomorrow. */
  | { readonly kind: 'catch-all'; readonly name: string; readonly prefix: string }
  /** An included row that says of itself that it is costly: included by name, so by intention. */
  | {
      readonly kind: 'declared-range';
      readonly nature: RangeNature;
      readonly prefix: string;
      readonly destination: string;
      readonly file: string;
      readonly line: number;
    }
  /** A known costly range that would be included because a broader row covers it. */
  | {
      readonly kind: 'undeclared-range';
      readonly nature: RangeNature;
      readonly pattern: string;
      readonly destination: string;
      readonly file: string;
      readonly line: number;
    };

/**
 * Looks for what an offer should not include unaware: unknown and repeated names, catch-alls, and premium,
 * shared-cost, personal, pager and satellite ranges. An empty answer means a clean offer. Throws
 * `NumberingTablesError` if the tables themselves cannot be read.
 */
export function lintIncluded(tables: NumberingTables, included: IncludedSelection): readonly LintFinding[] {
  const faults: NumberingFault[] = [];
  const rows = readNumberingRows(tables, faults);
  if (faults.length > 0) throw new NumberingTablesError(faults);
  return lintIncludedRows(rows, included);
}

/** `lintIncluded` over tables already read. */
export function lintIncludedRows(rows: NumberingRows, included: IncludedSelection): readonly LintFinding[] {
  const index = indexPrefixes(rows);
  const names = new Set(included.destinations);
  const all = [...index.rows.values()].flat();
  return [
    ...nameFindings(all, included.destinations),
    ...rowFindings(all.filter((row) => isIncluded(row, names, included))),
    ...rows.specialRanges.flatMap((range) => rangeFinding(index, range, names, included)),
  ];
}

function nameFindings(rows: readonly PrefixRow[], destinations: readonly string[]): LintFinding[] {
  const known = new Set(rows.flatMap(({ outcome }) => (outcome.kind === 'destination' ? [outcome.name] : [])));
  const unknown = destinations.filter((name) => !known.has(name));
  const repeated = destinations.filter((name, position) => destinations.indexOf(name) !== position);
  return [
    ...unknown.map((name) => ({ kind: 'unknown-name', name }) as const),
    ...repeated.map((name) => ({ kind: 'repeated-name', name }) as const),
  ];
}

function rowFindings(included: readonly PrefixRow[]): LintFinding[] {
  return included.flatMap(({ prefix, outcome, file, line }): LintFinding[] => {
    if (outcome.kind !== 'destination') return [];
    if (outcome.isCatchAll) return [{ kind: 'catch-all', name: outcome.name, prefix }];
    if (!isCostlyNature(outcome.nature)) return [];
    return [{ kind: 'declared-range', nature: outcome.nature, prefix, destination: outcome.name, file, line }];
  });
}

/** One finding at most a range: the first included row that takes some of its numbers without saying what they are. */
function rangeFinding(
  index: PrefixIndex,
  range: SpecialRangeRow,
  names: ReadonlySet<string>,
  included: IncludedSelection,
): LintFinding[] {
  const { pattern, nature, file, line } = range;
  for (const prefix of range.prefixes) {
    for (const { outcome } of winnersIn(index, prefix, range.lengths).filter((row) =>
      isIncluded(row, names, included),
    )) {
      if (outcome.kind !== 'destination' || isCostlyNature(outcome.nature)) continue;
      return [{ kind: 'undeclared-range', nature, pattern, destination: outcome.name, file, line }];
    }
  }
  return [];
}

/** Rows that win for some number of the range: the one above its prefix, and those below it. */
function winnersIn(index: PrefixIndex, prefix: string, lengths: number): readonly PrefixRow[] {
  const codeLength = countryCodeOf(index, prefix).length;
  return Array.from({ length: 15 - codeLength }, (_, position) => position + 1)
    .filter((nsnLength) => lengths !== 0 && admitsLength(lengths, nsnLength))
    .flatMap((nsnLength) => {
      const above = admitsLength(lengthsAt(index, prefix), nsnLength)
        ? rowsAbove(index, prefix, nsnLength).slice(0, 1)
        : [];
      const below = rowsBelow(index, prefix).filter((row) => admitsLength(row.lengths, nsnLength));
      return [...above, ...below.filter((row) => admitsLength(lengthsAt(index, row.prefix), nsnLength))];
    });
}

function rowsBelow(index: PrefixIndex, prefix: string): readonly PrefixRow[] {
  return prefixesBelow(index, prefix).flatMap((candidate) => index.rows.get(candidate) ?? []);
}

function isIncluded({ outcome }: PrefixRow, names: ReadonlySet<string>, included: IncludedSelection): boolean {
  if (outcome.kind !== 'destination') return false;
  return names.has(outcome.name) || included.classes.some((name) => name === outcome.class);
}
