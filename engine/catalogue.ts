import type { CompiledOffer } from '../rater/index.ts';
import type { CivilTime, Destination, NumberingPlan, RateDeck } from '../tariffs/index.ts';

/** What calls are rated with, and by which numbers the ledger knows it. */
export interface Catalogue {
  /** The ledger's `catalogueVersion` that it is of. */
  readonly version: string;
  readonly plan: NumberingPlan;
  readonly deck: RateDeck;
  readonly civilTime: CivilTime;
  /** By id. */
  readonly offers: ReadonlyMap<string, CompiledOffer>;
  /** The compiled offer of a version's number in the ledger, current or not. */
  offerOf(no: number): CompiledOffer;
  /** The ledger's number of the deck's version, and of each destination of the plan (by its id). */
  readonly deckNo: number;
  destinationNo(destination: Destination): number;
}
