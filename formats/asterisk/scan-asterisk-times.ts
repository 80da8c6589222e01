import { scanIsoInstant } from '../reading/iso-instant.ts';
import type { LocalClock } from '../reading/local-clock.ts';
import { scanLocalStamp } from '../reading/scan-local-stamp.ts';
import { ROUNDING_MS } from './asterisk-times.ts';
import { AT, ends, isEmpty, starts, times } from './scan-asterisk-leg.ts';

/** Reads the times of the row, as `localTimesOf` does, where nothing about them is in doubt. */
export function scanLocalTimes(bytes: Uint8Array, clock: LocalClock): boolean {
  const billed = wholeSeconds(bytes, AT.billsec);
  const begunAt = scanLocalStamp(bytes, starts[AT.start]!, ends[AT.start]!, clock);
  if (billed < 0 || Number.isNaN(begunAt)) return false;
  times.begunAt = begunAt;
  times.durationMs = billed * 1000;
  if (isEmpty(AT.answer) && isEmpty(AT.end)) {
    const duration = wholeSeconds(bytes, AT.duration);
    times.answeredAt = begunAt + (duration - billed) * 1000;
    return duration >= billed;
  }
  const answeredAt = scanLocalStamp(bytes, starts[AT.answer]!, ends[AT.answer]!, clock);
  const endedAt = scanLocalStamp(bytes, starts[AT.end]!, ends[AT.end]!, clock);
  times.answeredAt = answeredAt;
  return Math.abs(endedAt - answeredAt - times.durationMs) <= ROUNDING_MS;
}

/** Up to nine digits; -1 where the field is something else. */
function wholeSeconds(bytes: Uint8Array, column: number): number {
  const start = starts[column]!;
  const end = ends[column]!;
  if (end === start || end - start > 9) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit >>> 0 > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

const [PLUS, MINUS, COLON] = [0x2b, 0x2d, 0x3a];
/** Room for an instant with its offset. */
const MOST_STAMP = 40;
const stamp = new DataView(new ArrayBuffer(MOST_STAMP + 8));

/** The instant of a column, as `2026-11-03T10:15:00.250+0100`, ms since the epoch; NaN where it is none. */
function scanOffsetInstant(bytes: Uint8Array, column: number): number {
  const start = starts[column]!;
  const length = ends[column]! - start;
  if (length < 20 || length >= MOST_STAMP) return NaN;
  const sign = bytes[start + length - 5];
  const isShort = (sign === PLUS || sign === MINUS) && bytes[start + length - 3] !== COLON;
  const whole = isShort ? length - 2 : length;
  for (let at = 0; at < whole; at++) stamp.setUint8(at, bytes[start + at]!);
  if (!isShort) return scanIsoInstant(stamp, 0, length);
  stamp.setUint8(whole, COLON);
  stamp.setUint8(whole + 1, bytes[start + whole]!);
  stamp.setUint8(whole + 2, bytes[start + whole + 1]!);
  return scanIsoInstant(stamp, 0, length + 1);
}

/** The same of times with their offset, as cdr_kafka has them: from answer to end counts where `billsec` agrees. */
export function scanOffsetTimes(bytes: Uint8Array): boolean {
  const billed = wholeSeconds(bytes, AT.billsec);
  const answeredAt = scanOffsetInstant(bytes, AT.answer);
  const spanMs = scanOffsetInstant(bytes, AT.end) - answeredAt;
  times.begunAt = scanOffsetInstant(bytes, AT.start);
  times.answeredAt = answeredAt;
  times.durationMs = spanMs;
  return billed >= 0 && spanMs >= 0 && Math.abs(spanMs - billed * 1000) <= ROUNDING_MS;
}
