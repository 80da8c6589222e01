import type { Destination } from '../../tariffs/index.ts';
import {
  CONDITION_IDS,
  type ConditionId,
  type Effect,
  type IncludedClass,
  type Offer,
  type OfferCondition,
} from '../../rules/index.ts';

type ConditionOf<Id extends ConditionId> = Extract<OfferCondition, { readonly id: Id }>;

/** An offer made ready for one numbering plan: what it includes by destination id, its conditions by id. */
export interface CompiledOffer {
  /** The ledger's number of the offer's version. */
  readonly no: number;
  readonly offer: Offer;
  /** 1 where the destination of that id is included. */
  readonly isIncluded: Uint8Array;
  readonly distinctNumbers: ConditionOf<'distinct-numbers'> | null;
  readonly forwarding: ConditionOf<'forwarding'> | null;
  readonly sipMobility: ConditionOf<'sip-mobility'> | null;
  readonly equipment: ConditionOf<'equipment'> | null;
  readonly usageClass: ConditionOf<'usage-class'> | null;
  readonly conversationalUse: ConditionOf<'conversational-use'> | null;
  /** Calls up to so many ms are short, for `conversational-use`; 0 without it. */
  readonly shortMs: number;
  /** Beyond so many numbers a month breaks `distinct-numbers`. */
  readonly maxNumbers: number;
}

/** Compiles `offer`, known to the ledger as version number `no`, against the plan's destinations (index = id). */
export function compileOffer(offer: Offer, no: number, destinations: readonly Destination[]): CompiledOffer {
  const distinctNumbers = conditionOf(offer, 'distinct-numbers');
  const conversationalUse = conditionOf(offer, 'conversational-use');
  return {
    no,
    offer,
    isIncluded: Uint8Array.from(destinations, (destination) => (includes(offer, destination) ? 1 : 0)),
    distinctNumbers,
    forwarding: conditionOf(offer, 'forwarding'),
    sipMobility: conditionOf(offer, 'sip-mobility'),
    equipment: conditionOf(offer, 'equipment'),
    usageClass: conditionOf(offer, 'usage-class'),
    conversationalUse,
    shortMs: conversationalUse?.settings.shortMs ?? 0,
    maxNumbers: distinctNumbers?.settings.maxNumbers ?? Number.MAX_SAFE_INTEGER,
  };
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

function conditionOf<Id extends ConditionId>(offer: Offer, id: Id): ConditionOf<Id> | null {
  const found = offer.conditions.find((condition): condition is ConditionOf<Id> => condition.id === id);
  return found ?? null;
}
