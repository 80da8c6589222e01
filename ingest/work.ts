import { CallFlag } from '../rater/index.ts';
import {
  type QuarantinedRecord,
  type Transaction,
  addCounts,
  advanceSource,
  callsWithFlag,
  linesWithEntries,
  settleStaleLines,
  supersedeUnread,
} from '../ledger/index.ts';
import type { Batch } from './batch.ts';
import type { Delivery } from './delivery.ts';
import { rateDelivery } from './rate-delivery.ts';
import type { RatingState } from './rating-state.ts';
import { recordedCdr } from './recorded-cdr.ts';
import { type Settlement, settleQuarantined, settleSuspects } from './settle.ts';

/** One piece of work for one transaction. */
export interface Work {
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

/** Takes in one delivery of a source. */
export function deliveryWork(delivery: Delivery): Work {
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
    begin: async (tx) => {
      await advanceSource(tx, delivery);
      if (delivery.rereads !== undefined) await supersedeUnread(tx, delivery.rereads);
    },
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

/**
 * Judges lines again over all their periods, and (`asksParties`: once for a change of facts is enough) the lines whose
 * calls name a party that may be one of ours by now.
 */
export function staleLinesWork(numbers: readonly number[], asksParties: boolean): Work {
  return {
    locksAllBuckets: true,
    periods: () => new Set(),
    rate: (batch) => {
      batch.hasDecisions = true;
    },
    begin: nothing,
    settle: async ({ tx, batch }) => {
      for (const no of await linesWithEntries(tx, numbers)) batch.markStale(batch.state.lineOf(no), 0);
      const calls = asksParties ? await callsWithFlag(tx, CallFlag.unresolvedParty, 0) : [];
      for (const { line } of calls) batch.markStale(batch.state.lineOf(line), 0);
      await settleStaleLines(tx, numbers);
    },
    end: nothing,
  };
}

/** Settles again what is in quarantine. */
export function replayWork(records: readonly QuarantinedRecord[]): Work {
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
