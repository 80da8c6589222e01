import { endianness } from 'node:os';
import { POSTGRES_EPOCH_MS, TWO_TO_32 } from '../database/binary-copy.ts';
import { callIdHashOfRecord } from './call-id-hash.ts';
import { COVERAGE_LETTERS, KIND_LETTERS, layoutOf } from '../entries/entry-columns.ts';
import type { MonthCall } from '../entries/month-call.ts';

/*
 * What memory needs of an entry, in nine words of 32 bits, the lowest byte first: what `call_stretch` holds. Its feed
 * position is told by its place in the stretch.
 */

/** Words of a packed entry, and bytes. */
export const PACKED_WORDS = 9;
export const PACKED_BYTES = PACKED_WORDS * 4;

/** The words of a packed entry that are looked at before it is unpacked. */
export const LINE = 0;
export const ACCOUNT = 1;
export const IDENTITY_HIGH = 2;
export const IDENTITY_LOW = 3;
/** ms since a day before its month (yyyymm) begins in UTC: no zone is further away. */
export const START = 4;
export const DURATION = 5;
/** The lower 32 bits of the number called. */
export const CALLED = 6;
/** 18 bits more of it; and 14 for the ledger's number of the offer, 0 for none. */
export const OFFER = 7;
const OFFER_BITS = 14;
const CALLED_BITS = 18;
/** Flags (16 bits), whether it is free, whether it is a reversal, the last four bits of its month, and its revision. */
export const FACTS = 8;
const FREE_BIT = 1 << 16;
const REVERSAL_BIT = 1 << 17;
const MONTH_SHIFT = 18;
const MONTH_MASK = 15;
const REVISION_SHIFT = 22;
const REVISION_LIMIT = 1 << 10;

/** So many months at most may be told apart by what a packed entry says of its own. */
export const MAX_MONTHS = MONTH_MASK + 1;

/** Whether this processor has the lowest byte first; on another, nothing is packed, and what is packed is not read. */
export const CAN_PACK = endianness() === 'LE';

const DAY_MS = 86_400_000;
const REVERSAL = KIND_LETTERS.reversal.charCodeAt(0);
const FREE = COVERAGE_LETTERS.free.charCodeAt(0);

const { at: AT, end: FIXED_END } = layoutOf([
  'bucket',
  'position',
  'period',
  'billed_period',
  'account',
  'line',
  'identity',
  'revision',
  'kind',
  'started_at',
  'duration_ms',
  'called',
  'destination',
]);
// Constants of the module are read faster than properties.
const {
  period: PERIOD_AT,
  account: ACCOUNT_AT,
  line: LINE_AT,
  identity: IDENTITY_AT,
  revision: REVISION_AT,
  kind: KIND_AT,
  started_at: STARTED_AT,
  duration_ms: DURATION_AT,
  called: CALLED_AT,
} = AT;
/** Billed seconds, charge, price and deck, with their lengths: between the reason and the offer. */
const MONEY_BYTES = 8 + 12 + 12 + 8;

/** The month (yyyymm) of the entry whose row of `ENTRY_COLUMNS` begins at `row`. */
export function periodOfRow(view: DataView, row: number): number {
  return view.getInt32(row + PERIOD_AT);
}

/**
 * Packs the entry whose row of `ENTRY_COLUMNS` begins at `row` into `words` at `index`, and the hash of its call's id
 * into `hashes`. Returns where the row ends; -1 where it holds what nine words have no room for: then nothing is said
 * of what they hold.
 */
export function packRow(view: DataView, row: number, words: Int32Array, hashes: Int32Array, index: number): number {
  const to = index * PACKED_WORDS;
  const start = instantAt(view, row + STARTED_AT) - startOfMonth(view.getInt32(row + PERIOD_AT));
  const calledHigh = view.getInt32(row + CALLED_AT);
  const revision = view.getInt16(row + REVISION_AT);
  // Nulls have no bytes.
  let at = row + FIXED_END;
  const isFree = view.getInt32(at) > 0 && view.getUint8(at + 4) === FREE;
  at += 4 + lengthAt(view, at);
  at += 4 + lengthAt(view, at);
  at += 4 + lengthAt(view, at) + MONEY_BYTES;
  const offer = view.getInt32(at) < 0 ? 0 : view.getInt32(at + 4);
  at += 4 + lengthAt(view, at);
  const flags = view.getUint16(at + 4);
  at += 6;
  if (start !== start >>> 0 || calledHigh >>> CALLED_BITS !== 0) return -1;
  if (offer >>> OFFER_BITS !== 0 || revision >>> 0 >= REVISION_LIMIT) return -1;
  words[to + LINE] = view.getInt32(row + LINE_AT);
  words[to + ACCOUNT] = view.getInt32(row + ACCOUNT_AT);
  words[to + IDENTITY_HIGH] = view.getInt32(row + IDENTITY_AT);
  words[to + IDENTITY_LOW] = view.getInt32(row + IDENTITY_AT + 4);
  words[to + START] = start;
  words[to + DURATION] = view.getInt32(row + DURATION_AT);
  words[to + CALLED] = view.getInt32(row + CALLED_AT + 4);
  words[to + OFFER] = (calledHigh << OFFER_BITS) | offer;
  words[to + FACTS] =
    flags |
    (isFree ? FREE_BIT : 0) |
    (view.getUint8(row + KIND_AT) === REVERSAL ? REVERSAL_BIT : 0) |
    (lastBitsOfMonth(view.getInt32(row + PERIOD_AT)) << MONTH_SHIFT) |
    (revision << REVISION_SHIFT);
  const recordBytes = view.getInt32(at);
  at += 4;
  if (recordBytes < 0) {
    hashes[index] = 0;
    return at;
  }
  hashes[index] = callIdHashOfRecord(view, at, at + recordBytes);
  return at + recordBytes;
}

/** The revision of the packed entry whose words begin at `at`. */
export function packedRevision(words: Int32Array, at: number): number {
  return words[at + FACTS]! >>> REVISION_SHIFT;
}

/** Whether a packed entry takes back all that is posted of its call. */
export function isPackedReversal(words: Int32Array, at: number): boolean {
  return (words[at + FACTS]! & REVERSAL_BIT) !== 0;
}

/** The last four bits of the number of an entry's month: of fewer than `MAX_MONTHS` in a row each has others. */
export function packedMonth(words: Int32Array, at: number): number {
  return (words[at + FACTS]! >>> MONTH_SHIFT) & MONTH_MASK;
}

/** What `packedMonth` says of entries of a month (yyyymm). */
export function lastBitsOfMonth(period: number): number {
  return monthNumber(period) & MONTH_MASK;
}

/** Months since the year 0. */
export function monthNumber(period: number): number {
  const year = Math.floor(period / 100);
  return year * 12 + period - year * 100 - 1;
}

/** Unpacks the entry whose words begin at `at`, an entry of the month (yyyymm) that begins at `monthStart`. */
export function unpackInto(call: MonthCall, words: Int32Array, at: number, monthStart: number): void {
  call.account = words[at + ACCOUNT]!;
  call.line = words[at + LINE]!;
  call.identityHigh = words[at + IDENTITY_HIGH]!;
  call.identityLow = words[at + IDENTITY_LOW]!;
  const startedAt = monthStart + (words[at + START]! >>> 0);
  unpackFacts(call, startedAt, words[at + DURATION]!, words[at + CALLED]!, words[at + OFFER]!, words[at + FACTS]!);
}

/** What memory needs of a call beside whose it is and which: a part of `MonthCall`. */
type CallFacts = Pick<MonthCall, 'startedAt' | 'durationMs' | 'called' | 'isFree' | 'offer' | 'flags'>;

/** Unpacks what a call was: `startedAt` in ms since the epoch, and the words of a packed entry. */
export function unpackFacts(
  call: CallFacts,
  startedAt: number,
  durationMs: number,
  called: number,
  offer: number,
  facts: number,
): void {
  call.startedAt = startedAt;
  call.durationMs = durationMs;
  call.called = (offer >>> OFFER_BITS) * TWO_TO_32 + (called >>> 0);
  call.isFree = (facts & FREE_BIT) !== 0;
  call.offer = offer & ((1 << OFFER_BITS) - 1);
  // As the column has it: a number of 16 bits with a sign.
  call.flags = (facts << 16) >> 16;
}

/** From when the starts of a month's (yyyymm) packed entries count; ms since the epoch. */
export function startOfMonth(period: number): number {
  if (period === lastPeriod) return lastStart;
  lastPeriod = period;
  const number = monthNumber(period);
  const year = Math.floor(number / 12);
  lastStart = Date.UTC(year, number - year * 12, 1) - DAY_MS;
  return lastStart;
}

// Nearly all that is asked for is of one month.
let lastPeriod = 0;
let lastStart = 0;

/** ms since the epoch; no whole number where it is none of ours, which count whole milliseconds. */
function instantAt(view: DataView, at: number): number {
  return (view.getInt32(at) * TWO_TO_32 + view.getUint32(at + 4)) / 1000 + POSTGRES_EPOCH_MS;
}

function lengthAt(view: DataView, at: number): number {
  return Math.max(0, view.getInt32(at));
}
