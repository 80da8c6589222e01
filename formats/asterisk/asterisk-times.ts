import { MAX_DURATION_MS, quote } from '../canonical/canonical-fields.ts';
import { bad, type DecodedBad, type DecodingNote } from '../format.ts';

/** When a leg was answered, and how long it was up. */
export interface CallTimes {
  readonly startedAt: number;
  readonly durationMs: number;
  readonly notes: readonly DecodingNote[];
}

/** Differences between two sources of a duration: up to 1.5 s is rounding, above 5 s one of them is wrong. */
export const ROUNDING_MS = 1_500;
export const MISMATCH_MS = 5_000;

/** `billsec`, seconds, in ms: whole ones, or with decimals where a table keeps them. */
export function readBilledMs(billsec: string): number | DecodedBad {
  const billedMs = readSecondsMs(billsec);
  if (billedMs <= MAX_DURATION_MS) return billedMs;
  const fault = Number.isNaN(billedMs)
    ? 'is no number of seconds'
    : 'seconds are longer than seven days, which no call is';
  return bad('invalid-field', `Cannot read billsec: ${quote(billsec)} ${fault}`);
}

/** Seconds as Asterisk writes them, in ms; `NaN` where the text is no number of seconds. */
export function readSecondsMs(text: string): number {
  return /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Math.round(Number(text) * 1000) : NaN;
}

/**
 * Holds `billsec` against the time from answer to end: within rounding `billsec` counts, up to 5 s apart the smaller.
 */
export function agreedTimes(startedAt: number, billedMs: number, spanMs: number): CallTimes | DecodedBad {
  const differenceMs = Math.abs(spanMs - billedMs);
  if (differenceMs > MISMATCH_MS) {
    return bad(
      'duration-mismatch',
      `Cannot trust the duration: billsec says ${billedMs} ms, answer to end is ${spanMs} ms`,
    );
  }
  if (differenceMs <= ROUNDING_MS) return { startedAt, durationMs: billedMs, notes: [] };
  return { startedAt, durationMs: Math.max(0, Math.min(billedMs, spanMs)), notes: ['duration-differs'] };
}
