import {
  beginLife,
  isStrangeCopy,
  knownHome,
  type LedgerLife,
  lockHeads,
  readHeads,
  settleHome,
} from '../../ledger/index.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { type Refused, refusal, refused, refusedFor } from '../refusals.ts';

/** Somebody says that this copy is the ledger from now on. */
export interface TakeOverRequest {
  /** Who, and what was restored and why: kept for good. */
  readonly by: string;
  readonly note: string;
  /** The database moved, and nothing that was committed is missing: after a failover to a replica in step. */
  readonly nothingLost?: boolean | undefined;
  /** The copy was restored into the very database that the ledger was in: nothing else shows it. */
  readonly inPlace?: boolean | undefined;
}

export interface TakenOver {
  readonly kind: 'taken-over';
  /** The life that begins; `null`: the one before goes on, and only the place is another. */
  readonly life: LedgerLife | null;
}

/** What is wrong with a request whatever the ledger holds; `null`: nothing. */
export function checkTakeOver({ by, note, nothingLost, inPlace }: TakeOverRequest): Refused | null {
  const act = 'take the ledger for a restored one';
  return refusedFor([
    ...(by.trim() === '' ? [refusal('name-missing', { act })] : []),
    ...(note.trim() === '' ? [refusal('reason-missing', { act })] : []),
    ...(inPlace === true && nothingLost === true ? [refusal('nothing-restored', {})] : []),
  ]);
}

/**
 * Says that this copy is the ledger from now on. It begins another life, so that relays tell their readers what they
 * must drop; where nothing was lost the life goes on. Where the ledger is at home already nothing was restored, as far
 * as anyone can see: it is refused, unless the request says that it was restored in place.
 */
export async function takeOver({ db }: LedgerReading, request: TakeOverRequest): Promise<TakenOver | Refused> {
  const fault = checkTakeOver(request);
  if (fault !== null) return fault;
  const { by, note, nothingLost = false, inPlace = false } = request;
  return db.transaction(async (tx): Promise<TakenOver | Refused> => {
    const buckets = (await readHeads(tx)).map(({ bucket }) => bucket);
    await lockHeads(tx, buckets);
    const isAtHome = (await knownHome(tx)) !== null && !(await isStrangeCopy(tx));
    if (isAtHome && !inPlace) return refused(refusal('already-at-home', {}));
    const life = nothingLost ? null : await beginLife(tx, by, note);
    await settleHome(tx, by, note);
    return { kind: 'taken-over', life };
  });
}
