import type { CompiledOffer } from '../rater/index.ts';
import type { CivilTime, Destination, NumberingPlan, NumberRepairs, RateTable } from '../tariffs/index.ts';

/** What calls are rated with, and by which numbers the ledger knows it. */
export interface Catalogue {
  /** The ledger's `catalogueVersion` that it is of. */
  readonly version: string;
  readonly plan: NumberingPlan;
  /** What people say of numbers that the plan refuses. */
  readonly repairs: NumberRepairs;
  /** The decks that are scheduled, as one table, with the ledger's numbers of them. */
  readonly deck: RateTable;
  /** Of every price of the decks. */
  readonly currency: string;
  readonly civilTime: CivilTime;
  /** By id. */
  readonly offers: ReadonlyMap<string, CompiledOffer>;
  /** The compiled offer of a version's number in the ledger, current or not. */
  offerOf(no: number): CompiledOffer;
  /** The ledger's number of each destination of the plan, by its id. */
  destinationNo(destination: Destination): number;
}
