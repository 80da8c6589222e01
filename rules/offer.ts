import type { ConditionId, ConditionSettings } from './conditions.ts';
import type { Effect } from './effect.ts';

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
