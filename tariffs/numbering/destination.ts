/** What an offer and the rater need to know of a destination: how its coverage is decided. */
export const DESTINATION_CLASSES = [
  'national-fixed',
  'national-mobile',
  'international',
  'emergency',
  'toll-free',
  'special-rate',
] as const;

/**
 * - `national-fixed`, `national-mobile`: included whole by an offer (article 7), 0806-0809 among the fixed by their
 *   price;
 * - `international`: included if the offer names the destination;
 * - `emergency`, `toll-free`: never charged, never counted;
 * - `special-rate`: 081/082/089, paying short codes, 118, operator codes: never included.
 */
export type DestinationClass = (typeof DESTINATION_CLASSES)[number];

/** A named zone of the numbering plan. One object per name: compare by identity or by `id`. */
export interface Destination {
  /** Index in `NumberingPlan.destinations`. */
  readonly id: number;
  /** French name, verbatim as contracts and decks write it. */
  readonly name: string;
  readonly class: DestinationClass;
}

/** What kind of service a range of numbers carries, whatever its destination is called. */
export const RANGE_NATURES = [
  'fixed',
  'mobile',
  'nomadic',
  'corporate',
  'm2m',
  'toll-free',
  'shared-cost',
  'premium',
  'personal',
  'pager',
  'satellite',
  'other',
] as const;

export type RangeNature = (typeof RANGE_NATURES)[number];

const COSTLY_NATURES: ReadonlySet<RangeNature> = new Set(['shared-cost', 'premium', 'personal', 'pager', 'satellite']);

/**
 * Whether numbers of this nature cost far more than their neighbours, so that an offer must not include them unaware.
 */
export function isCostlyNature(nature: RangeNature): boolean {
  return COSTLY_NATURES.has(nature);
}
