import { nextPeriod } from '../../tariffs/index.ts';

/**
 * What the closes of periods have settled. Periods close in order, one after the other, and a month before the first
 * that was closed counts as closed: so one month says which are.
 */
export interface Closes {
  /** The last period that is closed, yyyymm; `NONE_CLOSED` before the first close. */
  readonly closedThrough: number;
  /** The period after it, in which entries of closed periods are billed. */
  readonly firstOpen: number;
  /** The breaches that stood when their period was closed, by `breachKey`; of all lines, or of those asked for. */
  readonly seenBreaches: ReadonlySet<string>;
}

/** Before every month. */
export const NONE_CLOSED = 0;

export const NO_CLOSES: Closes = { closedThrough: NONE_CLOSED, firstOpen: NONE_CLOSED, seenBreaches: new Set() };

/** What is settled by closes up to a period; `NONE_CLOSED` where there was none. */
export function closesThrough(closedThrough: number, seenBreaches: ReadonlySet<string>): Closes {
  if (closedThrough === NONE_CLOSED) return NO_CLOSES;
  return { closedThrough, firstOpen: nextPeriod(closedThrough), seenBreaches };
}

/** A condition broken by a line (the ledger's number of it) in a period. */
export interface BreachOfLine {
  readonly line: number;
  readonly period: number;
  readonly condition: string;
}

export function breachKey({ line, period, condition }: BreachOfLine): string {
  return `${line} ${period} ${condition}`;
}

/**
 * The period in which an entry of a call is billed that belongs to `period`: its own while that is open or closing,
 * else the earliest after it that is not closed. Domain page, "What must always hold", 5: a closed period's bill never
 * changes, and what comes later is posted to the open period. Article 6 has usage billed on the day of billing, once.
 */
export function billedPeriodOf(period: number, { firstOpen }: Closes): number {
  return period < firstOpen ? firstOpen : period;
}

/**
 * Whether a breach that is found was first found after the close of its period: then it is a case for review, whatever
 * the offer says, and holds no call until a person confirms it (domain page, "What must always hold", 5). One that
 * stood at the close goes by the offer for ever, also where it was found no more in between.
 */
export function isFoundAfterClose({ closedThrough, seenBreaches }: Closes, breach: BreachOfLine): boolean {
  return breach.period <= closedThrough && !seenBreaches.has(breachKey(breach));
}
