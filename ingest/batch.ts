import {
  type Cdr,
  type Coverage,
  type EntryKind,
  type LineState,
  type MonthState,
  type RatedCall,
  judgeCall,
} from '../rater/index.ts';
import { EntryCopyBuffer, type NewQuarantinedRecord, type PostedCall } from '../ledger/index.ts';
import type { Catalogue } from './catalogue.ts';
import { type IdentityHalves, halvesOf } from './identity-halves.ts';
import { type RatingState, monthOf } from './rating-state.ts';

/** A line's month that the batch touched. */
export interface TouchedMonth {
  readonly line: LineState;
  readonly state: MonthState;
}

let lastBatch = 0;

/** An entry turned up for a bucket that was not locked; the batch is repeated with all of them locked. */
export class UnlockedBucketError extends Error {}

/**
 * What one transaction will write, gathered call by call: entries with their feed positions, records for quarantine,
 * counts, and the months that must be judged again.
 */
export class Batch {
  readonly #state: RatingState;
  readonly #catalogue: Catalogue;
  readonly #number = ++lastBatch;
  readonly entries: EntryCopyBuffer;
  readonly quarantine: NewQuarantinedRecord[] = [];
  readonly touched: TouchedMonth[] = [];
  /** Buckets that are written to. */
  readonly buckets = new Set<number>();
  /** Buckets that the transaction has locked; `null` before it begins. */
  lockedBuckets: ReadonlySet<number> | null = null;
  /** The batch takes in decisions too: cases are looked at again though no verdict changed. */
  hasDecisions = false;
  readonly #counts = new Map<string, number>();

  constructor(state: RatingState, catalogue: Catalogue, entries: EntryCopyBuffer) {
    this.#state = state;
    this.#catalogue = catalogue;
    this.entries = entries;
  }

  /** What became of the batch's records: counts by outcome and reason, joined by a tab. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  count(outcome: string, reason = ''): void {
    const key = `${outcome}\t${reason}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Posts the first rating of a call's facts, and takes it into its line's month. */
  postUsage(rated: RatedCall, cdr: Cdr, identity: IdentityHalves, revision: number): void {
    this.#append(rated, identity, {
      revision,
      kind: 'usage',
      coverageBefore: null,
      charge: rated.charge,
      cdr,
    });
    const month = monthOf(rated.line, rated.period, this.#catalogue.civilTime);
    judgeCall(month, rated, cdr, this.#catalogue.civilTime);
    this.touch(rated.line, month);
  }

  /** Posts what a call should cost now, minus what is posted. */
  postRerate(rated: RatedCall, posted: PostedCall): void {
    this.#append(rated, halvesOf(posted.identity), {
      revision: posted.revision + 1,
      kind: 'rerate',
      coverageBefore: posted.coverage,
      charge: rated.charge - posted.charge,
      cdr: null,
    });
  }

  /** Takes back all that is posted for a call. */
  postReversal(posted: PostedCall, reason: string): void {
    const { high, low } = halvesOf(posted.identity);
    this.entries.append({
      bucket: posted.bucket,
      position: this.#nextPosition(posted.bucket),
      period: posted.period,
      billedPeriod: posted.period,
      account: posted.account,
      line: posted.line,
      identityHigh: high,
      identityLow: low,
      revision: posted.revision + 1,
      kind: 'reversal',
      startedAt: posted.startedAt,
      durationMs: posted.durationMs,
      called: posted.called,
      destination: posted.destination,
      coverage: null,
      coverageBefore: posted.coverage,
      reason,
      billedSeconds: posted.billedSeconds,
      charge: -posted.charge,
      meteredPrice: posted.meteredPrice,
      rateDeck: posted.rateDeck,
      offer: posted.offer,
      flags: posted.flags,
      record: null,
      recordStart: 0,
      recordEnd: 0,
    });
  }

  /** Has a line's month judged at the end of the batch. */
  touch(line: LineState, state: MonthState): void {
    if (state.touchedInBatch === this.#number) return;
    state.touchedInBatch = this.#number;
    this.touched.push({ line, state });
  }

  #append(
    rated: RatedCall,
    identity: IdentityHalves,
    what: {
      readonly revision: number;
      readonly kind: EntryKind;
      readonly coverageBefore: Coverage | null;
      readonly charge: number;
      readonly cdr: Cdr | null;
    },
  ): void {
    const { line } = rated;
    this.entries.append({
      bucket: line.bucket,
      position: this.#nextPosition(line.bucket),
      period: rated.period,
      billedPeriod: rated.period,
      account: line.account,
      line: line.no,
      identityHigh: identity.high,
      identityLow: identity.low,
      revision: what.revision,
      kind: what.kind,
      startedAt: rated.startedAt,
      durationMs: rated.durationMs,
      called: rated.called,
      destination: this.#catalogue.destinationNo(rated.destination),
      coverage: rated.coverage,
      coverageBefore: what.coverageBefore,
      reason: rated.reason,
      billedSeconds: rated.billedSeconds,
      charge: what.charge,
      meteredPrice: rated.meteredPrice,
      rateDeck: this.#catalogue.deckNo,
      offer: rated.offer === null ? null : rated.offer.no,
      flags: rated.flags,
      record: what.cdr === null ? null : what.cdr.recordBuffer,
      recordStart: what.cdr === null ? 0 : what.cdr.recordStart,
      recordEnd: what.cdr === null ? 0 : what.cdr.recordEnd,
    });
  }

  #nextPosition(bucket: number): number {
    const head = this.#state.heads.get(bucket);
    if (head === undefined) throw new RangeError(`Cannot post to bucket '${bucket}': it has no head`);
    if (this.lockedBuckets !== null && !this.lockedBuckets.has(bucket)) {
      throw new UnlockedBucketError(`Cannot post to bucket '${bucket}': it is not locked`);
    }
    this.buckets.add(bucket);
    return ++head.position;
  }
}
