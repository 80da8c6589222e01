import type { Coverage, Entry, EntryKind } from '../../rater/index.ts';
import { readInt64 } from '../database/binary-copy.ts';

/** Bytes of a value in a binary COPY; `null` where it may be of any length. */
const WIDTHS = { smallint: 2, int: 4, bigint: 8, timestamptz: 8, '"char"': 1, text: null } as const;

interface EntryColumn {
  readonly name: string;
  readonly type: keyof typeof WIDTHS;
  readonly mayBeNull: boolean;
  /** The fields of `Entry` that it holds. */
  readonly fields: readonly (keyof Entry)[];
}

/**
 * The columns of an entry, in the order in which they are written. Encoder, feed and month reader take their order and
 * offsets from here. Digests of postings cover entries in this form (`ENTRY_FORM`): whoever changes the list keeps the
 * old one for the postings of before (`verify-bucket.ts`).
 */
export const ENTRY_TABLE = [
  { name: 'bucket', type: 'smallint', mayBeNull: false, fields: ['bucket'] },
  { name: 'position', type: 'bigint', mayBeNull: false, fields: ['position'] },
  { name: 'period', type: 'int', mayBeNull: false, fields: ['period'] },
  { name: 'billed_period', type: 'int', mayBeNull: false, fields: ['billedPeriod'] },
  { name: 'account', type: 'int', mayBeNull: false, fields: ['account'] },
  { name: 'line', type: 'int', mayBeNull: false, fields: ['line'] },
  { name: 'identity', type: 'bigint', mayBeNull: false, fields: ['identityHigh', 'identityLow'] },
  { name: 'revision', type: 'smallint', mayBeNull: false, fields: ['revision'] },
  { name: 'kind', type: '"char"', mayBeNull: false, fields: ['kind'] },
  { name: 'started_at', type: 'timestamptz', mayBeNull: false, fields: ['startedAt'] },
  { name: 'duration_ms', type: 'int', mayBeNull: false, fields: ['durationMs'] },
  { name: 'called', type: 'bigint', mayBeNull: false, fields: ['called'] },
  { name: 'destination', type: 'int', mayBeNull: false, fields: ['destination'] },
  { name: 'coverage', type: '"char"', mayBeNull: true, fields: ['coverage'] },
  { name: 'coverage_before', type: '"char"', mayBeNull: true, fields: ['coverageBefore'] },
  { name: 'reason', type: 'text', mayBeNull: false, fields: ['reason'] },
  { name: 'billed_seconds', type: 'int', mayBeNull: false, fields: ['billedSeconds'] },
  { name: 'charge', type: 'bigint', mayBeNull: false, fields: ['charge'] },
  { name: 'metered_price', type: 'bigint', mayBeNull: false, fields: ['meteredPrice'] },
  { name: 'rate_deck', type: 'int', mayBeNull: false, fields: ['rateDeck'] },
  { name: 'offer', type: 'int', mayBeNull: true, fields: ['offer'] },
  { name: 'flags', type: 'smallint', mayBeNull: false, fields: ['flags'] },
  { name: 'cdr', type: 'text', mayBeNull: true, fields: ['record', 'recordStart', 'recordEnd'] },
] as const satisfies readonly EntryColumn[];

type Column = (typeof ENTRY_TABLE)[number];
export type ColumnName = Column['name'];

/** What a query gives for a value of each type. */
interface SqlValues {
  readonly smallint: number;
  readonly int: number;
  readonly bigint: bigint;
  /** ms since the epoch. */
  readonly timestamptz: number;
  readonly '"char"': string;
  readonly text: string;
}

/** A row of a query for all columns under their own names; `Pick` what a query asks for. */
export type EntryRow = {
  readonly [Each in Column as Each['name']]: SqlValues[Each['type']] | (Each['mayBeNull'] extends true ? null : never);
};

/** The compiler refuses a field of `Entry` that no column holds, and names it here. */
const UNPLACED: Readonly<Record<Exclude<keyof Entry, Column['fields'][number]>, never>> = {};
void UNPLACED;

/** The number of this list of columns, as postings name it. */
export const ENTRY_FORM = 1;

/** All columns, as a statement names them. */
export const ENTRY_COLUMNS = ENTRY_TABLE.map(({ name }) => name).join(', ');

/** The letters that columns of one letter hold. The view `ledger_entry` has the same, and a test holds it to them. */
export const KIND_LETTERS: Readonly<Record<EntryKind, string>> = {
  usage: 'u',
  rerate: 'r',
  reversal: 'v',
  reprice: 'p',
};
export const COVERAGE_LETTERS: Readonly<Record<Coverage, string>> = { included: 'i', metered: 'm', free: 'f' };

/** What the letters mean, by their codes. */
export const KIND_BY_CODE = byCode(KIND_LETTERS);
export const COVERAGE_BY_CODE = byCode(COVERAGE_LETTERS);

/** What a letter of `kind` means. Throws on one that means nothing. */
export function kindOf(letter: string): EntryKind {
  const kind = KIND_BY_CODE[letter.charCodeAt(0)];
  if (kind === undefined) throw new RangeError(`Cannot read an entry: its kind is '${letter}'`);
  return kind;
}

/** What a letter of `coverage` or `coverage_before` means; `null` for none. Throws on one that means nothing. */
export function coverageOf(letter: string): Coverage;
export function coverageOf(letter: string | null): Coverage | null;
export function coverageOf(letter: string | null): Coverage | null {
  if (letter === null) return null;
  const coverage = COVERAGE_BY_CODE[letter.charCodeAt(0)];
  if (coverage === undefined) throw new RangeError(`Cannot read an entry: its coverage is '${letter}'`);
  return coverage;
}

function byCode<Word extends string>(letters: Readonly<Record<Word, string>>): readonly (Word | undefined)[] {
  const words = Array.from<Word | undefined>({ length: 128 });
  for (const word in letters) words[letters[word].charCodeAt(0)] = word;
  return words;
}

/** Bytes of the count of columns that a row begins with, and of the length that stands before each value. */
const COUNT_BYTES = 2;
const LENGTH_BYTES = 4;

/** Where values stand in a row of a binary COPY, in bytes from the row's beginning, behind their lengths. */
export interface RowLayout<Name extends ColumnName> {
  readonly at: Readonly<Record<Name, number>>;
  /** Where the next column begins, with its length. */
  readonly end: number;
}

/**
 * The layout of a row that begins with these columns, none of which is null there, nor of any length.
 *
 * @param begin where the first of them begins, with its length: behind the count of columns
 */
export function layoutOf<Name extends ColumnName>(names: readonly Name[], begin = COUNT_BYTES): RowLayout<Name> {
  const at: Partial<Record<Name, number>> = {};
  let end = begin;
  for (const name of names) {
    const width = widthOf(name);
    if (width === null) throw new RangeError(`Cannot lay out '${name}': it has no one width`);
    at[name] = end + LENGTH_BYTES;
    end += LENGTH_BYTES + width;
  }
  return { at: at as Record<Name, number>, end };
}

const POSITION_AT = layoutOf(['bucket', 'position']).at.position;

/** The feed position in the row of `ENTRY_COLUMNS` that begins at `row`. */
export function positionOfRow(view: DataView, row: number): number {
  return readInt64(view, row + POSITION_AT);
}

/** Bytes of a row in which no column is null and texts are empty. */
export const LONGEST_FIXED_ROW = ENTRY_TABLE.reduce(
  (sum, { name }) => sum + LENGTH_BYTES + (widthOf(name) ?? 0),
  COUNT_BYTES,
);

function widthOf(name: ColumnName): number | null {
  return WIDTHS[ENTRY_TABLE.find((column) => column.name === name)!.type];
}
