import {
  CallFlag,
  type Finding,
  type LineState,
  type MonthState,
  hasOneOffer,
  judgeMeasures,
  sameHolds,
} from '../rater/index.ts';
import {
  type BreachRow,
  type CaseRow,
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
import { Batch, type JudgedMonth, UnlockedBucketError } from './batch.ts';
import { caseRow } from './case-state.ts';
import type { Catalogue } from './catalogue.ts';
import type { Delivery } from './delivery.ts';
import { rateDelivery } from './rate-delivery.ts';
import { RatingState, holdsOfLine } from './rating-state.ts';
import { reconcileLines } from './reconcile.ts';
import { recordedCdr } from './recorded-cdr.ts';
import { type Settlement, settleQuarantined, settleSuspects } from './settle.ts';

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
  /** The periods whose months must be in memory. */
  periods(state: RatingState): ReadonlySet<number>;
  /** Rates in memory, before the transaction, without waiting for anything. */
  rate(batch: Batch): void;
  /** The first statements of the transaction, before any bucket is locked. */
  begin(tx: Transaction): Promise<void>;
  /** Within the transaction, with the buckets locked and what was rated copied in. */
  settle(settlement: Settlement): Promise<void>;
  /** The last statements of the transaction. */
  end(tx: Transaction, batch: Batch): Promise<void>;
}

/**
 * Rates deliveries into the ledger, each in one transaction that holds entries, verdicts, cases, quarantine, counts and
 * the source's position: a delivery is taken in whole or not at all, and once. Work is done in the order in which it was
 * asked for; while one transaction runs, the next delivery is rated in memory.
 */
export class RatingEngine {
  readonly #db: Database;
  readonly #loadCatalogue: () => Promise<Catalogue>;
  readonly #buffers = [new EntryCopyBuffer(), new EntryCopyBuffer()];
  #loaded: { readonly catalogue: Catalogue; readonly state: RatingState } | null = null;
  /** Settles when all work asked for so far is done. */
  #tail: Promise<unknown> = Promise.resolve();
  /** Work asked for that is not rated in memory: what comes after it must not be rated before it. */
  readonly #unrated = new Set<Work>();
  /** The batch that was rated ahead, while another's transaction runs. */
  #ahead: Batch | null = null;

  constructor(db: Database, loadCatalogue: () => Promise<Catalogue>) {
    this.#db = db;
    this.#loadCatalogue = loadCatalogue;
  }

  /**
   * Takes in one delivery. It may be called again before the promise has settled: then the next delivery is rated while
   * this one commits. Rejects when its source is not where the delivery begins, or when the database fails.
   */
  take(delivery: Delivery): Promise<Counts> {
    return this.#inTurn(deliveryWork(delivery));
  }

  /**
   * Judges again the lines whose facts or decisions changed, and what waits in quarantine for such facts. Does nothing
   * when nothing changed.
   */
  async catchUp(): Promise<void> {
    let hasChanges = false;
    for (;;) {
      await this.#tail;
      const numbers = await staleLines(this.#db, STALE_LINES_A_BATCH);
      if (numbers.length === 0) break;
      hasChanges = true;
      this.forget();
      await this.#inTurn(staleLinesWork(numbers));
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
      const counts = await this.#inTurn(replayWork(records));
      rated += counts.get('replayed\t') ?? 0;
    }
  }

  /** Forgets all that is cached; the next piece of work loads it from the ledger. */
  forget(): void {
    this.#loaded?.state.release();
    this.#loaded = null;
  }

  async #inTurn(work: Work): Promise<Counts> {
    const before = this.#tail;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tail = promise;
    try {
      const ahead = this.#rateAhead(work);
      await before;
      return await this.#run(work, ahead);
    } finally {
      this.#unrated.delete(work);
      resolve();
    }
  }

  /** Rates while the work before is in its transaction, if memory has all that it takes. */
  #rateAhead(work: Work): Batch | null {
    const isNext = this.#unrated.size === 0;
    this.#unrated.add(work);
    if (!isNext || this.#loaded === null || this.#ahead !== null || work.locksAllBuckets) return null;
    if (!this.#loaded.state.hasPeriods(work.periods(this.#loaded.state))) return null;
    this.#ahead = this.#rated(work, this.#loaded);
    return this.#ahead;
  }

  async #run(work: Work, ahead: Batch | null): Promise<Counts> {
    for (let attempt = 1, batch = ahead; ; attempt++, batch = null) {
      try {
        return await this.#attempt(work, batch, attempt > 1 || work.locksAllBuckets);
      } catch (error) {
        this.forget();
        this.#unrated.add(work);
        if (attempt === MAX_ATTEMPTS || !isWorthRepeating(error)) throw error;
      }
    }
  }

  async #attempt(work: Work, ahead: Batch | null, locksAll: boolean): Promise<Counts> {
    if (ahead !== null && ahead.state !== this.#loaded?.state) this.#unrated.add(work);
    if (this.#ahead === ahead) this.#ahead = null;
    const loaded = await this.#load();
    let batch = ahead;
    if (batch !== null && batch.state !== loaded.state) {
      // What it was rated with has been forgotten since.
      this.#giveBack(batch);
      batch = null;
    }
    if (batch === null) {
      await loaded.state.preparePeriods(work.periods(loaded.state));
      batch = this.#rated(work, loaded);
    }
    try {
      await this.#commit(work, batch, locksAll);
    } finally {
      this.#giveBack(batch);
    }
    return batch.counts;
  }

  /** A batch rated in memory, and what memory can say of the months that it touched. */
  #rated(work: Work, { catalogue, state }: { readonly catalogue: Catalogue; readonly state: RatingState }): Batch {
    const batch = new Batch(state, catalogue, this.#buffers.pop() ?? new EntryCopyBuffer());
    work.rate(batch);
    this.#unrated.delete(work);
    judgeTouched(batch);
    return batch;
  }

  #giveBack({ entries }: Batch): void {
    entries.take();
    this.#buffers.push(entries);
  }

  async #commit(work: Work, batch: Batch, locksAll: boolean): Promise<void> {
    const { state } = batch;
    const positions = new Map([...state.heads].map(([bucket, { position }]) => [bucket, position]));
    await this.#db.transaction(async (tx) => {
      await work.begin(tx);
      await lockBuckets(tx, batch, locksAll ? ALL_BUCKETS : [...batch.buckets].toSorted((a, b) => a - b));
      const settlement: Settlement = { tx, batch, flush: () => flushBatch(tx, batch, positions) };
      await settlement.flush();
      await work.settle(settlement);
      await reconcileLines(settlement);
      await settlement.flush();
      await saveVerdicts(tx, batch);
      await moveHeads(tx, movedHeads(state, positions));
      await work.end(tx, batch);
    });
    for (const [bucket, position] of positions) state.heads.get(bucket)!.position = position;
    for (const { state: month, findings } of batch.judged) month.savedFindings = findings;
    this.#tellAhead(batch);
  }

  /** Lines that this batch judged from the ledger lack, in memory, the calls of the one that was rated ahead. */
  #tellAhead({ reconciled }: Batch): void {
    if (this.#ahead === null) return;
    for (const { line, state } of this.#ahead.touched) {
      if (reconciled.has(line)) this.#ahead.markStale(line, state.period);
    }
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

/** Locks the buckets to write to, and makes sure that they are as they were cached. */
async function lockBuckets(tx: Transaction, batch: Batch, buckets: readonly number[]): Promise<void> {
  for (const head of await lockHeads(tx, buckets)) {
    if (!batch.state.isCurrent(head)) {
      throw new StaleStateError(`Bucket '${head.bucket}' was moved on by another writer`);
    }
  }
  batch.lockedBuckets = new Set(buckets);
}

/** @param positions the last feed position given of each bucket, moved on */
async function flushBatch(
  tx: Transaction,
  { entries, quarantine }: Batch,
  positions: Map<number, number>,
): Promise<void> {
  if (entries.count > 0) {
    entries.assignPositions((bucket) => {
      const position = (positions.get(bucket) ?? 0) + 1;
      positions.set(bucket, position);
      return position;
    });
    await tx.copyIn(ENTRY_COPY_STATEMENT, entries.take());
  }
  await addQuarantine(tx, quarantine.splice(0));
}

function movedHeads(
  { heads }: RatingState,
  positions: ReadonlyMap<number, number>,
): { readonly bucket: number; readonly position: number }[] {
  return [...positions].flatMap(([bucket, position]) =>
    heads.get(bucket)?.position === position ? [] : [{ bucket, position }],
  );
}

/** Judges the months that the batch touched; those that memory alone can't judge are left to the ledger. */
function judgeTouched(batch: Batch): void {
  const judged: JudgedMonth[] = [];
  for (const { line, state } of batch.touched) {
    judgeMeasures(state);
    const isChanged = state.findings !== state.savedFindings;
    const needsLedger = state.crossingMayMove || !hasOneOffer(state);
    if (needsLedger || (isChanged && holdsMoved(line, batch.catalogue))) batch.markStale(line, state.period);
    else if (isChanged) judged.push({ line, state, findings: state.findings });
  }
  batch.judged = judged;
}

function holdsMoved(line: LineState, { civilTime }: Catalogue): boolean {
  return !sameHolds(line.holds, holdsOfLine(line, civilTime));
}

/** Writes the verdicts that changed, and the state of their cases. */
async function saveVerdicts(tx: Transaction, batch: Batch): Promise<void> {
  const breaches: BreachRow[] = [];
  const cases: CaseRow[] = [];
  const inForce = batch.judged.filter((judged) => isInForce(batch, judged));
  for (const { line, state, findings } of inForce) {
    const changed = changedBreaches(line, state, findings);
    breaches.push(...changed);
    if (changed.length === 0 && !batch.hasDecisions) continue;
    const row = caseRow(line, state, findings);
    if (row !== null) cases.push(row);
  }
  batch.judged = inForce;
  await saveBreaches(tx, breaches);
  await saveCases(tx, cases);
}

/** What memory found no longer counts once the line was judged from the ledger; nor does what was judged again since. */
function isInForce({ reconciled }: Batch, { line, state, isFromLedger }: JudgedMonth): boolean {
  return isFromLedger === true ? line.months.get(state.period) === state : !reconciled.has(line);
}

function changedBreaches(
  { bucket, no }: LineState,
  { period, savedFindings }: MonthState,
  findings: readonly Finding[],
): BreachRow[] {
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

function deliveryWork(delivery: Delivery): Work {
  return {
    locksAllBuckets: false,
    periods: (state) => periodsOf(delivery, state),
    rate: (batch) => {
      rateDelivery(delivery, batch);
      for (const { identity } of batch.suspects) {
        for (const account of batch.state.seen.find(identity.high, identity.low)) {
          if (account !== 0) batch.buckets.add(batch.state.bucketOfAccount(account));
        }
      }
    },
    begin: (tx) => advanceSource(tx, delivery),
    settle: (settlement) => settleSuspects(settlement, settlement.batch.suspects),
    end: (tx, batch) => addCounts(tx, delivery.source, batch.counts),
  };
}

function periodsOf({ records }: Delivery, { context }: RatingState): ReadonlySet<number> {
  const { civilTime } = context;
  const periods = new Set<number>();
  for (const { decoded } of records) {
    if (decoded.kind === 'call' && civilTime.covers(decoded.cdr.startedAt)) {
      periods.add(civilTime.periodOf(decoded.cdr.startedAt));
    }
  }
  return periods;
}

/** Judges lines again over all their periods, and the calls that name a party which may be one of ours by now. */
function staleLinesWork(numbers: readonly number[]): Work {
  return {
    locksAllBuckets: true,
    periods: () => new Set(),
    rate: (batch) => {
      batch.hasDecisions = true;
    },
    begin: nothing,
    settle: async ({ tx, batch }) => {
      for (const no of numbers) batch.markStale(batch.state.lineOf(no), 0);
      for (const { line } of await callsWithFlag(tx, CallFlag.unresolvedParty, 0)) {
        batch.markStale(batch.state.lineOf(line), 0);
      }
      await settleStaleLines(tx, numbers);
    },
    end: nothing,
  };
}

function replayWork(records: readonly QuarantinedRecord[]): Work {
  return {
    locksAllBuckets: true,
    periods: (state) => periodsOfQuarantined(records, state),
    rate: () => undefined,
    begin: nothing,
    settle: (settlement) => settleQuarantined(settlement, records),
    end: nothing,
  };
}

function periodsOfQuarantined(records: readonly QuarantinedRecord[], { context }: RatingState): ReadonlySet<number> {
  const cdrs = records.flatMap(({ cdr }) => (cdr === null ? [] : [recordedCdr(cdr)]));
  const starts = cdrs.map(({ startedAt }) => startedAt).filter((start) => context.civilTime.covers(start));
  return new Set(starts.map((start) => context.civilTime.periodOf(start)));
}

async function nothing(): Promise<void> {}
