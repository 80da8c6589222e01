import type { Nanos, Rounding } from '../money.ts';

/** A rate deck as it was read: the dated table of what a minute costs. `docs/reference/rate-deck.md` is its format. */
export interface Deck {
  readonly name: string;
  /** ISO 4217 code of every price in it. */
  readonly currency: string;
  /** IANA zone of its bands, holidays and plain dates. */
  readonly timeZone: string;
  readonly bands: readonly Band[];
  /** Civil dates `yyyy-mm-dd` whose bands are those of the day `holiday`. */
  readonly holidays: readonly string[];
  readonly rows: readonly DeckRow[];
}

/** A named set of hours with prices of their own, e.g. peak. Times of no band are the rest. */
export interface Band {
  readonly name: string;
  readonly windows: readonly BandWindow[];
}

/** Minutes `[fromMinute, toMinute)` of the local day, on each of the days: 0 Monday to 6 Sunday, 7 a holiday. */
export interface BandWindow {
  readonly days: readonly number[];
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** What a row prices: numbers that begin with a prefix, one short code, or a destination of the numbering plan. */
export type DeckKey =
  | { readonly kind: 'prefix'; readonly prefix: string }
  | { readonly kind: 'short-code'; readonly shortCode: number }
  | { readonly kind: 'destination'; readonly destination: string };

/** One row: a key, when it holds, and what a call costs. */
export interface DeckRow {
  /** Line in the file. */
  readonly line: number;
  readonly key: DeckKey;
  /** Name of the destination; on a prefix or short code it is only shown. `''` when none is given. */
  readonly destination: string;
  /** Band that the row prices; `null`: all times that no other row of the key prices. */
  readonly band: string | null;
  /** In force `[from, to)`, ms since the epoch. A later row of the same key and band ends an open one. */
  readonly from: number;
  readonly to: number;
  readonly pricePerMinute: Nanos;
  readonly connectionCharge: Nanos;
  readonly pricePerCall: Nanos;
  /** The least that a call of more than 0 ms costs. */
  readonly minimumCharge: Nanos;
  readonly initialIncrementS: number;
  readonly nextIncrementS: number;
  /** Seconds that are billed at least, before increments. */
  readonly minimumS: number;
  readonly rounding: Rounding;
  readonly decimals: number;
}

/** Stable codes of what can be wrong with a deck, in order of precedence on one cell. */
export type DeckFaultCode =
  | 'empty-file'
  | 'malformed-csv'
  | 'wrong-delimiter'
  | 'unknown-setting'
  | 'bad-setting'
  | 'duplicate-setting'
  | 'overlapping-bands'
  | 'too-many-bands'
  | 'too-many-band-changes'
  | 'unknown-column'
  | 'duplicate-column'
  | 'missing-column'
  | 'wrong-cell-count'
  | 'missing-value'
  | 'bad-number'
  | 'number-out-of-range'
  | 'bad-prefix'
  | 'bad-short-code'
  | 'bad-rounding'
  | 'bad-instant'
  | 'unknown-band'
  | 'unknown-destination'
  | 'no-time-in-force'
  | 'duplicate-row'
  | 'overlapping-rows'
  | 'differing-increments'
  | 'hours-without-price';

/** One fault of a deck: where it stands, what was found there, and a message that says all of it. */
export interface DeckFault {
  readonly code: DeckFaultCode;
  /** Line in the file, from 1. */
  readonly line: number;
  /** Column as the file names it; `null` when the fault is of the line or the file. */
  readonly column: string | null;
  /** The text found; `''` when nothing was there. */
  readonly value: string;
  readonly message: string;
}

/** `line 5, price_per_minute: Cannot read price '0,12': …` for a person. */
export function formatDeckFault(fault: DeckFault): string {
  return `line ${fault.line}${fault.column === null ? '' : `, ${fault.column}`}: ${fault.message}`;
}

/** A row's key as text, which two rows share when they price the same thing: `+3361`, `3949` or `Belgique`. */
export function formatDeckKey(key: DeckKey): string {
  if (key.kind === 'prefix') return `+${key.prefix}`;
  return key.kind === 'short-code' ? String(key.shortCode) : key.destination;
}
