import { DESTINATION_CLASSES, RANGE_NATURES, type DestinationClass, type RangeNature } from './destination.ts';
import { parseNsnLengths, type NsnLengths } from './nsn-lengths.ts';
import { expandNumberPattern } from './number-pattern.ts';
import type { NumberingFault } from './numbering-fault.ts';
import type { NumberingTables, TableText } from './numbering-tables.ts';
import { readTable, type TableRow } from './read-table.ts';
import { REFUSAL_CODES, type RefusalCode } from './refusal.ts';

/** Where a row stands. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

export interface CountryCodeRow extends Place {
  readonly code: string;
  /** `''` where the code has no catch-all: what no prefix covers is unassigned. */
  readonly name: string;
  readonly lengths: NsnLengths;
}

export interface DestinationRow extends Place {
  readonly prefixes: readonly string[];
  readonly lengths: NsnLengths;
  readonly name: string;
  readonly class: DestinationClass;
  readonly nature: RangeNature;
}

export interface InvalidRangeRow extends Place {
  readonly prefixes: readonly string[];
  readonly refusal: RefusalCode;
}

export interface LengthRuleRow extends Place {
  readonly prefixes: readonly string[];
  readonly lengths: NsnLengths;
}

export interface OverseasRootRow extends Place {
  /** The root under +33, where a switch may wrongly leave it: `33590`. */
  readonly prefix: string;
  /** What stands before the national number instead of 33: 590, or 0 where the root is itself the country code. */
  readonly lead: number;
}

export interface ShortCodeRow extends Place {
  readonly codes: readonly string[];
  readonly name: string;
  readonly class: DestinationClass;
}

export interface IncludedNameRow extends Place {
  readonly name: string;
}

export interface SpecialRangeRow extends Place {
  readonly pattern: string;
  readonly prefixes: readonly string[];
  readonly lengths: NsnLengths;
  readonly nature: RangeNature;
}

/** All tables, read and checked cell by cell. */
export interface NumberingRows {
  readonly countryCodes: readonly CountryCodeRow[];
  readonly destinations: readonly DestinationRow[];
  readonly invalidRanges: readonly InvalidRangeRow[];
  readonly lengthRules: readonly LengthRuleRow[];
  readonly overseasRoots: readonly OverseasRootRow[];
  readonly shortCodes: readonly ShortCodeRow[];
  readonly includedNames: readonly IncludedNameRow[];
  readonly specialRanges: readonly SpecialRangeRow[];
}

/** Reads every table; a cell that cannot be read goes to `faults`, and its row is left out. */
export function readNumberingRows(tables: NumberingTables, faults: NumberingFault[]): NumberingRows {
  return {
    countryCodes: readRows(tables.countryCodes, COUNTRY_CODE_COLUMNS, faults, (row) => ({
      ...placeOf(row),
      code: readDigits(row, 'country_code'),
      name: row.cell('destination_fr'),
      lengths: readLengths(row, 'nsn_lengths'),
    })),
    destinations: readRows(tables.destinations, DESTINATION_COLUMNS, faults, (row) => ({
      ...placeOf(row),
      prefixes: readPattern(row, 'e164_prefix'),
      lengths: readOptionalLengths(row, 'nsn_lengths'),
      name: readName(row),
      class: readChoice(row, 'class', DESTINATION_CLASSES),
      nature: readChoice(row, 'nature', RANGE_NATURES),
    })),
    invalidRanges: readRows(tables.invalidRanges, INVALID_RANGE_COLUMNS, faults, (row) => ({
      ...placeOf(row),
      prefixes: readPattern(row, 'e164_prefix'),
      refusal: readChoice(row, 'refusal', REFUSAL_CODES),
    })),
    lengthRules: readRows(tables.lengthRules, LENGTH_RULE_COLUMNS, faults, (row) => ({
      ...placeOf(row),
      prefixes: readPattern(row, 'e164_prefix'),
      lengths: readLengths(row, 'nsn_lengths'),
    })),
    overseasRoots: readRows(tables.overseasRoots, OVERSEAS_ROOT_COLUMNS, faults, readOverseasRoot),
    shortCodes: readRows(tables.shortCodes, SHORT_CODE_COLUMNS, faults, (row) => ({
      ...placeOf(row),
      codes: readPattern(row, 'code'),
      name: readName(row),
      class: readChoice(row, 'class', DESTINATION_CLASSES),
    })),
    includedNames: readRows(tables.includedNames, INCLUDED_NAME_COLUMNS, faults, (row) => ({
      ...placeOf(row),
      name: readName(row),
    })),
    specialRanges: readRows(tables.specialRanges, SPECIAL_RANGE_COLUMNS, faults, (row) => ({
      ...placeOf(row),
      pattern: row.cell('e164_prefix'),
      prefixes: readPattern(row, 'e164_prefix'),
      lengths: readLengths(row, 'nsn_lengths'),
      nature: readChoice(row, 'nature', RANGE_NATURES),
    })),
  };
}

const COUNTRY_CODE_COLUMNS = ['country_code', 'destination_fr', 'countries', 'nsn_lengths', 'source'];
const DESTINATION_COLUMNS = [
  'e164_prefix',
  'nsn_lengths',
  'destination_fr',
  'class',
  'nature',
  'country',
  'confidence',
  'source',
];
const INVALID_RANGE_COLUMNS = ['e164_prefix', 'refusal', 'source'];
const LENGTH_RULE_COLUMNS = ['e164_prefix', 'nsn_lengths', 'source'];
const OVERSEAS_ROOT_COLUMNS = ['national_root', 'e164_root', 'territory', 'confidence', 'source'];
const SHORT_CODE_COLUMNS = ['code', 'destination_fr', 'class', 'source'];
const INCLUDED_NAME_COLUMNS = ['destination_fr', 'source'];
const SPECIAL_RANGE_COLUMNS = ['e164_prefix', 'nsn_lengths', 'nature', 'country', 'source'];

/** A cell that cannot be read; caught where the row is read, never leaves this file. */
class CellError extends Error {}

function readRows<Row>(
  table: TableText,
  columns: readonly string[],
  faults: NumberingFault[],
  read: (row: TableRow) => Row,
): readonly Row[] {
  return readTable(table, columns, faults).flatMap((row) => {
    try {
      return [read(row)];
    } catch (error) {
      if (!(error instanceof CellError)) throw error;
      faults.push({ ...placeOf(row), message: error.message });
      return [];
    }
  });
}

function readOverseasRoot(row: TableRow): OverseasRootRow {
  const root = readDigits(row, 'national_root');
  const e164Root = readDigits(row, 'e164_root');
  const national = root.slice(1);
  if (!root.startsWith('0') || national === '' || !e164Root.endsWith(national)) {
    throw new CellError(`Cannot read e164_root '${e164Root}': it does not end with '${root}' without its 0`);
  }
  return { ...placeOf(row), prefix: `33${national}`, lead: Number(e164Root.slice(0, -national.length)) };
}

function placeOf(row: TableRow): Place {
  return { file: row.file, line: row.line };
}

function readDigits(row: TableRow, column: string): string {
  const cell = row.cell(column);
  if (!/^\d{1,15}$/.test(cell)) throw new CellError(`Cannot read ${column} '${cell}': expected 1 to 15 digits`);
  return cell;
}

function readPattern(row: TableRow, column: string): readonly string[] {
  const cell = row.cell(column);
  const expanded = expandNumberPattern(cell);
  if (expanded === null || expanded.some((digits) => digits.length > 15)) {
    throw new CellError(`Cannot read ${column} '${cell}': expected digits, X or [..], of 1 to 15 digits`);
  }
  return expanded;
}

function readLengths(row: TableRow, column: string): NsnLengths {
  const cell = row.cell(column);
  const lengths = parseNsnLengths(cell);
  if (lengths === null)
    throw new CellError(`Cannot read ${column} '${cell}': expected lengths of 1 to 14 like '7-9 12'`);
  return lengths;
}

function readOptionalLengths(row: TableRow, column: string): NsnLengths {
  return row.cell(column) === '' ? 0 : readLengths(row, column);
}

function readName(row: TableRow): string {
  const name = row.cell('destination_fr');
  if (name === '' || name !== name.trim()) {
    throw new CellError(`Cannot read destination_fr '${name}': expected a name without outer spaces`);
  }
  return name;
}

function readChoice<Choice extends string>(row: TableRow, column: string, choices: readonly Choice[]): Choice {
  const cell = row.cell(column);
  const choice = choices.find((candidate) => candidate === cell);
  if (choice === undefined)
    throw new CellError(`Cannot read ${column} '${cell}': expected one of ${choices.join(', ')}`);
  return choice;
}
