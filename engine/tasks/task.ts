import { type Cdr, isNoCall, rateCall } from '../../rater/index.ts';
import {
  type BilledHash,
  type QuarantinedRecord,
  type Queryable,
  type SourceAdvance,
  type StaleLine,
  type Transaction,
  addCounts,
  addStartAcceptances,
  advanceSource,
  giveUpReread,
  linesWithEntries,
  readSourcePosition,
  takeStaleLines,
  takeStaleQuarantine,
} from '../../ledger/index.ts';
import type { Batch } from './batch.ts';
import { type BucketMonth, bucketMonthKey, bucketMonthOf } from '../memory/bucket-months.ts';
import type { Delivery } from '../delivery.ts';
import { type IdentityHalves, identityKey, identityOf } from '../settling/identity-halves.ts';
import { rateDeferred, rateDelivery, watchFormer } from './rate-delivery.ts';
import { isPlausible } from '../starts/plausible-starts.ts';
import type { RatingState } from '../memory/rating-state.ts';
import { cdrsOf, recordsOf } from '../settling/recorded-cdr.ts';
import { bucketsToWatch } from '../settling/gather-calls.ts';
import { settleBilled, settleQuarantined, settlePossibleDuplicates } from '../settling/settle.ts';
import type { Settlement } from '../settling/settlement.ts';
import { bucketsOfRegistration, keepRegistrations } from '../registrations/take-registrations.ts';

/**
 * What became of the records of a batch, by outcome and reason joined by a tab: `rated\t`,
 * `quarantined\tunknown-line`, …
 */
export type Counts = ReadonlyMap<string, number>;

/** What a task will write to, and needs in memory, as memory knows it. */
export interface Reach {
  /** The periods that calls may be posted to, beside those of `months`. */
  readonly periods: ReadonlySet<number>;
  readonly buckets: ReadonlySet<number>;
  readonly months: readonly BucketMonth[];
}

/** What is done in one transaction: a delivery is taken in, lines are judged again, a person's change is made, … */
export interface Task {
  /** What it is for, as its postings say: the source and stretch of a delivery, or the kind of task. */
  readonly cause: string;
  /** It is rated once its buckets are locked, never ahead. */
  readonly locksFirst: boolean;
  /**
   * It changes what others are rated with: of the lines of its buckets, or which lines there are and what names them.
   * Nothing is rated ahead while it runs.
   */
  readonly changesFacts?: 'lines' | 'directory';
  /** Nothing but lines of these buckets is needed in memory, unless it throws `LinesMissingError`. */
  readonly onlyBuckets?: ReadonlySet<number>;
  /** Rates in memory, before the transaction, without waiting for anything; yields where it may be left for a while. */
  rate(batch: Batch): Iterable<void>;
  /** Rates what was put aside, once its months are in memory. */
  rateDeferred(batch: Batch): void;
  /** What it will write to: for a task that locks before it rates. */
  reach(state: RatingState): Reach;
  /** The identities that rating it put into memory, by `identityKey`. */
  newIdentities(batch: Batch): Iterable<string>;
  /**
   * The first statements of the transaction, before any bucket is locked.
   *
   * @param isRated it was rated before the transaction; else it is rated after this
   */
  begin(tx: Transaction, isRated: boolean): Promise<void>;
  /** Within the transaction, with the buckets locked and what was rated copied in. */
  settle(settlement: Settlement): Promise<void>;
  /** The last statements of the transaction. */
  end(tx: Transaction, batch: Batch): Promise<void>;
  /** Told once it is surely committed. */
  committed?(): void;
  /** Whether the ledger has it, after a commit of which nobody knows whether it was carried out. */
  wasDone(q: Queryable): Promise<boolean>;
}

/** Takes in one delivery of a source; `recordsAStep` as in `EngineOptions`. */
export function deliveryTask(delivery: Delivery, recordsAStep: number): Task {
  const { source, partition, from, to } = delivery;
  return {
    cause: `delivery ${source}/${partition} ${from}-${to}`,
    locksFirst: false,
    *rate(batch) {
      yield* rateDelivery(delivery, batch, recordsAStep);
      reachPossibleDuplicates(batch);
    },
    rateDeferred: (batch) => {
      rateDeferred(delivery, batch);
      reachPossibleDuplicates(batch);
    },
    reach: (state) => reachOf(delivery, state),
    newIdentities: (batch) => newIdentitiesOf(delivery, batch),
    begin: async (tx) => {
      await advanceSource(tx, advanceOf(delivery));
      if (delivery.rereads !== undefined) await giveUpReread(tx, delivery.rereads);
    },
    settle: async (settlement) => {
      const { batch } = settlement;
      for (const change of batch.changes) watchFormer(change, batch);
      await settlePossibleDuplicates(settlement, batch.possibleDuplicates);
      await keepRegistrations(settlement);
    },
    end: (tx, batch) => addCounts(tx, delivery.source, batch.counts),
    wasDone: async (q) => {
      const stored = await readSourcePosition(q, delivery.source, delivery.partition);
      return stored?.position === delivery.to && stored.prefixHash === delivery.prefixHash;
    },
  };
}

/** How a delivery moves its source on; its records are not asked for. */
function advanceOf(delivery: Delivery): SourceAdvance {
  const { source, partition, from, to, prefixHash, tallyOf, moves } = delivery;
  return {
    source,
    partition,
    from,
    to,
    prefixHash,
    ...(tallyOf === undefined ? {} : { tally: tallyOf(from, to) }),
    ...(moves === undefined ? {} : { moves }),
  };
}

/** A possible duplicate may turn out to be billed under any account that it was seen under. */
function reachPossibleDuplicates({ possibleDuplicates, state, buckets }: Batch): void {
  for (const { cdr, identity } of possibleDuplicates) {
    addBucketsOfIdentity(identity, state, buckets);
    if (isNoCall(cdr)) for (const bucket of bucketsToWatch(cdr, state)) buckets.add(bucket);
  }
}

function addBucketsOfIdentity({ high, low }: IdentityHalves, state: RatingState, buckets: Set<number>): void {
  for (const account of state.seen.find(high, low)) {
    if (account !== 0) buckets.add(state.bucketOfAccount(account));
  }
}

function reachOf({ records }: Delivery, state: RatingState): Reach {
  const buckets = new Set<number>();
  const months = new Set<number>();
  for (const { decoded, receipt, correction } of records) {
    if (correction !== undefined && correction.former !== null) addBucketsOfCall(correction.former, state, buckets);
    if (decoded.kind === 'not-a-call' && decoded.correction !== undefined) {
      addBucketsOfIdentity(identityOf(decoded.correction), state, buckets);
      for (const bucket of bucketsToWatch(decoded.correction, state)) buckets.add(bucket);
    }
    if (decoded.kind === 'not-a-call' && decoded.registration !== undefined) {
      for (const bucket of bucketsOfRegistration(decoded.registration.line, state)) buckets.add(bucket);
    }
    if (decoded.kind !== 'call') continue;
    const rated = rateCall(decoded.cdr, state.context);
    if (typeof rated !== 'string') {
      buckets.add(rated.line.bucket);
      const isPosted = isPlausible(decoded.cdr.startedAt, receipt);
      if (isPosted) months.add(bucketMonthKey(rated.line.bucket, rated.period));
    }
    addBucketsOfIdentity(identityOf(decoded.cdr), state, buckets);
  }
  return { periods: NO_PERIODS, buckets, months: [...months].map(bucketMonthOf) };
}

function addBucketsOfCall(cdr: Cdr, state: RatingState, buckets: Set<number>): void {
  const rated = rateCall(cdr, state.context);
  if (typeof rated !== 'string') buckets.add(rated.line.bucket);
  addBucketsOfIdentity(identityOf(cdr), state, buckets);
}

/**
 * The identities of the records that were no possible duplicates: of each, one record more was rated than was put aside
 * as one.
 */
function newIdentitiesOf({ records }: Delivery, { possibleDuplicates, deferred }: Batch): Iterable<string> {
  const unrated = new Set(deferred);
  const asDuplicates = new Map<string, number>();
  for (const { cdr, identity, wasCounted } of possibleDuplicates) {
    if (isNoCall(cdr) || wasCounted === true) continue;
    const key = identityKey(identity.high, identity.low);
    asDuplicates.set(key, (asDuplicates.get(key) ?? 0) + 1);
  }
  const found = new Set<string>();
  for (const record of records) {
    const { decoded, correction } = record;
    if (decoded.kind !== 'call' || correction !== undefined || unrated.has(record)) continue;
    const { high, low } = identityOf(decoded.cdr);
    const key = identityKey(high, low);
    const left = asDuplicates.get(key) ?? 0;
    if (left === 0) found.add(key);
    else asDuplicates.set(key, left - 1);
  }
  return found;
}

const NO_PERIODS: ReadonlySet<number> = new Set();

/**
 * What rates nothing in memory beforehand: it is settled from the ledger, in the buckets that memory says, once
 * locked.
 */
export const FROM_THE_LEDGER = {
  locksFirst: true,
  rate: () => [],
  rateDeferred: () => undefined,
  newIdentities: () => [],
  begin: nothing,
  end: nothing,
  // Done again, it finds nothing left to do.
  wasDone: () => Promise.resolve(false),
};

/** Judges lines again over all their periods, if no other worker has meanwhile. */
export function staleLinesTask(lines: readonly StaleLine[]): Task {
  return {
    ...FROM_THE_LEDGER,
    cause: 'lines judged again',
    reach: () => ({ periods: NO_PERIODS, buckets: new Set(lines.map(({ bucket }) => bucket)), months: [] }),
    rate: (batch) => {
      batch.hasDecisions = true;
      return [];
    },
    settle: async ({ tx, batch }) => {
      const taken = await takeStaleLines(
        tx,
        lines.map(({ no }) => no),
      );
      for (const no of await linesWithEntries(tx, taken)) batch.markStale(batch.state.lineOf(no), 0);
    },
  };
}

/**
 * Settles again what is in quarantine.
 *
 * @param believed numbers of records whose starts are plausible after all
 */
export function replayTask(records: readonly QuarantinedRecord[], believed: readonly number[] = []): Task {
  return {
    ...FROM_THE_LEDGER,
    cause: 'quarantine settled again',
    reach: (state) => ({
      periods: periodsOfQuarantined(records, believed, state),
      buckets: bucketsOfQuarantined(records, state),
      months: [],
    }),
    settle: (settlement) => {
      for (const no of believed) settlement.believed.add(no);
      return settleQuarantined(settlement, records);
    },
  };
}

/** Settles again records whose starts a person accepts, and keeps who did. */
export function acceptanceTask(records: readonly QuarantinedRecord[], acceptance: Acceptance): Task {
  const accepted = records.map(({ no }) => no);
  return {
    ...replayTask(records, accepted),
    begin: (tx) => addStartAcceptances(tx, accepted, acceptance),
  };
}

/** Who accepts something, and why. */
export interface Acceptance {
  readonly acceptedBy: string;
  readonly note: string;
}

/** Settles again those of the records whose facts have changed, if no other worker has meanwhile. */
export function staleQuarantineTask(records: readonly QuarantinedRecord[]): Task {
  return {
    ...replayTask(records),
    settle: async (settlement) => {
      const taken = await takeStaleQuarantine(
        settlement.tx,
        records.map(({ no }) => no),
      );
      settlement.batch.count('settled-again\t', taken.size);
      await settleQuarantined(
        settlement,
        records.filter(({ no }) => taken.has(no)),
      );
    },
  };
}

/** Settles calls that are billed more than once, or though there was none, wherever they are. */
export function sweepTask(keys: readonly BilledHash[]): Task {
  const buckets = new Set(keys.map(({ bucket }) => bucket));
  return {
    ...FROM_THE_LEDGER,
    cause: 'sweep of calls billed twice',
    reach: () => ({ periods: NO_PERIODS, buckets, months: [] }),
    settle: (settlement) => settleBilled(settlement, keys),
  };
}

/** Of those that may be billed now: others must have no month made for them. */
function periodsOfQuarantined(
  records: readonly QuarantinedRecord[],
  believed: readonly number[],
  { context }: RatingState,
): ReadonlySet<number> {
  const plausible = records.filter(({ no, reason }) => reason !== 'start-implausible' || believed.includes(no));
  const rated = cdrsOf(plausible).map((cdr) => rateCall(cdr, context));
  return new Set(rated.flatMap((outcome) => (typeof outcome === 'string' ? [] : [outcome.period])));
}

function bucketsOfQuarantined(records: readonly QuarantinedRecord[], state: RatingState): ReadonlySet<number> {
  const buckets = new Set<number>();
  for (const record of recordsOf(records)) {
    addBucketsOfIdentity(identityOf(record), state, buckets);
    if (isNoCall(record)) for (const bucket of bucketsToWatch(record, state)) buckets.add(bucket);
    else {
      const rated = rateCall(record, state.context);
      if (typeof rated !== 'string') buckets.add(rated.line.bucket);
    }
  }
  return buckets;
}

async function nothing(): Promise<void> {}
