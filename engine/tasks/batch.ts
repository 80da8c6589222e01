import type { DecodedBad } from '../../formats/index.ts';
import {
  CallFlag,
  type Cdr,
  type Closes,
  type Coverage,
  type Entry,
  type EntryKind,
  type LineState,
  type MonthState,
  type NoCall,
  type OrdinaryCall,
  type RatedCall,
  billedPeriodOf,
  copyEntry,
  isFirstTouch,
  isNoCall,
  isListedUnsettled,
  judgeCall,
  listUnsettled,
  needsJudging,
  newOrdinaryCall,
  noteCrossing,
  takeOrdinary,
} from '../../rater/index.ts';
import type {
  BilledCall,
  EntryCopyBuffer,
  NewQuarantinedRecord,
  PostedCall,
  QuarantineState,
  WatchedHash,
} from '../../ledger/index.ts';
import { AskedStarts } from '../starts/asked-starts.ts';
import { ALL_BUCKETS, type BucketMonth, bucketMonthKey, bucketMonthOf } from '../memory/bucket-months.ts';
import type { Catalogue } from '../catalogue.ts';
import type { DeliveredRecord, LegReadingChange } from '../delivery.ts';
import { type IdentityHalves, halvesOf, identityNumber } from '../settling/identity-halves.ts';
import { type Provenance, keptRecord, unreadableRecord } from '../settling/kept-record.ts';
import type { PossibleDuplicate } from '../settling/possible-duplicate.ts';
import type { RatingState } from '../memory/rating-state.ts';
import type { RecordOutcomes } from './record-outcomes.ts';
import { Stakes } from '../verdicts/stakes.ts';
import type { TakenRegistration } from '../registrations/taken-registration.ts';
import type { JudgedMonth, MonthOfLine, StaleLines, TouchedMonth } from '../verdicts/touched-month.ts';

let lastBatch = 0;

/** The key under which new calls are counted. */
const RATED = 'rated\t';

/** An entry turned up for a bucket that was not locked; the batch is repeated with all of them locked. */
export class UnlockedBucketError extends Error {}

/**
 * What one transaction will write, gathered call by call before it begins: entries, records for quarantine, counts, and
 * what memory found of the months that it touched. What memory can't say (`possibleDuplicates`, `stale`) is left to the
 * transaction.
 */
export class Batch {
  readonly state: RatingState;
  readonly catalogue: Catalogue;
  /** The closes of periods that its entries are billed by: it can't be written where others are in force by then. */
  readonly closes: Closes;
  readonly entries: EntryCopyBuffer;
  readonly #number = ++lastBatch;
  quarantine: NewQuarantinedRecord[] = [];
  readonly #touched: TouchedMonth[] = [];
  /** The same of ordinary calls: the places of their lines in the directory, and the periods. */
  readonly #touchedPlaces: number[] = [];
  readonly #touchedPeriods: number[] = [];
  /** Months that were touched and whose verdicts the batch may change (`needsJudging`). */
  readonly unsettled: MonthOfLine[] = [];
  readonly #touchedBucketMonths = new Set<number>();
  /**
   * Of each bucket, the period noted last, and whether it is in `buckets`: asked for each call, where a set is slow.
   */
  readonly #lastPeriods = new Int32Array(ALL_BUCKETS.size);
  readonly #isWritten = new Uint8Array(ALL_BUCKETS.size);
  /** Records of calls whose month is not in memory: they are rated once it is (`rateDeferred`). */
  readonly deferred: DeliveredRecord[] = [];
  readonly #missing = new Map<number, BucketMonth>();
  /** Of each month of `missing`, how many deferred records wait for it in all buckets. */
  readonly #deferredCalls = new Map<number, number>();
  /** Calls that name a party which is none of our lines, and so may be another line's one day. */
  readonly unresolved: { readonly line: LineState; readonly cdr: Cdr }[] = [];
  /** Records whose identity may have been seen before. */
  readonly possibleDuplicates: PossibleDuplicate[] = [];
  /** Calls that are read otherwise than before, since other records of them came. */
  readonly changes: LegReadingChange[] = [];
  /** What its records tell of registrations. */
  readonly registrations: TakenRegistration[] = [];
  /** Calls that registrations may tell more of. */
  readonly asked = new AskedStarts();
  /** Hashes that from now on nobody may take for those of new calls, by bucket (`watchHashes`). */
  readonly watched: WatchedHash[] = [];
  /** Where calls are billed that have records in quarantine, too. */
  readonly billedCalls: BilledCall[] = [];
  readonly stale: StaleLines = new Map();
  /** Lines that the transaction judged from the ledger, with the earliest period. */
  readonly reconciled: StaleLines = new Map();
  /** The money at stake that it changes. */
  readonly stakes: Stakes;
  /** Verdicts to be written. */
  judged: JudgedMonth[] = [];
  /** Buckets that are written to. */
  readonly buckets = new Set<number>();
  /** Buckets that the transaction has locked; `null` before it has. */
  #lockedBuckets: ReadonlySet<number> | null = null;
  /** Buckets whose facts or decisions it changes, and whose count of such changes it has raised. */
  readonly changedBuckets = new Set<number>();
  /** The batch takes in decisions too: cases are looked at again though no verdict changed. */
  hasDecisions = false;
  /** Another batch failed that memory held, too: what this one was rated with is gone. */
  isVoid = false;
  /** Is told what became of the records of the delivery, where somebody asks. */
  outcomes: RecordOutcomes | null = null;
  readonly #counts = new Map<string, number>();
  /** New calls posted: counted apart, since they are nearly all. */
  #rated = 0;
  /** One object for every entry: what is appended is encoded at once. */
  readonly #entry = newOrdinaryCall();

  constructor(state: RatingState, catalogue: Catalogue, entries: EntryCopyBuffer) {
    this.state = state;
    this.catalogue = catalogue;
    this.closes = state.closes;
    this.stakes = new Stakes(state.holdTerms);
    this.entries = entries;
  }

  /** The months that deferred records wait for: those first for which most do, should not all of them be to be had. */
  get missing(): readonly BucketMonth[] {
    const callsOf = ({ period }: BucketMonth): number => this.#deferredCalls.get(period) ?? 0;
    return [...this.#missing.values()].toSorted((a, b) => callsOf(b) - callsOf(a));
  }

  /** The months that the batch has calls in, each once. */
  *touched(): Generator<TouchedMonth> {
    yield* this.#touched;
    const { directory } = this.state.context;
    for (const [index, place] of this.#touchedPlaces.entries()) {
      const line = directory.at(place);
      if (line !== null) yield { line, period: this.#touchedPeriods[index]! };
    }
  }

  /** The months of buckets that have months in `touched`. */
  get touchedBucketMonths(): readonly BucketMonth[] {
    return [...this.#touchedBucketMonths].map(bucketMonthOf);
  }

  /** Puts a record aside until the month of its call is in memory. */
  putAside(record: DeliveredRecord, bucket: number, period: number): void {
    this.deferred.push(record);
    this.#missing.set(bucketMonthKey(bucket, period), { bucket, period });
    this.#deferredCalls.set(period, (this.#deferredCalls.get(period) ?? 0) + 1);
  }

  /** Puts a record aside until it is known where its line was registered at the start of its call. */
  putAsideToAsk(record: DeliveredRecord, line: LineState, startedAt: number): void {
    this.deferred.push(record);
    this.asked.add(line, startedAt);
  }

  /** Says which buckets are locked: entries for others are refused from now on, and those there are already. */
  lock(buckets: ReadonlySet<number>): void {
    this.#lockedBuckets = buckets;
    this.#isWritten.fill(0);
    for (const bucket of this.buckets) this.#writable(bucket);
  }

  /** What became of the batch's records: counts by outcome and reason, joined by a tab. */
  get counts(): ReadonlyMap<string, number> {
    if (this.#rated > 0) this.count(RATED, this.#rated);
    this.#rated = 0;
    return this.#counts;
  }

  /** @param key outcome and reason, joined by a tab: `rated\t`, `quarantined\tunknown-line` */
  count(key: string, records = 1): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + records);
  }

  /** Posts the first rating of a call that was never seen, counts it, and takes it into `month`, its line's. */
  postNewCall(rated: RatedCall, cdr: Cdr, identity: IdentityHalves, month: MonthState): void {
    this.postUsage(rated, cdr, identity, 0);
    const { civilTime } = this.catalogue;
    judgeCall(month, rated, cdr, civilTime);
    if (month.findings.length > 0) this.stakes.add(rated, month);
    this.#rated++;
    const { line } = rated;
    if (isFirstTouch(month.month.record, this.#number)) {
      this.#touched.push({ line, period: month.period });
      this.#noteBucketMonth(line.bucket, month.period);
    }
    this.#listIfUnsettled(line, month);
  }

  /** Posts the first rating of an ordinary call, which was taken in. */
  postOrdinary(ordinary: OrdinaryCall): void {
    const { catalogue } = this;
    ordinary.bucket = this.#writable(ordinary.bucket);
    ordinary.position = 0;
    ordinary.billedPeriod = billedPeriodOf(ordinary.period, this.closes);
    ordinary.destination = catalogue.destinationNo(ordinary.destinationOfPlan!);
    ordinary.rateDeck = catalogue.deck.deckNoAt(ordinary.startedAt);
    this.entries.append(ordinary);
  }

  /** Takes an ordinary call into its line's month, and counts it: it is posted once others like it are taken in. */
  takeOrdinary(ordinary: OrdinaryCall): void {
    const { state } = this;
    const { place, month, period, bucket } = ordinary;
    this.#rated++;
    const mayChange = takeOrdinary(ordinary, state.context);
    if (isFirstTouch(month, this.#number)) {
      this.#touchedPlaces.push(place);
      this.#touchedPeriods.push(period);
      this.#noteBucketMonth(bucket, period);
    }
    if (!mayChange) return;
    const line = state.context.directory.at(place)!;
    noteCrossing(line.lastMonth!, ordinary.compiledOffer!, ordinary.startedAt);
    this.#listIfUnsettled(line, line.lastMonth!);
  }

  #noteBucketMonth(bucket: number, period: number): void {
    if (this.#lastPeriods[bucket] === period) return;
    this.#lastPeriods[bucket] = period;
    this.#touchedBucketMonths.add(bucketMonthKey(bucket, period));
  }

  #listIfUnsettled(line: LineState, state: MonthState): void {
    const { record } = state.month;
    if (isListedUnsettled(record, this.#number) || !needsJudging(state)) return;
    listUnsettled(record, this.#number);
    this.unsettled.push({ line, state });
  }

  /** Posts a rating of a call's facts; its line's months must be judged from the ledger. */
  postUsage(rated: RatedCall, cdr: Cdr, identity: IdentityHalves, revision: number): void {
    this.#append(rated, identity, revision, 'usage', null, rated.charge, cdr);
    if ((rated.flags & CallFlag.unresolvedParty) !== 0) this.unresolved.push({ line: rated.line, cdr });
  }

  /** Posts what a call should cost now, minus what is posted. */
  postRerate(rated: RatedCall, posted: PostedCall, cdr: Cdr): void {
    const { identity, revision, coverage } = posted;
    this.#append(rated, halvesOf(identity), revision + 1, 'rerate', coverage, rated.charge - posted.charge, null);
    if ((rated.flags & CallFlag.unresolvedParty) !== 0) this.unresolved.push({ line: rated.line, cdr });
  }

  /** Keeps a record that is not billed. */
  setAside(provenance: Provenance, cdr: Cdr | NoCall, reason: string, state: QuarantineState): void {
    const { plan, civilTime } = this.catalogue;
    const month = isNoCall(cdr) || !civilTime.covers(cdr.startedAt) ? null : civilTime.periodOf(cdr.startedAt);
    this.quarantine.push(keptRecord(provenance, cdr, reason, state, plan, month));
  }

  /** Keeps a record that could not be read. */
  setAsideUnread(provenance: Provenance, fault: DecodedBad): void {
    const { reason, detail } = fault;
    this.count(`quarantined\t${reason}`);
    this.outcomes?.note(provenance.position, { status: 'quarantined', reason, detail });
    this.quarantine.push(unreadableRecord(provenance, fault));
  }

  /** A record that could not be read turned out to be kept already: it is a duplicate of one that waits. */
  readonly noteRepeat = ({ reason, detail, position }: NewQuarantinedRecord): void => {
    this.count(`quarantined\t${reason}`, -1);
    this.count('duplicate\t');
    this.outcomes?.note(position, { status: 'quarantined', reason, detail, isRepeat: true });
  };

  /** Has a hash watched in a bucket, by whoever rates it. */
  watch(bucket: number, hash: IdentityHalves): void {
    this.watched.push({ bucket: this.#writable(bucket), hash: identityNumber(hash) });
  }

  /** Takes back all that is posted for a call. */
  postReversal(posted: PostedCall, reason: string): void {
    const { high, low } = halvesOf(posted.identity);
    this.#write({
      bucket: this.#writable(posted.bucket),
      position: 0,
      period: posted.period,
      billedPeriod: billedPeriodOf(posted.period, this.closes),
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

  /** Has a line judged from the ledger, from `fromPeriod` on. */
  markStale(line: LineState, fromPeriod: number): void {
    this.stale.set(line, Math.min(this.stale.get(line) ?? fromPeriod, fromPeriod));
  }

  #append(
    rated: RatedCall,
    identity: IdentityHalves,
    revision: number,
    kind: EntryKind,
    coverageBefore: Coverage | null,
    charge: number,
    cdr: Cdr | null,
  ): void {
    const { line } = rated;
    const isUntold = cdr !== null && this.state.mayBeTold(rated, cdr) && !this.asked.notePosted(rated);
    if (isUntold) this.markStale(line, rated.period);
    this.#write({
      bucket: this.#writable(line.bucket),
      position: 0,
      period: rated.period,
      billedPeriod: billedPeriodOf(rated.period, this.closes),
      account: line.account,
      line: line.no,
      identityHigh: identity.high,
      identityLow: identity.low,
      revision,
      kind,
      startedAt: rated.startedAt,
      durationMs: rated.durationMs,
      called: rated.called,
      destination: this.catalogue.destinationNo(rated.destination),
      coverage: rated.coverage,
      coverageBefore,
      reason: rated.reason,
      billedSeconds: rated.billedSeconds,
      charge,
      meteredPrice: rated.meteredPrice,
      rateDeck: this.catalogue.deck.deckNoAt(rated.startedAt),
      offer: rated.offer === null ? null : rated.offer.no,
      flags: rated.flags,
      record: cdr === null ? null : cdr.recordBuffer,
      recordStart: cdr === null ? 0 : cdr.recordStart,
      recordEnd: cdr === null ? 0 : cdr.recordEnd,
    });
  }

  /** Every field must be given. One object is written over again: the encoder is fastest with one kind of object. */
  #write(entry: Entry): void {
    copyEntry(entry, this.#entry);
    this.entries.append(this.#entry);
  }

  /** Throws `UnlockedBucketError` where a bucket turns out not to be locked: the batch is repeated with it. */
  needsLock(bucket: number): void {
    this.#writable(bucket);
  }

  #writable(bucket: number): number {
    if (this.#isWritten[bucket] === 1) return bucket;
    if (this.#lockedBuckets !== null && !this.#lockedBuckets.has(bucket)) {
      throw new UnlockedBucketError(`Cannot post to bucket '${bucket}': it is not locked`);
    }
    this.buckets.add(bucket);
    this.#isWritten[bucket] = 1;
    return bucket;
  }
}
