import { checkNumberingRows } from './check-numbering-rows.ts';
import { createClassifier, type ClassifierOutput } from './classifier.ts';
import type { Destination, DestinationClass } from './destination.ts';
import { isShortCode } from './format-number.ts';
import { NumberingTablesError, type NumberingFault } from './numbering-fault.ts';
import { readNumberingRows, type NumberingRows } from './numbering-rows.ts';
import type { NumberingTables } from './numbering-tables.ts';
import { compileOutcomes } from './outcome-table.ts';
import { countryCodeOf, indexPrefixes, leadsToOne, prefixesBelow, rowsAbove, type PrefixIndex } from './prefix-rows.ts';
import type { RefusalCode } from './refusal.ts';

/** What a dialled string is: a number with its destination, or no number to rate. */
export type Classified =
  | { readonly kind: 'number'; readonly called: number; readonly destination: Destination }
  | { readonly kind: 'refusal'; readonly reason: RefusalCode };

/** A prefix that a number falls under, with the destination that it leads to. */
export interface PrefixStep {
  readonly prefix: string;
  readonly destination: Destination;
}

/** A compiled numbering plan. Immutable; all its answers depend on the tables alone. */
export interface NumberingPlan {
  /** Index = id. The order follows the tables, so equal tables give equal ids. */
  readonly destinations: readonly Destination[];
  /** Names of the contract's 40 destinations, in its order. */
  readonly includedNames: readonly string[];
  /** Any dialled string: E.164 or short code with its destination, or a refusal. Never throws. */
  classify(dialled: string): Classified;
  /** The same of the ASCII text in `[start, end)` of `bytes`. */
  classifyBytes(bytes: Uint8Array, start: number, end: number): Classified;
  /**
   * The digits of a number that `classify` refuses, as it looked them up: with the country code, or a short code. Empty
   * where what was dialled has no digits that are clear.
   */
  refusedDigits(dialled: string): string;
  /** The prefixes that a number accepted by `classify` falls under, winner first: what `explain` shows. */
  prefixPath(called: number): readonly PrefixStep[];
  /** The plan's prefixes that begin with these digits and are longer, ascending. */
  prefixesBelow(digits: string): readonly string[];
  /**
   * Whether all numbers that begin with these digits, of whatever length, lead to one destination, or to none. `false`
   * says nothing.
   */
  leadsToOne(digits: string): boolean;
}

/**
 * Compiles the tables into a plan. Throws one `NumberingTablesError` that lists every fault by file and line if any
 * cell, row or table is not as `data/README.md` says.
 */
export function compileNumberingPlan(tables: NumberingTables): NumberingPlan {
  const faults: NumberingFault[] = [];
  const rows = readNumberingRows(tables, faults);
  if (faults.length === 0) faults.push(...checkNumberingRows(rows));
  if (faults.length > 0) throw new NumberingTablesError(faults);
  return planOf(rows);
}

function planOf(rows: NumberingRows): NumberingPlan {
  const index = indexPrefixes(rows);
  const destinations = destinationsOf(rows);
  const byName = new Map(destinations.map((destination) => [destination.name, destination]));
  const shortCodes = shortCodesOf(rows, byName);
  const table = compileOutcomes(index, (name) => destinationNamed(byName, name).id);
  const classifier = createClassifier(table, shortCodes);
  // One object for all answers inside; one small object a number goes out. Writing into the caller's object instead
  // was measured: 70 ns for 78, too little for a second way to ask.
  const scratch: ClassifierOutput = { called: 0, destinationId: 0, reason: 'empty-number', digits: '' };
  const classified = (isNumber: boolean): Classified =>
    isNumber
      ? { kind: 'number', called: scratch.called, destination: at(destinations, scratch.destinationId) }
      : REFUSALS[scratch.reason];
  return {
    destinations,
    includedNames: rows.includedNames.map(({ name }) => name),
    classify(dialled) {
      return classified(classifier.classify(dialled, scratch));
    },
    classifyBytes(bytes, start, end) {
      return classified(classifier.classifyBytes(bytes, start, end, scratch));
    },
    refusedDigits(dialled) {
      scratch.digits = '';
      return classifier.classify(dialled, scratch) ? '' : scratch.digits;
    },
    prefixPath(called) {
      if (!isShortCode(called)) return e164Path(index, byName, String(called));
      const destination = shortCodes.get(called);
      return destination === undefined ? [] : [{ prefix: String(called), destination }];
    },
    prefixesBelow: (digits) => prefixesBelow(index, digits),
    leadsToOne: (digits) => leadsToOne(index, digits),
  };
}

/** Destinations by first appearance: the prefix table, then what only country codes and short codes name. */
function destinationsOf(rows: NumberingRows): readonly Destination[] {
  const classes = new Map<string, DestinationClass>();
  const named = [
    ...rows.destinations,
    ...rows.countryCodes.map((row) => ({ name: row.name, class: 'international' as const })),
    ...rows.shortCodes,
  ];
  for (const row of named) if (row.name !== '' && !classes.has(row.name)) classes.set(row.name, row.class);
  return [...classes].map(([name, destinationClass], id) => Object.freeze({ id, name, class: destinationClass }));
}

function shortCodesOf(rows: NumberingRows, byName: ReadonlyMap<string, Destination>): ReadonlyMap<number, Destination> {
  return new Map(
    rows.shortCodes.flatMap((row) =>
      row.codes.map((code) => [Number(code), destinationNamed(byName, row.name)] as const),
    ),
  );
}

function e164Path(index: PrefixIndex, byName: ReadonlyMap<string, Destination>, digits: string): readonly PrefixStep[] {
  const nsnLength = digits.length - countryCodeOf(index, digits).length;
  return rowsAbove(index, digits, nsnLength).flatMap(({ prefix, outcome }) =>
    outcome.kind === 'destination' ? [{ prefix, destination: destinationNamed(byName, outcome.name) }] : [],
  );
}

/** One object a refusal: classification allocates none. */
const REFUSALS: { readonly [Code in RefusalCode]: { readonly kind: 'refusal'; readonly reason: Code } } = {
  'empty-number': { kind: 'refusal', reason: 'empty-number' },
  'not-a-number': { kind: 'refusal', reason: 'not-a-number' },
  'service-code': { kind: 'refusal', reason: 'service-code' },
  'foreign-context': { kind: 'refusal', reason: 'foreign-context' },
  'malformed-number': { kind: 'refusal', reason: 'malformed-number' },
  'ambiguous-number': { kind: 'refusal', reason: 'ambiguous-number' },
  'unknown-short-code': { kind: 'refusal', reason: 'unknown-short-code' },
  'routing-prefix': { kind: 'refusal', reason: 'routing-prefix' },
  'unassigned-number': { kind: 'refusal', reason: 'unassigned-number' },
  'wrong-length': { kind: 'refusal', reason: 'wrong-length' },
};

function destinationNamed(byName: ReadonlyMap<string, Destination>, name: string): Destination {
  const destination = byName.get(name);
  if (destination === undefined) throw new Error(`Cannot find destination '${name}': the tables name it nowhere`);
  return destination;
}

function at(destinations: readonly Destination[], id: number): Destination {
  const destination = destinations[id];
  if (destination === undefined) throw new Error(`Cannot find destination ${id}: the plan has ${destinations.length}`);
  return destination;
}
