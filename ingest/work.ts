import { isNoCall, rateCall } from '../rater/index.ts';
import {
  type BilledHash,
  type QuarantinedRecord,
  type StaleLine,
  type Transaction,
  addCounts,
  advanceSource,
  linesWithEntries,
  supersedeUnread,
  takeStaleLines,
  takeStaleQuarantine,
} from '../ledger/index.ts';
import type { Batch } from './batch.ts';
import { type BucketMonth, bucketMonthKey, bucketMonthOf } from './bucket-months.ts';
import { CallStarts } from './call-starts.ts';
import type { Delivery } from './delivery.ts';
import { type IdentityHalves, identityOf } from './identity-halves.ts';
import { rateDelivery, rateStrays } from './rate-delivery.ts';
import { type RatingState, identityKey } from './rating-state.ts';
import { cdrsOf, recordsOf } from './recorded-cdr.ts';
import { bucketsToWatch } from './gather-calls.ts';
import { type Settlement, settleBilled, settleQuarantined, settleSuspects } from './settle.ts';

/** What became of the records of a batch, by outcome and reason joined by a tab: `rated\t`, `quarantined\tunknown-line`, … */
export type Counts = ReadonlyMap<string, number>;

/** What a piece of work will write to, and needs in memory, as memory knows it. */
export interface Reach {
  /** The periods that calls may be posted to. */
  readonly periods: ReadonlySet<number>;
  readonly buckets: ReadonlySet<number>;
  readonly months: readonly BucketMonth[];
}

/** One piece of work for one transaction. */
export interface Work {
  /** It is rated once its buckets are locked, never ahead. */
  readonly locksFirst: boolean;
  /** Rates in memory, before the transaction, without waiting for anything; yields where it may be left for a while. */
  rate(batch: Batch): Iterable<void>;
  /** Rates what was put aside, once its months are in memory. */
  rateStrays(batch: Batch): void;
  /** Once it is rated: the periods that calls may be posted to. */
  ratedPeriods(state: RatingState): ReadonlySet<number>;
  /** What it will write to: for work that locks before it rates. */
  reach(state: RatingState): Reach;
  /** The identities that rating it put into memory, by `identityKey`. */
  newIdentities(batch: Batch): Iterable<string>;
  /** The first statements of the transaction, before any bucket is locked. */
  begin(tx: Transaction): Promise<void>;
  /** Within the transaction, with the buckets locked and what was rated copied in. */
  settle(settlement: Settlement): Promise<void>;
  /** The last statements of the transaction. */
  end(tx: Transaction, batch: Batch): Promise<void>;
}

/** Takes in one delivery of a source; `recordsAStep` as in `EngineOptions`. */
export function deliveryWork(delivery: Delivery, recordsAStep: number): Work {
  return {
    locksFirst: false,
    *rate(batch) {
      yield* rateDelivery(delivery, batch, recordsAStep);
      reachSuspects(batch);
    },
    rateStrays: (batch) => {
      rateStrays(delivery, batch);
      reachSuspects(batch);
    },
    ratedPeriods: ({ context }) => delivery.starts.periods(context.civilTime),
    reach: (state) => reachOf(delivery, state),
    newIdentities: (batch) => newIdentitiesOf(delivery, batch),
    begin: async (tx) => {
      await advanceSource(tx, delivery);
      if (delivery.rereads !== undefined) await supersedeUnread(tx, delivery.rereads);
    },
    settle: (settlement) => settleSuspects(settlement, settlement.batch.suspects),
    end: (tx, batch) => addCounts(tx, delivery.source, batch.counts),
  };
}

/** A suspect may turn out to be billed under any account that it was met under. */
function reachSuspects({ suspects, state, buckets }: Batch): void {
  for (const { cdr, identity } of suspects) {
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
  const starts = new CallStarts();
  for (const { decoded } of records) {
    if (decoded.kind === 'not-a-call' && decoded.correction !== undefined) {
      addBucketsOfIdentity(identityOf(decoded.correction), state, buckets);
      for (const bucket of bucketsToWatch(decoded.correction, state)) buckets.add(bucket);
    }
    if (decoded.kind !== 'call') continue;
    starts.note(decoded.cdr.startedAt);
    const rated = rateCall(decoded.cdr, state.context);
    if (typeof rated !== 'string') {
      buckets.add(rated.line.bucket);
      months.add(bucketMonthKey(rated.line.bucket, rated.period));
    }
    addBucketsOfIdentity(identityOf(decoded.cdr), state, buckets);
  }
  const periods = starts.periods(state.context.civilTime);
  return { periods, buckets, months: [...months].map(bucketMonthOf) };
}

/** The identities of the records that were no suspects: of each, one record more was rated than was suspected. */
function newIdentitiesOf({ records }: Delivery, { suspects, strays }: Batch): Iterable<string> {
  const unrated = new Set(strays);
  const suspected = new Map<string, number>();
  for (const { cdr, identity } of suspects) {
    if (isNoCall(cdr)) continue;
    const key = identityKey(identity.high, identity.low);
    suspected.set(key, (suspected.get(key) ?? 0) + 1);
  }
  const found = new Set<string>();
  for (const record of records) {
    const { decoded } = record;
    if (decoded.kind !== 'call' || unrated.has(record)) continue;
    const { high, low } = identityOf(decoded.cdr);
    const key = identityKey(high, low);
    const left = suspected.get(key) ?? 0;
    if (left === 0) found.add(key);
    else suspected.set(key, left - 1);
  }
  return found;
}

const NO_PERIODS: ReadonlySet<number> = new Set();

/** What rates nothing in memory beforehand: it is settled from the ledger, in the buckets that memory says, once locked. */
const FROM_THE_LEDGER = {
  locksFirst: true,
  ratedPeriods: () => NO_PERIODS,
  rate: () => [],
  rateStrays: () => undefined,
  newIdentities: () => [],
  begin: nothing,
  end: nothing,
};

/** Judges lines again over all their periods, if no other worker has meanwhile. */
export function staleLinesWork(lines: readonly StaleLine[]): Work {
  return {
    ...FROM_THE_LEDGER,
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

/** Settles again what is in quarantine. */
export function replayWork(records: readonly QuarantinedRecord[]): Work {
  return {
    ...FROM_THE_LEDGER,
    reach: (state) => ({
      periods: periodsOfQuarantined(records, state),
      buckets: bucketsOfQuarantined(records, state),
      months: [],
    }),
    settle: (settlement) => settleQuarantined(settlement, records),
  };
}

/** Settles again those of the records whose facts have changed, if no other worker has meanwhile. */
export function staleQuarantineWork(records: readonly QuarantinedRecord[]): Work {
  return {
    ...replayWork(records),
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
export function sweepWork(keys: readonly BilledHash[]): Work {
  const buckets = new Set(keys.map(({ bucket }) => bucket));
  return {
    ...FROM_THE_LEDGER,
    reach: () => ({ periods: NO_PERIODS, buckets, months: [] }),
    settle: (settlement) => settleBilled(settlement, keys),
  };
}

function periodsOfQuarantined(records: readonly QuarantinedRecord[], { context }: RatingState): ReadonlySet<number> {
  const starts = cdrsOf(records)
    .map(({ startedAt }) => startedAt)
    .filter((start) => context.civilTime.covers(start));
  return new Set(starts.map((start) => context.civilTime.periodOf(start)));
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
