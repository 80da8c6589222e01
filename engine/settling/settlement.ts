import type { Cdr, NoCall } from '../../rater/index.ts';
import type { PostedCall, QuarantinedRecord, Transaction } from '../../ledger/index.ts';
import type { Batch } from '../tasks/batch.ts';
import type { PossibleDuplicate } from './possible-duplicate.ts';

/** A record with what it says, in canonical form. */
interface TextRecord {
  readonly cdr: Cdr | NoCall;
  readonly text: string;
}

/** Why an identity is settled again: a record came, or the facts by which one was refused have changed. */
export type Known =
  | (TextRecord & {
      readonly from: 'posted';
      readonly cdr: Cdr;
      readonly posted: PostedCall;
      /** The record of this batch that it was posted for, if it was. */
      readonly duplicate: PossibleDuplicate | undefined;
    })
  | (TextRecord & { readonly from: 'quarantine'; readonly kept: QuarantinedRecord })
  | (TextRecord & { readonly from: 'delivery'; readonly duplicate: PossibleDuplicate });

/** One batch within its transaction. */
export interface Settlement {
  readonly tx: Transaction;
  readonly batch: Batch;
  /**
   * Numbers of records in quarantine whose starts are plausible after all: a person said so, or another delivery of
   * them.
   */
  readonly believed: Set<number>;
  /** Records of the delivery that say what another says, by that one: whoever sent them is told where it waits. */
  readonly repeats: Map<Known, PossibleDuplicate[]>;
  /** Sends the entries and quarantined records gathered so far into the transaction. */
  flush(): Promise<void>;
}
