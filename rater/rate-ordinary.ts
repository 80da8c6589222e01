import type { Destination } from '../tariffs/index.ts';
import { billedSeconds, priceCall } from '../tariffs/index.ts';
import type { CallColumns } from './call-columns.ts';
import type { CompiledOffer } from './compiled-offer.ts';
import type { Coverage } from './entry.ts';
import { tickOf } from './fact-epoch.ts';
import type { Hold } from './holds.ts';
import { addToMonth } from './line-month.ts';
import {
  ACCOUNT,
  ADDRESS,
  BUCKET,
  DEVICE,
  END_TICK,
  FIRST_TICK,
  IS_KNOWN,
  LINE_NO,
  MONTH,
  OFFER,
} from './line-records.ts';
import { CALLS, IS_QUIET, NUMBERS, PERIOD, monthRecords } from './month-records.ts';
import { touchSlots } from './month-slots.ts';
import { type RatingContext, coverageOf, isFree, reasonOf } from './rate-call.ts';

/** What an ordinary call comes to, as `RatedCall` has it: one object, written over by the next call. */
export interface OrdinaryCall {
  /** The line's place in the directory, the ledger's numbers of it and of its account, and its bucket. */
  place: number;
  line: number;
  account: number;
  bucket: number;
  /** Where the record of the line's month begins in `monthRecords`, and its period. */
  month: number;
  period: number;
  offer: CompiledOffer | null;
  called: number;
  destination: Destination | null;
  coverage: Coverage;
  reason: string;
  billedSeconds: number;
  charge: number;
  meteredPrice: number;
}

export function newOrdinaryCall(): OrdinaryCall {
  return {
    place: 0,
    line: 0,
    account: 0,
    bucket: 0,
    month: 0,
    period: 0,
    offer: null,
    called: 0,
    destination: null,
    coverage: 'free',
    reason: '',
    billedSeconds: 0,
    charge: 0,
    meteredPrice: 0,
  };
}

/**
 * Finds the lines of calls `[0, count)` (`calls.line`), and reads what rating them will ask for: the processor then waits once
 * for many, where it would wait for each. Returns what it read, which means nothing.
 */
export function findLines(calls: CallColumns, count: number, { directory }: RatingContext): number {
  const { isRead, buffers, lineStart, lineEnd, line } = calls;
  const { records } = directory;
  let read = 0;
  for (let at = 0; at < count; at++) {
    if (isRead[at] === 1) read ^= directory.touch(buffers[at]!, lineStart[at]!, lineEnd[at]!);
  }
  for (let at = 0; at < count; at++) {
    line[at] = isRead[at] === 1 ? directory.placeOf(buffers[at]!, lineStart[at]!, lineEnd[at]!) : -1;
  }
  for (let at = 0; at < count; at++) if (line[at]! >= 0) read ^= records.monthOf(line[at]!);
  for (let at = 0; at < count; at++) if (line[at]! >= 0) read ^= monthRecords[records.monthOf(line[at]!)]!;
  for (let at = 0; at < count; at++) if (line[at]! >= 0) read ^= touchSlots(records.monthOf(line[at]!));
  return read;
}

/**
 * Rates the call at `at` as `rateCall` would, where it is an ordinary one: of a line that is remembered (`LineRecords`), from
 * the device that it called from last, that lasted, to a number with a price that is not free, in a month that is in memory
 * and quiet. Nothing is changed but `out`. `test/rater/rate-ordinary.test.ts` holds it to `rateCall` and `judgeCall`.
 *
 * @returns `false` when it is none, or nobody knows: `rateCall` must be asked
 */
export function rateOrdinary(calls: CallColumns, at: number, context: RatingContext, out: OrdinaryCall): boolean {
  const place = calls.line[at]!;
  const durationMs = calls.durationMs[at]!;
  if (place < 0 || durationMs === 0) return false;
  const { records } = context.directory;
  const { words } = records;
  const line = records.at(place);
  if (line >= words.length || words[line + IS_KNOWN] !== 1) return false;
  if (words[line + DEVICE] !== calls.device[at] || words[line + ADDRESS] !== calls.address[at]) return false;
  const startedAt = calls.startedAt[at]!;
  const tick = tickOf(startedAt);
  if (tick < words[line + FIRST_TICK]! || tick >= words[line + END_TICK]!) return false;
  if (!context.civilTime.covers(startedAt)) return false;
  const period = context.civilTime.periodOf(startedAt);
  const month = words[line + MONTH]!;
  if (monthRecords[month + PERIOD] !== period || monthRecords[month + IS_QUIET] !== 1) return false;

  const classified = context.plan.classifyBytes(calls.buffers[at]!, calls.dialledStart[at]!, calls.dialledEnd[at]!);
  if (classified.kind === 'refusal' || isFree(classified.destination)) return false;
  const { called, destination } = classified;
  const rate = context.deck.rateFor(called, destination.name, destination.id, startedAt);
  if (rate === null) return false;
  const offer = records.offers[words[line + OFFER]!]!;
  const meteredPrice = priceCall(rate, startedAt, durationMs);
  const reason = reasonOf(destination, offer, NO_FLAGS, startedAt, NO_HOLDS);
  const coverage = coverageOf(destination, reason);
  out.place = place;
  out.line = words[line + LINE_NO]!;
  out.account = words[line + ACCOUNT]!;
  out.bucket = words[line + BUCKET]!;
  out.month = month;
  out.period = period;
  out.offer = offer;
  out.called = called;
  out.destination = destination;
  out.coverage = coverage;
  out.reason = reason;
  out.billedSeconds = billedSeconds(rate, durationMs);
  out.charge = coverage === 'metered' ? meteredPrice : 0;
  out.meteredPrice = meteredPrice;
  return true;
}

const NO_FLAGS = 0;
const NO_HOLDS: readonly Hold[] = [];

/**
 * Takes a call that was just rated as ordinary into its month.
 *
 * @returns whether the month has so many calls or numbers by now that a verdict on it may change (`noteCrossing`, `needsJudging`)
 */
export function takeOrdinary(
  calls: CallColumns,
  at: number,
  { civilTime }: RatingContext,
  { month, called, offer }: OrdinaryCall,
): boolean {
  const startedAt = calls.startedAt[at]!;
  const durationMs = calls.durationMs[at]!;
  const { shortMs, minCalls, maxNumbers } = offer!;
  addToMonth(month, called, startedAt, durationMs, durationMs <= shortMs, civilTime.hourOfDay(startedAt));
  return monthRecords[month + CALLS]! >= minCalls || monthRecords[month + NUMBERS]! > maxNumbers;
}
