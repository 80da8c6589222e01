import {
  type Database,
  ensurePeriod,
  isRightMissing,
  loadOffers,
  makePeriods,
  missingPeriods,
  type Queryable,
} from '../../ledger/index.ts';
import { type CivilTime, compileCivilTime } from '../../tariffs/index.ts';

/** The month before, for calls that come late, and so many after the current one. */
const MONTHS_AHEAD = 3;
/** The zone of a ledger without an offer. */
const DEFAULT_ZONE = 'Europe/Paris';

/**
 * The months (yyyymm) that a ledger should have at an instant, in order: the one before it, its own, and three ahead.
 */
export function monthsAround(instant: number, civilTime: CivilTime): readonly number[] {
  let month = civilTime.previousPeriod(civilTime.periodOf(instant));
  const months = [month];
  for (let ahead = 0; ahead <= MONTHS_AHEAD; ahead++) {
    month = civilTime.nextPeriod(month);
    months.push(month);
  }
  return months;
}

/** What became of the months that a ledger should have. */
export interface MonthsAhead {
  readonly made: readonly number[];
  /** Those that are not there and that this role may not make: the tables' owner must (`fairtally setup`). */
  readonly missing: readonly number[];
}

/**
 * Makes the months that a ledger should have today, as far as this role may. For the edges, which know what day it
 * is: no outcome hangs on it, since a call whose month is missing waits for it.
 */
export async function prepareMonthsAhead(db: Database, today: number): Promise<MonthsAhead> {
  const civilTime = await civilTimeOf(db);
  if (!civilTime.covers(today)) return { made: [], missing: [] };
  const wanted = await missingPeriods(db, monthsAround(today, civilTime));
  if (wanted.length === 0) return { made: [], missing: [] };
  try {
    await makePeriods(db, wanted);
  } catch (error) {
    if (!isRightMissing(error)) throw error;
    for (const month of wanted) await ensurePeriod(db, month);
  }
  const missing = await missingPeriods(db, wanted);
  return { made: wanted.filter((month) => !missing.includes(month)), missing };
}

async function civilTimeOf(db: Queryable): Promise<CivilTime> {
  return compileCivilTime((await loadOffers(db)).at(-1)?.offer.timeZone ?? DEFAULT_ZONE);
}
