import type { ConditionId } from './condition-id.ts';

/** The classes of destinations an offer can include whole (article 7, first two paragraphs, and the list of 40). */
export type IncludedClass = 'national-fixed' | 'national-mobile' | 'international';

/** Which calls a breach re-rates: the breaking calls alone, from the first of them on, or the whole period. */
export type RerateScope = 'call' | 'from-breach' | 'period';

/** How long the unlimited stays off after a breach, in terms of the start of calls. */
export type Suspension = 'none' | 'period' | 'until-reinstated';

/** `automatic` takes effect at once; `review` opens a case and takes effect when an analyst confirms it. */
export type EffectMode = 'automatic' | 'review';

/** What a breach of one condition does: configuration of the offer, never code. */
export interface Effect {
  readonly mode: EffectMode;
  readonly rerate: { readonly scope: RerateScope; readonly classes: readonly IncludedClass[] };
  readonly suspension: Suspension;
  /** Whether a breach opens a case for an analyst. */
  readonly opensCase: boolean;
}

export interface DistinctNumbersSettings {
  /** Most distinct numbers a line may call in a period: exactly this many is allowed. */
  readonly maxNumbers: number;
}

export interface EquipmentSettings {
  /** Lower-case fragments that mark a user agent as a PBX or a gateway. */
  readonly pbxUserAgents: readonly string[];
}

export interface UsageClassSettings {
  /** Declared classes to which the offer never applies. */
  readonly excludedClasses: readonly string[];
}

export interface ConversationalUseSettings {
  /** Counted calls in the period from which behaviour is judged at all. */
  readonly minCalls: number;
  /** A call of at most this many ms is short. */
  readonly shortMs: number;
  readonly maxShortCallsPerMille: number;
  readonly maxConcurrentCalls: number;
  readonly maxSequentialNumbers: number;
  readonly maxHoursOfDay: number;
  readonly maxNumbersInRange: number;
}

/** The settings of each condition, by its id. */
export interface ConditionSettings {
  readonly 'distinct-numbers': DistinctNumbersSettings;
  readonly forwarding: Readonly<Record<never, never>>;
  readonly 'sip-mobility': Readonly<Record<never, never>>;
  readonly equipment: EquipmentSettings;
  readonly 'usage-class': UsageClassSettings;
  readonly 'conversational-use': ConversationalUseSettings;
}

/** One condition of an offer: which, with which settings, to which effect. */
export type OfferCondition = {
  readonly [Id in ConditionId]: { readonly id: Id; readonly settings: ConditionSettings[Id]; readonly effect: Effect };
}[ConditionId];

/** An offer: what is included and on which conditions, as data (`rules/offers/*.json`). */
export interface Offer {
  readonly id: string;
  readonly name: string;
  /** IANA name of the civil time that bounds periods. */
  readonly timeZone: string;
  readonly included: {
    /** National classes included whole; `international` is included by `destinations` only. */
    readonly classes: readonly ('national-fixed' | 'national-mobile')[];
    /** Names of included international destinations, verbatim from the contract. */
    readonly destinations: readonly string[];
  };
  /** In order of precedence: the first that holds a call names the reason. */
  readonly conditions: readonly OfferCondition[];
}
