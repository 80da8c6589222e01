import { ALL_BUCKETS, type FactChange, type MadeChange } from '../../engine/index.ts';
import {
  type PeriodMove,
  type Transaction,
  addPeriodMove,
  countFactChange,
  countStaleLines,
  countStaleQuarantine,
  countWaitingBetween,
  keepWhatCloseSaw,
  loadPeriodMoves,
  repeatWhileCut,
} from '../../ledger/index.ts';
import { type PeriodState, mayMovePeriod } from '../../rater/index.ts';
import type { CivilTime } from '../../tariffs/index.ts';
import type { LedgerAccess } from '../ledger-access.ts';
import { ledgerCivilTime } from '../ledger-civil-time.ts';
import { type Refusal, type Refused, refusal, refused, refusedFor } from '../refusals.ts';
import { parsePeriod, showInstant, showPeriod } from '../value-text.ts';
import { nextToClose, periodStateOf } from './period-states.ts';

/** A move of a month of bills, as a person asks for it. */
export interface PeriodRequest {
  /** `2026-11`. */
  readonly period: string;
  readonly to: PeriodState;
  readonly by: string;
  /** Why: kept for good. */
  readonly note: string;
  /** Closes the month though records of it wait in quarantine: they will be billed in a later one. */
  readonly despiteQuarantine?: boolean | undefined;
}

/** Records that wait in quarantine, by reason. */
export type Waiting = readonly { readonly reason: string; readonly records: number }[];

export type MoveOutcome =
  | Refused
  | {
      readonly kind: 'moved';
      /** yyyymm. */
      readonly period: number;
      readonly from: PeriodState;
      readonly to: PeriodState;
      /** Records whose calls are of the month, and that wait in quarantine; empty of a month that opens again. */
      readonly waiting: Waiting;
    };

/** What is wrong with a request whatever the ledger holds; `null`: nothing. */
export function checkPeriodRequest({ period, by, note }: PeriodRequest): Refused | null {
  const faults: Refusal[] = [];
  if (parsePeriod(period) === null) faults.push(refusal('period-unknown', { period }));
  if (by.trim() === '') faults.push(refusal('name-missing', { act: 'move a period' }));
  if (note.trim() === '') faults.push(refusal('reason-missing', { act: 'move a period' }));
  return refusedFor(faults);
}

/**
 * Moves a month of bills: to `closing`, in which people check it and its entries still go into it, back to `open`, or
 * to `closed`, for good. It is a task of the engine: no batch commits that bills in a closed month.
 *
 * Before a close, what waits to be judged is judged, and calls billed twice are settled (`sweep`). A close is refused
 * out of order, while anything still waits to be judged, and, unless `despiteQuarantine` says that this is known, while
 * records of the month wait in quarantine: whoever closes would bill less than was called, and be asked why.
 *
 * @param now ms since the epoch
 */
export async function movePeriod(
  ledger: LedgerAccess,
  request: PeriodRequest,
  now: number = Date.now(),
): Promise<MoveOutcome> {
  const { db, engine } = ledger;
  const fault = checkPeriodRequest(request);
  if (fault !== null) return fault;
  const { to, by, note, despiteQuarantine = false } = request;
  const period = parsePeriod(request.period)!;
  const civilTime = await repeatWhileCut(() => ledgerCivilTime(db));
  const ends = civilTime.periodEnd(period);
  if (to !== 'open' && now < ends) {
    return refused(refusal('period-not-over', { period: showPeriod(period), end: showInstant(ends, civilTime) }));
  }
  if (to === 'closed') {
    await engine.catchUp();
    await engine.sweep([civilTime.previousPeriod(period), period, civilTime.nextPeriod(period)]);
    await engine.catchUp();
  }
  const waiting = to === 'open' ? [] : await repeatWhileCut(() => waitingIn(ledger, period, civilTime));
  const hindrance = to === 'closed' && !despiteQuarantine ? waitingRefusal(period, waiting) : null;
  return engine.change(moveOf({ period, state: to, by, note, at: now }, { waiting, hindrance }));
}

function waitingIn({ db }: LedgerAccess, period: number, civilTime: CivilTime): Promise<Waiting> {
  return countWaitingBetween(db, civilTime.periodStart(period), civilTime.periodEnd(period));
}

function waitingRefusal(period: number, waiting: Waiting): Refusal | null {
  const records = waiting.reduce((sum, reason) => sum + reason.records, 0);
  if (records === 0) return null;
  const reasons = waiting.map((each) => `${each.records} ${each.reason}`).join(', ');
  return refusal('quarantine-waits', { period: showPeriod(period), records: String(records), reasons });
}

interface Quarantined {
  readonly waiting: Waiting;
  /** Why the period can't be closed with it; `null`: it can. */
  readonly hindrance: Refusal | null;
}

/** The move as a task. A close locks every bucket and waits for all batches under way, of other processes too. */
function moveOf(move: PeriodMove, quarantined: Quarantined): FactChange<MoveOutcome> {
  const { period, state: to } = move;
  const isClose = to === 'closed';
  const buckets = isClose ? [...ALL_BUCKETS] : [FIRST_BUCKET];
  let made: MoveOutcome | null = null;
  return {
    cause: `${CAUSES[to]} of ${showPeriod(period)}`,
    buckets,
    changesDirectory: isClose,
    make: async (tx): Promise<MadeChange<MoveOutcome>> => {
      const moves = await loadPeriodMoves(tx);
      // Made again, since nobody knew whether it had been committed: it had.
      if (made !== null && moves.some((kept) => isSameMove(kept, move)))
        return { outcome: made, counted: [], judged: [] };
      const from = periodStateOf(period, moves);
      const outcome = { kind: 'moved', period, from, to, waiting: quarantined.waiting } as const;
      const hindrance = await hindranceOf(tx, from, move, quarantined);
      if (hindrance !== null) return { outcome: refused(hindrance), counted: [], judged: [] };
      if (isClose) await keepWhatCloseSaw(tx, period);
      await addPeriodMove(tx, move);
      made = outcome;
      if (!isClose) return { outcome, counted: [], judged: [] };
      // Every bucket's entries are billed otherwise from now on: whoever caches one must see it.
      await countFactChange(tx, buckets);
      return { outcome, counted: buckets, lines: [], judged: [], closesPeriod: true };
    },
  };
}

/** Every move locks it, so that they are made one after the other. */
const FIRST_BUCKET = 0;

const CAUSES = { open: 'reopening', closing: 'closing', closed: 'close' } as const;

function isSameMove(a: PeriodMove, b: PeriodMove): boolean {
  return a.period === b.period && a.state === b.state && a.at === b.at && a.by === b.by && a.note === b.note;
}

/** What stands in the way of a move as the ledger is now; `null`: nothing. */
async function hindranceOf(
  tx: Transaction,
  from: PeriodState,
  { period, state: to }: PeriodMove,
  { hindrance }: Quarantined,
): Promise<Refusal | null> {
  const text = showPeriod(period);
  if (from === 'closed') return refusal('period-closed', { period: text });
  if (!mayMovePeriod(from, to)) return refusal('period-cannot-move', { period: text, from, to });
  if (to !== 'closed') return null;
  const next = await nextToClose(tx);
  if (next !== null && period > next) return refusal('earlier-period-open', { period: text, next: showPeriod(next) });
  const lines = await countStaleLines(tx);
  const records = await countStaleQuarantine(tx);
  if (lines + records > 0) {
    return refusal('period-not-judged', { period: text, lines: String(lines), records: String(records) });
  }
  return hindrance;
}
