import {
  type PeriodMove,
  type Queryable,
  loadPeriodMoves,
  periodsWithEntries,
  readClosePositions,
  repeatWhileCut,
} from '../../ledger/index.ts';
import type { PeriodState } from '../../rater/index.ts';
import { nextPeriod } from '../../tariffs/index.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { ledgerTimeZone } from '../ledger-civil-time.ts';
import { periodStateOf } from './period-states.ts';

/** A month of bills, and how it came to its state. */
export interface ListedPeriod {
  /** yyyymm. */
  readonly period: number;
  readonly state: PeriodState;
  /** Whether any call is of the month. */
  readonly hasEntries: boolean;
  /** In the order in which they were made; none of a month that is closed with a later one. */
  readonly moves: readonly PeriodMove[];
  /** Of a month that was closed: which entries the close had seen, by bucket; empty of any other. */
  readonly seenUpTo: ReadonlyMap<number, number>;
}

export interface PeriodList {
  readonly timeZone: string;
  /** Every month from the first with entries or moves to the last, in order. */
  readonly periods: readonly ListedPeriod[];
}

/** Lists the months of a ledger with their states. */
export function listPeriods({ db }: Pick<LedgerReading, 'db'>): Promise<PeriodList> {
  return repeatWhileCut(async () => {
    const moves = await loadPeriodMoves(db);
    const withEntries = await periodsWithEntries(db);
    const known = [...withEntries, ...moves.map(({ period }) => period)];
    const periods: ListedPeriod[] = [];
    for (const period of monthsBetween(Math.min(...known), Math.max(...known))) {
      periods.push(await listedPeriod(db, period, moves, withEntries.includes(period)));
    }
    return { timeZone: await ledgerTimeZone(db), periods };
  });
}

async function listedPeriod(
  q: Queryable,
  period: number,
  moves: readonly PeriodMove[],
  hasEntries: boolean,
): Promise<ListedPeriod> {
  const own = moves.filter((move) => move.period === period);
  const state = periodStateOf(period, moves);
  const isClosedItself = own.at(-1)?.state === 'closed';
  const seenUpTo = isClosedItself ? await readClosePositions(q, period) : new Map<number, number>();
  return { period, state, hasEntries, moves: own, seenUpTo };
}

function monthsBetween(first: number, last: number): number[] {
  const months: number[] = [];
  for (let month = first; month <= last && Number.isFinite(month); month = nextPeriod(month)) months.push(month);
  return months;
}
