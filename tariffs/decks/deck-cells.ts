import type { CivilTime } from '../civil-time.ts';
import { CHARGE_DECIMALS, MAX_PRICE, nanos, parseNanos, PRICE_DECIMALS, type Nanos, type Rounding } from '../money.ts';
import type { DeckFault, DeckFaultCode } from './deck.ts';

/** A cell of the table, and where to report what is wrong with it. */
export interface Cell {
  readonly text: string;
  readonly line: number;
  /** The column as the file names it; `null` when the file has none. */
  readonly column: string | null;
  readonly faults: DeckFault[];
}

/** Longest increment and minimum, seconds: a day. */
const MAX_INCREMENT_S = 86_400;

const ROUNDINGS: ReadonlyMap<string, Rounding> = new Map([
  ['half-up', 'half-up'],
  ['middle', 'half-up'],
  ['up', 'up'],
  ['down', 'down'],
]);

/** A price of 0 to `MAX_PRICE` with at most 9 decimals; 0 when the cell is empty or faulty. */
export function readPrice(cell: Cell): Nanos {
  if (cell.text === '') return nanos(0);
  const price = parseNanos(cell.text);
  if (price === null)
    return nanos(reportNumber(cell, 'price', `a number as 0.0125 of at most ${PRICE_DECIMALS} decimals`));
  if (price > MAX_PRICE * 10 ** PRICE_DECIMALS) {
    report(cell, 'number-out-of-range', `Cannot take price '${cell.text}': above ${MAX_PRICE}`);
    return nanos(0);
  }
  return price;
}

/** Whole seconds from `least` to a day; `fallback` when the cell is empty or faulty. */
export function readSeconds(cell: Cell, least: number, fallback: number): number {
  if (cell.text === '') return fallback;
  if (!/^\d{1,9}$/.test(cell.text)) return reportNumber(cell, 'seconds', 'a whole number as 60', fallback);
  const seconds = Number(cell.text);
  if (seconds >= least && seconds <= MAX_INCREMENT_S) return seconds;
  report(cell, 'number-out-of-range', `Cannot take '${cell.text}' seconds: not from ${least} to ${MAX_INCREMENT_S}`);
  return fallback;
}

/** Decimals of the charge, 0 to 6; 6 when the cell is empty or faulty. */
export function readDecimals(cell: Cell): number {
  if (cell.text === '') return CHARGE_DECIMALS;
  if (!/^\d{1,9}$/.test(cell.text)) return reportNumber(cell, 'decimals', 'a whole number as 4', CHARGE_DECIMALS);
  const decimals = Number(cell.text);
  if (decimals <= CHARGE_DECIMALS) return decimals;
  report(cell, 'number-out-of-range', `Cannot round to '${cell.text}' decimals: more than ${CHARGE_DECIMALS}`);
  return CHARGE_DECIMALS;
}

/** The rounding by name, `middle` being another word for half up; half up when the cell is empty or faulty. */
export function readRounding(cell: Cell): Rounding {
  if (cell.text === '') return 'half-up';
  const rounding = ROUNDINGS.get(cell.text.toLowerCase());
  if (rounding !== undefined) return rounding;
  report(cell, 'bad-rounding', `Cannot round by '${cell.text}': known are half-up (or middle), up, down`);
  return 'half-up';
}

/** A prefix of an E.164 number, a `+` in front allowed; `null` when the cell is empty or faulty. */
export function readPrefix(cell: Cell): string | null {
  if (cell.text === '') return null;
  const match = /^\+?([1-9]\d{0,14})$/.exec(cell.text);
  if (match !== null) return match[1] ?? null;
  report(
    cell,
    'bad-prefix',
    `Cannot read prefix '${cell.text}': not 1 to 15 digits of an international number, which never begins with 0`,
  );
  return null;
}

/** A national short code of 2 to 6 digits; `null` when the cell is empty or faulty. */
export function readShortCode(cell: Cell): number | null {
  if (cell.text === '') return null;
  if (/^[1-9]\d{1,5}$/.test(cell.text)) return Number(cell.text);
  report(cell, 'bad-short-code', `Cannot read short code '${cell.text}': not 2 to 6 digits`);
  return null;
}

/** An instant, or a plain date as that midnight in the deck's zone; `fallback` when the cell is empty or faulty. */
export function readInstant(cell: Cell, civilTime: CivilTime, fallback: number): number {
  if (cell.text === '') return fallback;
  const instant = civilTime.parseInstant(cell.text);
  if (instant !== null) return instant;
  report(
    cell,
    'bad-instant',
    `Cannot read instant '${cell.text}': not a date as 2026-07-01 nor an instant as 2026-07-01T12:00:00+02:00, from 2000 to 2060`,
  );
  return fallback;
}

/** Reports a fault of a cell. */
export function report(cell: Cell, code: DeckFaultCode, message: string): void {
  cell.faults.push({ code, line: cell.line, column: cell.column, value: cell.text, message });
}

function reportNumber(cell: Cell, what: string, wanted: string, fallback = 0): number {
  const hint = /^-?\d+,\d+$/.test(cell.text) ? ', and the decimal sign is a point' : '';
  report(cell, 'bad-number', `Cannot read ${what} '${cell.text}': not ${wanted}${hint}`);
  return fallback;
}
