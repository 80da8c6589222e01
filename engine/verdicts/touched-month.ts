import type { Finding, LineState, MonthState } from '../../rater/index.ts';

/** A line's month that the batch touched, by its period. */
export interface TouchedMonth {
  readonly line: LineState;
  readonly period: number;
}

/** A line's month. */
export interface MonthOfLine {
  readonly line: LineState;
  readonly state: MonthState;
}

/** The findings of a month that memory judged, as they were when it did. */
export interface JudgedMonth extends MonthOfLine {
  readonly findings: readonly Finding[];
  /** All calls of the month were read from the ledger. */
  readonly isFromLedger?: true;
}

/** Lines whose months must be judged from the ledger, with the earliest period. */
export type StaleLines = Map<LineState, number>;
