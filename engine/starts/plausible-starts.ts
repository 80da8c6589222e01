import type { Receipt } from '../../ledger/index.ts';

/** How far from the receipt of a record the start of its call may lie. */
export interface StartWindow {
  readonly beforeMs: number;
  readonly afterMs: number;
}

export const DAY_MS = 86_400_000;

/**
 * 400 days back, so that a month can be delivered again a year later; a day ahead, for clocks and zones that are off.
 */
export const DEFAULT_START_WINDOW: StartWindow = { beforeMs: 400 * DAY_MS, afterMs: DAY_MS };

/** @param receivedAt ms since the epoch */
export function receiptAt(receivedAt: number, { beforeMs, afterMs }: StartWindow): Receipt {
  return { receivedAt, startsFrom: receivedAt - beforeMs, startsTo: Math.min(receivedAt + afterMs, LAST_INSTANT) };
}

/**
 * Whether a call may start then, as far as its source can say: where it does not say when it had the record, any
 * start may be.
 */
export function isPlausible(startedAt: number, receipt: Receipt | null | undefined): boolean {
  return (
    receipt === null || receipt === undefined || (startedAt >= receipt.startsFrom && startedAt <= receipt.startsTo)
  );
}

/** 9999-12-31: the database takes no later instant from a text, and no call starts there anyway. */
export const LAST_INSTANT = 253_402_214_400_000;

/** A message's timestamp, ms since the epoch as Kafka writes it; `null` where it has none (-1 of old producers). */
export function messageTimestamp(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,19}$/.test(text)) return null;
  return Math.min(Number(text), LAST_INSTANT);
}

/** Most days that a setting may name: a century, beyond which no start is refused anyway. */
const MOST_DAYS = 36_500;

/** Whole days as people write them, in ms; `null` where the text is no such number. */
export function daysFromText(text: string): number | null {
  return /^\d{1,5}$/.test(text) && Number(text) <= MOST_DAYS ? Number(text) * DAY_MS : null;
}

/** What `daysFromText` wants, for messages. */
export const DAYS_WANTED = `a whole number of days from 0 to ${MOST_DAYS}`;

/** Receipts by the timestamps of messages; messages that follow one another with one timestamp share theirs. */
export function receiptReader(window: StartWindow): (timestamp: string | undefined) => Receipt | null {
  let lastTimestamp: string | undefined;
  let last: Receipt | null = null;
  return (timestamp) => {
    if (timestamp === lastTimestamp) return last;
    const receivedAt = messageTimestamp(timestamp);
    lastTimestamp = timestamp;
    last = receivedAt === null ? null : receiptAt(receivedAt, window);
    return last;
  };
}
