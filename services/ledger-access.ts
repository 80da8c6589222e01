import type { RatingEngine } from '../engine/index.ts';
import type { Database } from '../ledger/index.ts';
import type { NumberingPlan } from '../tariffs/index.ts';

/** What a service needs to read a ledger. */
export interface LedgerReading {
  readonly db: Database;
  readonly plan: NumberingPlan;
}

/** What a service needs to change what calls cost, too. */
export interface LedgerAccess extends LedgerReading {
  readonly engine: RatingEngine;
}
