import {
  type CivilTime,
  type Classified,
  type Destination,
  type NumberingPlan,
  type NumberRepairs,
  type RateTable,
  type RefusalCode,
  MAX_DURATION_MS,
  billedSeconds,
  priceCall,
} from '../../tariffs/index.ts';
import { CallFlag, type FindingCondition, conditionById } from '../../rules/index.ts';
import { callFlagsOf } from '../call/call-flags-of.ts';
import type { Cdr } from '../call/cdr.ts';
import { type CompiledOffer, precedence, reaches } from './compiled-offer.ts';
import { type Directory, ownerOf } from '../line/directory.ts';
import type { Coverage } from './entry.ts';
import { type Hold, NO_HOLDS } from '../month/holds.ts';
import { factSpanAt } from '../line/line-state.ts';
import {
  fittingRegistrations,
  lacksEvidence,
  NO_REGISTRATIONS,
  type Registration,
  type RegistrationAnswers,
} from '../line/registration.ts';
import type { RatedCall } from './rated-call.ts';

/** Everything that rating looks at besides the call: handed in, never fetched. */
export interface RatingContext {
  readonly plan: NumberingPlan;
  /** How numbers are read that the plan refuses; without it, they are not. */
  readonly repairs?: NumberRepairs;
  readonly deck: Pick<RateTable, 'rateFor'>;
  readonly directory: Directory;
  readonly civilTime: CivilTime;
  /** Where a call came from whose record does not tell; without it, nobody knows. */
  readonly registrations?: RegistrationAnswers;
}

/** Why a call cannot be rated today, in order of precedence. */
export type UnratedReason = 'start-out-of-range' | 'duration-out-of-range' | 'unknown-line' | RefusalCode | 'no-rate';

export type RatingOutcome = RatedCall | UnratedReason;

/**
 * Rates one call: owner, number, price by the minute, then coverage. The order matters: a call that cannot be priced by
 * the minute is not rated at all, even where it is included, since nobody could say what is at stake on its line.
 */
export function rateCall(cdr: Cdr, context: RatingContext): RatingOutcome {
  if (!context.civilTime.covers(cdr.startedAt)) return 'start-out-of-range';
  if (cdr.durationMs > MAX_DURATION_MS) return 'duration-out-of-range';
  const ownership = ownerOf(cdr, context.directory);
  if (ownership === null) return 'unknown-line';
  const { line, isForwarded } = ownership;
  const { startedAt, durationMs } = cdr;
  const factSpan = factSpanAt(line, startedAt);
  if (factSpan === null) return 'unknown-line';
  const classified = classify(cdr, context);
  if (classified.kind === 'refusal') return classified.reason;
  const { called, destination } = classified;
  const isFreeCall = isFree(destination);
  const rate = context.deck.rateFor(called, destination.name, destination.id, startedAt);
  if (rate === null && !isFreeCall) return 'no-rate';
  const meteredPrice = rate === null || isFreeCall ? 0 : priceCall(rate, startedAt, durationMs);
  const registered = isForwarded ? NO_REGISTRATIONS : registrationsOf(cdr, line, context);
  const shown = callFlagsOf(cdr, ownership, factSpan, registered);
  const flags = shown | includedFlagsOf(destination, factSpan.offer, shown);
  const reason = reasonOf(destination, factSpan.offer, flags, startedAt, line.holds);
  const coverage = coverageOf(destination, reason);
  return {
    line,
    period: context.civilTime.periodOf(startedAt),
    startedAt,
    durationMs,
    called,
    destination,
    isFree: isFreeCall,
    offer: factSpan.offer,
    usageClass: factSpan.usageClass,
    flags,
    coverage,
    reason,
    billedSeconds: rate === null || isFreeCall ? 0 : billedSeconds(rate, durationMs),
    charge: coverage === 'metered' ? meteredPrice : 0,
    meteredPrice,
    registration: registered[0] ?? null,
  };
}

/** Whether registrations of the line tell more of a call than its record, and its offer asks. */
export function needsRegistrations({ flags, offer }: RatedCall, cdr: Cdr): boolean {
  if (offer === null || offer.firstCall.length === 0 || (flags & CallFlag.forwarded) !== 0) return false;
  return lacksEvidence(cdr);
}

function registrationsOf(cdr: Cdr, line: RatedCall['line'], { registrations }: RatingContext): readonly Registration[] {
  if (registrations === undefined || !lacksEvidence(cdr)) return NO_REGISTRATIONS;
  return fittingRegistrations(cdr, registrations.of(line, cdr.startedAt));
}

function classify(cdr: Cdr, { plan, repairs }: RatingContext): Classified {
  const { inBytes } = cdr;
  const read =
    inBytes === undefined
      ? plan.classify(cdr.dialled)
      : plan.classifyBytes(cdr.recordBuffer, inBytes.dialledStart, inBytes.dialledEnd);
  return read.kind === 'number' || repairs === undefined ? read : repairs.read(cdr.dialled, cdr.switchId, read);
}

/** Emergency and toll-free calls are never charged, by regulation, whatever the offer. */
export function isFree(destination: Destination): boolean {
  return destination.class === 'emergency' || destination.class === 'toll-free';
}

/** What a reason that `reasonOf` gave for a call to `destination` comes to. */
export function coverageOf(destination: Destination, reason: string): Coverage {
  if (isFree(destination)) return 'free';
  return reason === destination.class ? 'included' : 'metered';
}

/** The class of the destination when the call is included or free, else what stands in the way, first things first. */
export function reasonOf(
  destination: Destination,
  offer: CompiledOffer | null,
  flags: number,
  startedAt: number,
  holds: readonly Hold[],
): string {
  if (isFree(destination)) return destination.class;
  if (offer === null) return 'no-offer';
  if (offer.isIncluded[destination.id] !== 1) return 'not-in-offer';
  if ((flags & offer.aloneFlags) !== 0) return aloneReason(offer, flags);
  if (holds.length === 0) return destination.class;
  return holdOn(destination, offer, flags, startedAt, holds) ?? destination.class;
}

/** The first condition on single calls that a call shows; it shows one. */
function aloneReason({ alone }: CompiledOffer, flags: number): string {
  return alone.find(({ condition }) => (flags & condition.flags) !== 0)!.condition.id;
}

/** The flags of a call that the offer includes as far as the call alone tells, whatever holds it. */
function includedFlagsOf(destination: Destination, offer: CompiledOffer | null, flags: number): number {
  if (offer === null || offer.includedFlags === 0) return 0;
  const reason = reasonOf(destination, offer, flags, 0, NO_HOLDS);
  return coverageOf(destination, reason) === 'included' ? offer.includedFlags : 0;
}

/** The condition that holds the call, the first in the order of the offer where several do; `null` for none. */
function holdOn(
  destination: Destination,
  offer: CompiledOffer,
  flags: number,
  startedAt: number,
  holds: readonly Hold[],
): FindingCondition | null {
  let first: FindingCondition | null = null;
  for (const hold of holds) {
    if (startedAt < hold.from || startedAt >= hold.to || !reaches(hold.classes, destination)) continue;
    if (hold.onlyBreakingCalls && !shows(hold.condition, flags)) continue;
    if (first === null || precedence(offer, hold.condition) < precedence(offer, first)) first = hold.condition;
  }
  return first;
}

/** Whether a call with these flags shows the breach of `id` itself. */
function shows(id: FindingCondition, flags: number): boolean {
  const condition = conditionById(id);
  return condition.kind === 'first-call' && (flags & condition.flags) !== 0;
}
