import { CallFlag, type LineState, type MonthState, hasOneOffer, judgeMeasures, sameHolds } from '../rater/index.ts';
import {
  type BreachRow,
  type Database,
  DatabaseError,
  ENTRY_COPY_STATEMENT,
  EntryCopyBuffer,
  type QuarantinedRecord,
  type Transaction,
  addCounts,
  addQuarantine,
  advanceSource,
  callsWithFlag,
  lockHeads,
  moveHeads,
  saveBreaches,
  saveCases,
  settleStaleLines,
  settleableQuarantine,
  staleLines,
  waitingQuarantine,
} from '../ledger/index.ts';
import { Batch, UnlockedBucketError } from './batch.ts';
import { caseRow } from './case-state.ts';
import type { Catalogue } from './catalogue.ts';
import type { Delivery } from './delivery.ts';
import { rateDelivery } from './rate-delivery.ts';
import { RatingState, holdsOfLine } from './rating-state.ts';
import { reconcileLines } from './reconcile.ts';
import { recordedCdr } from './recorded-cdr.ts';
import { type Settlement, markStale, settleQuarantined, settleSuspects } from './settle.ts';

const MAX_ATTEMPTS = 5;
const STALE_LINES_A_BATCH = 500;
const REPLAYED_A_BATCH = 1000;
const ALL_BUCKETS = Array.from({ length: 64 }, (_, bucket) => bucket);

/** Another writer moved a bucket on since it was cached: memory is loaded again, and the batch repeated. */
class StaleStateError extends Error {}

/** What became of the records of a batch, by outcome and reason joined by a tab: `rated\t`, `quarantined\tunknown-line`, … */
export type Counts = ReadonlyMap<string, number>;

/** One piece of work for one transaction. */
interface Work {
  readonly locksAllBuckets: boolean;
  /** Rates in memory, before the transaction. */
  prepare(batch: Batch, state: RatingState): Promise<void>;
  /** The first statements of the transaction, before any bucket is locked. */
  begin(tx: Transaction): Promise<void>;
  /** Within the transaction, with the buckets locked and what was rated copied in. */
  settle(settlement: Settlement): Promise<void>;
  /** The last statements of the transaction. */
  end(tx: Transaction, batch: Batch): Promise<void>;
}

/**
 * Rates deliveries into the ledger, each in one transaction that holds entries, verdicts, cases, quarantine, counts and
 * the source's position: a delivery is taken in whole or not at all, and once. Use it for one piece of work at a time.
 */
export class RatingEngine {
  readonly #db: Database;
  readonly #loadCatalogue: () => Promise<Catalogue>;
  readonly #entries = new EntryCopyBuffer();
  #loaded: { readonly catalogue: Catalogue; readonly state: RatingState } | null = null;

  constructor(db: Database, loadCatalogue: () => Promise<Catalogue>) {
    this.#db = db;
    this.#loadCatalogue = loadCatalogue;
  }

  /** Takes in one delivery. Throws when its source is not where the delivery begins, or when the database fails. */
  take(delivery: Delivery): Promise<Counts> {
    let suspects: ReturnType<typeof rateDelivery> = [];
    return this.#run({
      locksAllBuckets: false,
      prepare: async (batch, state) => {
        await state.preparePeriods(periodsOf(delivery, state));
        suspects = rateDelivery(delivery, batch, state);
        for (const { identity } of suspects) {
          for (const account of state.seen.find(identity.high, identity.low)) {
            if (account !== 0) batch.buckets.add(state.bucketOfAccount(account));
          }
        }
      },
      begin: (tx) => advanceSource(tx, delivery),
      settle: (settlement) => settleSuspects(settlement, suspects),
      end: (tx, batch) => addCounts(tx, delivery.source, batch.counts),
    });
  }

  /**
   * Judges again the lines whose facts or decisions changed, and what waits in quarantine for such facts. Does nothing
   * when nothing changed.
   */
  async catchUp(): Promise<void> {
    let hasChanges = false;
    for (;;) {
      const numbers = await staleLines(this.#db, STALE_LINES_A_BATCH);
      if (numbers.length === 0) break;
      hasChanges = true;
      this.forget();
      await this.#run(staleLinesWork(numbers));
    }
    if (hasChanges) await this.replay(null);
  }

  /** Settles again what waits in quarantine for one reason, or every record in it that could be read (`null`). */
  async replay(reason: string | null): Promise<{ readonly tried: number; readonly rated: number }> {
    let afterNo = 0;
    let tried = 0;
    let rated = 0;
    for (;;) {
      const records =
        reason === null
          ? await settleableQuarantine(this.#db, afterNo, REPLAYED_A_BATCH)
          : await waitingQuarantine(this.#db, { reason, afterNo, limit: REPLAYED_A_BATCH });
      const last = records.at(-1);
      if (last === undefined) return { tried, rated };
      afterNo = last.no;
      tried += records.length;
      const counts = await this.#run(replayWork(records));
      rated += counts.get('replayed\t') ?? 0;
    }
  }

  /** Forgets all that is cached; the next piece of work loads it from the ledger. */
  forget(): void {
    this.#loaded?.state.release();
    this.#loaded = null;
    this.#entries.take();
  }

  async #run(work: Work): Promise<Counts> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(work, attempt > 1 || work.locksAllBuckets);
      } catch (error) {
        this.forget();
        if (attempt === MAX_ATTEMPTS || !isWorthRepeating(error)) throw error;
      }
    }
  }

  async #attempt(work: Work, locksAll: boolean): Promise<Counts> {
    const { state, catalogue } = await this.#load();
    const batch = new Batch(state, catalogue, this.#entries);
    await work.prepare(batch, state);
    await this.#db.transaction(async (tx) => {
      await work.begin(tx);
      await lockBuckets(tx, batch, state, locksAll ? ALL_BUCKETS : [...batch.buckets].toSorted((a, b) => a - b));
      const flush = () => flushBatch(tx, batch);
      const settlement: Settlement = { tx, state, catalogue, batch, stale: new Map(), flush };
      await flush();
      await work.settle(settlement);
      await flush();
      judgeTouched(settlement);
      await reconcileLines(settlement);
      await flush();
      await saveFindings(settlement);
      await moveHeads(tx, state.movedHeads());
      await work.end(tx, batch);
    });
    state.committed(batch.touched);
    return batch.counts;
  }

  async #load(): Promise<{ readonly catalogue: Catalogue; readonly state: RatingState }> {
    if (this.#loaded === null) {
      const catalogue = await this.#loadCatalogue();
      this.#loaded = { catalogue, state: await RatingState.load(this.#db, catalogue) };
    }
    return this.#loaded;
  }
}

function isWorthRepeating(error: unknown): boolean {
  if (error instanceof StaleStateError || error instanceof UnlockedBucketError) return true;
  return error instanceof DatabaseError && (error.retryable || error.code === 'unique-violation');
}

function periodsOf({ records }: Delivery, state: RatingState): Set<number> {
  const { civilTime } = state.context;
  const periods = new Set<number>();
  for (const { decoded } of records) {
    if (decoded.kind === 'call' && civilTime.covers(decoded.cdr.startedAt)) {
      periods.add(civilTime.periodOf(decoded.cdr.startedAt));
    }
  }
  return periods;
}

function periodsOfQuarantined(records: readonly QuarantinedRecord[], { context }: RatingState): Set<number> {
  const cdrs = records.flatMap(({ cdr }) => (cdr === null ? [] : [recordedCdr(cdr)]));
  const starts = cdrs.map(({ startedAt }) => startedAt).filter((start) => context.civilTime.covers(start));
  return new Set(starts.map((start) => context.civilTime.periodOf(start)));
}

/** Locks the buckets to write to, and makes sure that they are as they were cached. */
async function lockBuckets(tx: Transaction, batch: Batch, state: RatingState, buckets: readonly number[]): Promise<void> {
  for (const head of await lockHeads(tx, buckets)) {
    if (!state.isCurrent(head)) throw new StaleStateError(`Bucket '${head.bucket}' was moved on by another writer`);
  }
  batch.lockedBuckets = new Set(buckets);
}

async function flushBatch(tx: Transaction, { entries, quarantine }: Batch): Promise<void> {
  if (entries.count > 0) await tx.copyIn(ENTRY_COPY_STATEMENT, entries.take());
  await addQuarantine(tx, quarantine.splice(0));
}

/** Judges the months that the batch touched; those that memory alone can't judge are left to the ledger. */
function judgeTouched({ batch, stale, catalogue }: Settlement): void {
  for (const { line, state } of batch.touched) {
    judgeMeasures(state);
    const needsLedger = state.crossingMayMove || !hasOneOffer(state);
    if (needsLedger || (state.findingsChanged && holdsMoved(line, catalogue))) markStale(stale, line, state.period);
  }
}

function holdsMoved(line: LineState, { civilTime }: Catalogue): boolean {
  return !sameHolds(line.holds, holdsOfLine(line, civilTime));
}

/** Writes the verdicts that changed, and the state of their cases. */
async function saveFindings({ tx, batch }: Settlement): Promise<void> {
  const months = new Map<MonthState, LineState>();
  for (const { line, state } of batch.touched) months.set(line.months.get(state.period) ?? state, line);
  const breaches: BreachRow[] = [];
  const cases = [];
  for (const [month, line] of months) {
    const changed = changedBreaches(line, month);
    if (changed.length === 0 && !batch.hasDecisions) continue;
    breaches.push(...changed);
    const row = caseRow(line, month);
    if (row !== null) cases.push(row);
  }
  await saveBreaches(tx, breaches);
  await saveCases(tx, cases);
}

function changedBreaches({ bucket, no }: LineState, { period, findings, savedFindings }: MonthState): BreachRow[] {
  if (findings === savedFindings) return [];
  const rows: BreachRow[] = [];
  for (const finding of findings) {
    const saved = savedFindings.find(({ condition }) => condition === finding.condition);
    if (saved !== finding && JSON.stringify(saved) !== JSON.stringify(finding)) {
      rows.push({ bucket, line: no, period, condition: finding.condition, finding });
    }
  }
  for (const { condition } of savedFindings) {
    if (!findings.some((finding) => finding.condition === condition)) {
      rows.push({ bucket, line: no, period, condition, finding: null });
    }
  }
  return rows;
}

/** Judges lines again over all their periods, and the calls that name a party which may be one of ours by now. */
function staleLinesWork(numbers: readonly number[]): Work {
  return {
    locksAllBuckets: true,
    prepare: async (batch) => {
      batch.hasDecisions = true;
    },
    begin: nothing,
    settle: async (settlement) => {
      const { tx, state, stale } = settlement;
      for (const no of numbers) markStale(stale, state.lineOf(no), 0);
      for (const { line } of await callsWithFlag(tx, CallFlag.unresolvedParty, 0)) {
        markStale(stale, state.lineOf(line), 0);
      }
      await settleStaleLines(tx, numbers);
    },
    end: nothing,
  };
}

function replayWork(records: readonly QuarantinedRecord[]): Work {
  return {
    locksAllBuckets: true,
    prepare: async (_, state) => state.preparePeriods(periodsOfQuarantined(records, state)),
    begin: nothing,
    settle: (settlement) => settleQuarantined(settlement, records),
    end: nothing,
  };
}

async function nothing(): Promise<void> {}
