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

/** A part of an effect that a condition cannot have: where it is in the effect, and what it must be. */
export interface EffectFault {
  readonly path: readonly string[];
  readonly problem: string;
}
