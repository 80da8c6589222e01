import type { LedgerAccess } from '../services/index.ts';
import type { LedgerPlace } from './config.ts';

/** An open ledger and what works on it. */
export interface Ledger extends LedgerAccess {
  readonly place: LedgerPlace;
  /** Options with which another command finds this ledger, with a blank before. */
  readonly option: string;
}
