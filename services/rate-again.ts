import {
  changesSince,
  countQuarantine,
  ledgerCharge,
  type PostedChange,
  type Queryable,
  readHeads,
} from '../ledger/index.ts';
import type { LedgerAccess } from './ledger-access.ts';
import { currencyOf } from './reports/read-report.ts';

/** What it came to that everything was judged again that waited for it. */
export interface RatedAgain {
  readonly changes: PostedChange;
  readonly currency: string;
  /** Micros: what all calls of the ledger were charged together before. */
  readonly chargeBefore: number;
  /** Records that wait in quarantine, before and after. */
  readonly waitingBefore: number;
  readonly waiting: number;
}

/**
 * Judges again what changes have touched, and settles again what may come out of quarantine by them. A worker does so
 * by itself; this says what it came to. It adds up all entries of the ledger first.
 */
export async function rateAgain({ db, engine }: Pick<LedgerAccess, 'db' | 'engine'>): Promise<RatedAgain> {
  const heads = await readHeads(db);
  const chargeBefore = await ledgerCharge(db);
  const waitingBefore = await countWaiting(db);
  await engine.catchUp();
  const changes = await changesSince(db, heads);
  return { changes, currency: await currencyOf(db), chargeBefore, waitingBefore, waiting: await countWaiting(db) };
}

async function countWaiting(q: Queryable): Promise<number> {
  const counts = await countQuarantine(q);
  return counts.reduce((sum, { state, records }) => (state === 'waiting' ? sum + records : sum), 0);
}
