import { type Queryable, loadClosedThrough } from '../../ledger/index.ts';
import { NONE_CLOSED } from '../../rater/index.ts';
import { nextPeriod } from '../../tariffs/index.ts';
import { ledgerCivilTime } from '../ledger-civil-time.ts';

/**
 * For how long the month that is to be closed next has been over, in ms: 0 while it is not, and where no month was ever
 * closed, since not everybody closes them. @param now ms since the epoch
 */
export async function monthUnclosedFor(q: Queryable, now: number): Promise<number> {
  const closedThrough = await loadClosedThrough(q);
  if (closedThrough === NONE_CLOSED) return 0;
  const civilTime = await ledgerCivilTime(q);
  return Math.max(0, now - civilTime.periodEnd(nextPeriod(closedThrough)));
}
