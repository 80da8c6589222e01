import type { RatingEngine } from '../engine/index.ts';
import type { Database } from '../ledger/index.ts';
import type { NumberingPlan } from '../tariffs/index.ts';
import type { LedgerPlace } from './config.ts';

/** An open ledger and what works on it. */
export interface Ledger {
  readonly db: Database;
  readonly plan: NumberingPlan;
  readonly engine: RatingEngine;
  readonly place: LedgerPlace;
  /** Options with which another command finds this ledger, with a blank before. */
  readonly option: string;
}
