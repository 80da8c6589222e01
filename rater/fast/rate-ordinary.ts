import { breaksConversationalUse } from '../../rules/index.ts';
import { type Destination, billedSeconds, priceCall } from '../../tariffs/index.ts';
import type { CallColumns } from '../call/call-columns.ts';
import type { CompiledOffer } from '../rate/compiled-offer.ts';
import { type WritableEntry, newEntry } from '../rate/entry.ts';
import { tickOf } from '../line/fact-span.ts';
import { NO_HOLDS } from '../month/holds.ts';
import { addToMonth, measuresOf } from '../month/line-month.ts';
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
} from '../line/line-records.ts';
import { CALLS, IS_QUIET, NUMBERS, PERIOD, monthRecords } from '../month/month-records.ts';
import { type RatingContext, coverageOf, isFree, reasonOf } from '../rate/rate-call.ts';

/** The entry of an ordinary call, and what it hangs on: an object that is written over by other calls. */
export interface OrdinaryCall extends WritableEntry {
  /** The line's place in the directory. */
  place: number;
  /** Where the record of the line's month begins in `monthRecords`. */
  month: number;
  compiledOffer: CompiledOffer | null;
  destinationOfPlan: Destination | null;
}

/** Fields of an ordinary call's entry that are known when it is posted: `rateOrdinary` leaves them as they are. */
export const WHEN_POSTED = [
  'position',
  'billedPeriod',
  'destination',
  'rateDeck',
] as const satisfies readonly (keyof WritableEntry)[];

export function newOrdinaryCall(): OrdinaryCall {
  return { ...newEntry(), place: 0, month: 0, compiledOffer: null, destinationOfPlan: null };
}

/**
 * Rates the call at `at` as `rateCall` would, where it is an ordinary one: of a line that is remembered
 * (`LineRecords`), from the device that it called from last, that lasted, to a number with a price that is not free,
 * in a month that is in memory and quiet. Every field of its entry is written to `out`, but for those that it gets when
 * it is posted (`WHEN_POSTED`); nothing else is changed. `test/rater/fast/rate-ordinary.test.ts` holds it to `rateCall`
 * and `judgeCall`, whatever `out` held before.
 *
 * @returns `false` when it is none, or nobody knows: `rateCall` must be asked
 */
export function rateOrdinary(
  calls: CallColumns,
  at: number,
  context: RatingContext,
  out: Omit<OrdinaryCall, (typeof WHEN_POSTED)[number]>,
): boolean {
  const place = calls.place[at]!;
  const durationMs = calls.durationMs[at]!;
  if (place < 0 || durationMs === 0) return false;
  const { records } = context.directory;
  const { words } = records;
  const line = records.at(place);
  if (words[line + IS_KNOWN] !== 1) return false;
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
  out.month = month;
  out.compiledOffer = offer;
  out.destinationOfPlan = destination;
  out.bucket = words[line + BUCKET]!;
  out.period = period;
  out.account = words[line + ACCOUNT]!;
  out.line = words[line + LINE_NO]!;
  out.identityHigh = calls.identityHigh[at]!;
  out.identityLow = calls.identityLow[at]!;
  out.revision = 0;
  out.kind = 'usage';
  out.startedAt = startedAt;
  out.durationMs = durationMs;
  out.called = called;
  out.coverage = coverage;
  out.coverageBefore = null;
  out.reason = reason;
  out.billedSeconds = billedSeconds(rate, durationMs);
  out.charge = coverage === 'metered' ? meteredPrice : 0;
  out.meteredPrice = meteredPrice;
  out.offer = offer.no;
  out.flags = NO_FLAGS;
  out.record = calls.buffers[at]!;
  out.recordStart = calls.recordStart[at]!;
  out.recordEnd = calls.recordEnd[at]!;
  return true;
}

const NO_FLAGS = 0;

/**
 * Whether a call that was rated as ordinary still is: calls that were taken in since may have changed what it hangs
 * on.
 */
export function isStillOrdinary({ place, month }: OrdinaryCall, { directory: { records } }: RatingContext): boolean {
  const { words } = records;
  const line = records.at(place);
  return words[line + IS_KNOWN] === 1 && words[line + MONTH] === month && monthRecords[month + IS_QUIET] === 1;
}

/**
 * Takes a call that was rated as ordinary, and still is, into its month.
 *
 * @returns whether a verdict on the month may change now (`noteCrossing`, `needsJudging`)
 */
export function takeOrdinary(call: OrdinaryCall, { civilTime }: RatingContext): boolean {
  const { month, called, startedAt, durationMs } = call;
  const { shortMs, maxNumbers, conversationalUse } = call.compiledOffer!;
  addToMonth(month, called, startedAt, durationMs, durationMs <= shortMs, civilTime.hourOfDay(startedAt));
  if (monthRecords[month + NUMBERS]! > maxNumbers) return true;
  if (conversationalUse === null || monthRecords[month + CALLS]! < conversationalUse.settings.minCalls) return false;
  return breaksConversationalUse(measuresOf(month), conversationalUse.settings);
}
