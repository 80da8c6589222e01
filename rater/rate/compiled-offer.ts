import type { Destination } from '../../tariffs/index.ts';
import {
  CONDITION_IDS,
  type Condition,
  type ConditionId,
  type Effect,
  type IncludedClass,
  type Offer,
  type OfferCondition,
  conditionById,
  conversationalUse,
  distinctNumbers,
} from '../../rules/index.ts';
import { isKnownToFastLane } from '../fast/known-to-fast-lane.ts';

type ConditionInOffer<Id extends ConditionId> = Extract<OfferCondition, { readonly id: Id }>;

/** A condition of some kind, with what the offer sets for it. */
export interface SetCondition<Kind extends Condition['kind']> {
  readonly condition: Extract<Condition, { readonly kind: Kind }>;
  readonly settings: unknown;
}

/** A condition that one call crosses, with its limit: more than `most` of what it measures. */
export interface LimitedCondition extends SetCondition<'crossing'> {
  readonly most: number;
}

/** An offer made ready for one numbering plan: what it includes by destination id, its conditions by id. */
export interface CompiledOffer {
  /** The ledger's number of the offer's version. */
  readonly no: number;
  readonly offer: Offer;
  /** 1 where the destination of that id is included. */
  readonly isIncluded: Uint8Array;
  /** The offer's conditions by what they do, each kind in the offer's order. */
  readonly alone: readonly SetCondition<'alone'>[];
  readonly firstCall: readonly SetCondition<'first-call'>[];
  readonly crossing: readonly LimitedCondition[];
  readonly measured: readonly SetCondition<'measured'>[];
  /** The flags of `alone`: a call with any of them is metered. */
  readonly aloneFlags: number;
  /** The flags of calls that the offer includes as far as each alone tells. */
  readonly includedFlags: number;
  /** Whether the fast lane knows all that the offer's conditions ask. */
  readonly isKnownToFastLane: boolean;
  /** What the fast lane asks of the conditions that it knows: see `takeOrdinary`. */
  readonly conversationalUse: ConditionInOffer<typeof conversationalUse.id> | null;
  /** Calls up to so many ms are short; 0 where the offer does not ask. */
  readonly shortMs: number;
  /** Beyond so many numbers a month may break a condition. */
  readonly maxNumbers: number;
}

/** Compiles `offer`, known to the ledger as version number `no`, against the plan's destinations (index = id). */
export function compileOffer(offer: Offer, no: number, destinations: readonly Destination[]): CompiledOffer {
  const behaviour = conditionIn(offer, conversationalUse.id);
  const alone = conditionsOf(offer, 'alone');
  const crossing = conditionsOf(offer, 'crossing').map(withLimit);
  return {
    no,
    offer,
    isIncluded: Uint8Array.from(destinations, (destination) => (includes(offer, destination) ? 1 : 0)),
    alone,
    firstCall: conditionsOf(offer, 'first-call'),
    crossing,
    measured: conditionsOf(offer, 'measured'),
    aloneFlags: flagsOf(alone),
    includedFlags: flagsOf(crossing.filter(({ condition }) => condition.goesBy === 'included-calls')),
    isKnownToFastLane: offer.conditions.every(({ id }) => isKnownToFastLane(conditionById(id))),
    conversationalUse: behaviour,
    shortMs: behaviour?.settings.shortMs ?? 0,
    maxNumbers: conditionIn(offer, distinctNumbers.id)?.settings.maxNumbers ?? Number.MAX_SAFE_INTEGER,
  };
}

/** The offer's conditions of one kind, in its order. */
function conditionsOf<Kind extends Condition['kind']>(offer: Offer, kind: Kind): SetCondition<Kind>[] {
  return offer.conditions.flatMap(({ id, settings }) => {
    const condition = conditionById(id);
    return isOfKind(condition, kind) ? [{ condition, settings }] : [];
  });
}

function withLimit({ condition, settings }: SetCondition<'crossing'>): LimitedCondition {
  return { condition, settings, most: condition.most(settings) };
}

function isOfKind<Kind extends Condition['kind']>(
  condition: Condition,
  kind: Kind,
): condition is Extract<Condition, { readonly kind: Kind }> {
  return condition.kind === kind;
}

function flagsOf(conditions: readonly { readonly condition: Condition }[]): number {
  return conditions.reduce((flags, { condition }) => flags | condition.flags, 0);
}

/** The effect of one of the offer's conditions; `null` when the offer does not have it. */
export function effectOf(offer: CompiledOffer, id: ConditionId): Effect | null {
  return offer.offer.conditions.find((condition) => condition.id === id)?.effect ?? null;
}

/** The place of a condition in the offer's order: the least names the reason where several hold a call. */
export function precedence(offer: CompiledOffer, id: ConditionId): number {
  const place = offer.offer.conditions.findIndex((condition) => condition.id === id);
  // One left over from an earlier offer comes after all of this one's.
  return place === -1 ? offer.offer.conditions.length + CONDITION_IDS.indexOf(id) : place;
}

/** Whether an effect that re-rates `classes` reaches calls to `destination`. */
export function reaches(classes: readonly IncludedClass[], destination: Destination): boolean {
  return (classes as readonly string[]).includes(destination.class);
}

/** Article 7: whole national classes, and destinations by their names. */
function includes({ included }: Offer, destination: Destination): boolean {
  switch (destination.class) {
    case 'national-fixed':
    case 'national-mobile':
      // Two of the 40 are national (France Fixe, France Fixe OBL): an order may include the 40 alone.
      return included.classes.includes(destination.class) || included.destinations.includes(destination.name);
    case 'international':
      return included.destinations.includes(destination.name);
    case 'emergency':
    case 'toll-free':
    case 'special-rate':
      return false;
  }
}

function conditionIn<Id extends ConditionId>(offer: Offer, id: Id): ConditionInOffer<Id> | null {
  const found = offer.conditions.find((condition): condition is ConditionInOffer<Id> => condition.id === id);
  return found ?? null;
}
