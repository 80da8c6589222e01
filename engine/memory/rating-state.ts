import { randomInt } from 'node:crypto';
import {
  type Cdr,
  type Closes,
  type LineState,
  type MonthState,
  type RatedCall,
  type RatingContext,
  SeenCalls,
  breachKey,
  closesThrough,
  emptyMonthState,
  needsRegistrations,
  takeIn,
} from '../../rater/index.ts';
import {
  type Database,
  CallRuns,
  type Head,
  type Identities,
  type LedgerAt,
  type MovedEntry,
  type Queryable,
  ensurePeriod,
  estimateEntries,
  hasPeriod,
  hasRegistrations,
  loadClosedThrough,
  loadSeenBreaches,
  quarantinedIdentities,
  readHeads,
  visitMonth,
  watchedHashes,
} from '../../ledger/index.ts';
import { ALL_BUCKETS, type BucketMonth, BucketMonths, bucketMonthKey } from './bucket-months.ts';
import type { CachedHead } from './cached-head.ts';
import type { Catalogue } from '../catalogue.ts';
import { type IdentityHalves, halvesOf, identityKey } from '../settling/identity-halves.ts';
import { KnownVerdicts } from '../verdicts/known-verdicts.ts';
import { type HoldTerms, holdsOfLine } from '../verdicts/line-holds.ts';
import { KnownRegistrations } from '../registrations/known-registrations.ts';
import { LineTable } from './line-table.ts';
import { monthBuilder, seeIdentities, seeIdentity } from './month-builder.ts';
import { PackedMonths, type TakeCall } from './packed-months.ts';
import { WatchedIdentities } from './watched-identities.ts';

/**
 * What a rating process keeps in memory: all lines with their facts and verdicts, the measures of those months that
 * calls came for, which calls were seen, and the heads of the buckets. All of it is a cache of the ledger as the
 * heads say it is, by bucket and period: any part can be thrown away at any time and is loaded again.
 */
export class RatingState {
  readonly catalogue: Catalogue;
  readonly context: RatingContext;
  readonly lines: LineTable;
  readonly verdicts = new KnownVerdicts();
  readonly heads = new Map<number, CachedHead>();
  readonly seen = new SeenCalls(SEEN_CALLS, randomInt(2 ** 32));
  /** The months of which every call is in memory. */
  readonly months = new BucketMonths();
  /** Of those months, calls that no line's month has: `enterMonth` takes them in. */
  readonly #packed = new PackedMonths();
  /** What this process posts, packed for whoever starts after it. */
  readonly runs = new CallRuns();
  /** Identities that a failed batch put into `seen`, though nothing was posted of them. */
  readonly unposted = new Set<string>();
  /** Periods that have no partition and that this process may not make: their calls wait. */
  readonly unprepared = new Set<number>();
  /** Periods known to have one. */
  readonly #prepared = new Set<number>();
  /** What was asked of the registrations of lines. */
  readonly registrations = new KnownRegistrations();
  /** The ledger has registrations. */
  hasRegistrations = false;
  /** It has, or is about to. */
  #asksRegistrations = false;
  /** Buckets of which memory holds what a failed batch made of them: nothing of it may be used. */
  readonly spoiled = new Set<number>();
  readonly #db: Database;
  /** Of which buckets and periods `seen` has every identity; it goes on having them when the month is released. */
  readonly #identities = new Set<number>();
  /** `null`: all, and what else is loaded with them. */
  #loadedBuckets: Set<number> | null = null;
  readonly #watched = new WatchedIdentities();
  /** Calls of the months that were released: `seen` still has them. */
  #releasedCalls = 0;

  private constructor(db: Database, catalogue: Catalogue) {
    this.#db = db;
    this.catalogue = catalogue;
    this.lines = new LineTable(catalogue);
    const { plan, repairs, deck, civilTime } = catalogue;
    const { registrations } = this;
    this.context = { plan, repairs, deck, civilTime, directory: this.lines.directory, registrations };
  }

  /**
   * Loads lines, decisions and verdicts; months follow when a call asks for them. Of `buckets` alone, where they are
   * given: then nothing can be rated but what is known to be of their lines.
   */
  static async load(db: Database, catalogue: Catalogue, buckets?: ReadonlySet<number>): Promise<RatingState> {
    const state = new RatingState(db, catalogue);
    // Heads first: what is loaded after them is at least as new, and the lock tells when it was newer.
    for (const { bucket, position, facts } of await readHeads(db)) state.heads.set(bucket, { position, facts });
    await state.loadCloses(db);
    await state.loadHasRegistrations(db);
    if (buckets !== undefined) {
      state.#loadedBuckets = new Set();
      await state.loadBuckets(buckets);
      return state;
    }
    await state.lines.loadAll(db);
    await state.loadVerdicts(db);
    for (const identity of await quarantinedIdentities(db)) {
      const { high, low } = halvesOf(identity);
      state.seen.add(high, low, 0);
    }
    await state.loadWatched(db);
    return state;
  }

  /** Whether it has the lines of every bucket, and knows which calls were seen. */
  get isWhole(): boolean {
    return this.#loadedBuckets === null;
  }

  /** Loads the lines of these buckets, too, where it has only some. */
  async loadBuckets(buckets: Iterable<number>): Promise<void> {
    const loaded = this.#loadedBuckets;
    const missing = loaded === null ? [] : [...buckets].filter((bucket) => !loaded.has(bucket));
    if (missing.length === 0) return;
    await this.lines.load(this.#db, { buckets: missing });
    await this.loadVerdicts(this.#db, missing);
    for (const bucket of missing) loaded?.add(bucket);
  }

  /** The closes of periods that calls are billed and judged by. */
  get closes(): Closes {
    return this.lines.holdTerms.closes;
  }

  get holdTerms(): HoldTerms {
    return this.lines.holdTerms;
  }

  /** Takes in the closes of periods; what holds lines stays, since a close changes no breach that stood. */
  async loadCloses(q: Queryable): Promise<void> {
    const closedThrough = await loadClosedThrough(q);
    if (closedThrough === this.closes.closedThrough) return;
    const seen = new Set((await loadSeenBreaches(q)).map(breachKey));
    this.lines.holdTerms = { ...this.holdTerms, closes: closesThrough(closedThrough, seen) };
  }

  /** Looks whether the ledger has registrations; `true` where that is new. */
  async loadHasRegistrations(q: Queryable): Promise<boolean> {
    if (this.hasRegistrations || !(await hasRegistrations(q))) return false;
    this.hasRegistrations = true;
    this.beginAsking();
    return true;
  }

  /** From now on, calls are rated with the registrations that the ledger has. */
  beginAsking(): void {
    if (this.#asksRegistrations) return;
    this.#asksRegistrations = true;
    for (const line of this.lines.all()) line.forgetLastCall();
  }

  /** Whether registrations may tell more of a call than its record does. */
  mayBeTold(rated: RatedCall, cdr: Cdr): boolean {
    return this.#asksRegistrations && needsRegistrations(rated, cdr);
  }

  lineOf(no: number): LineState {
    return this.lines.of(no);
  }

  bucketOfAccount(account: number): number {
    return this.lines.bucketOfAccount(account);
  }

  /** Whether a bucket is as it was cached. */
  isCurrent({ bucket, position, facts }: Head): boolean {
    const cached = this.heads.get(bucket);
    return cached !== undefined && cached.position === position && cached.facts === facts;
  }

  /**
   * Makes a month the line's last one, so that calls can be judged in it; `false` when memory lacks its calls. The
   * month that was the last is in memory: who asks for each call looks there first.
   */
  enterMonth(line: LineState, period: number): boolean {
    if (!this.months.has(line.bucket, period)) return false;
    this.unpack(line, period);
    line.lastMonth = this.#monthOf(line, period);
    return true;
  }

  /** Takes into a line's month what of its calls is packed: to be called before anybody looks at the month. */
  unpack(line: LineState, period: number): void {
    this.#packed.take(line, period, this.#builderOf(period));
  }

  /** Says that a line's months from a period on were built anew from the ledger. */
  forgetPacked(line: LineState, fromPeriod: number): void {
    this.#packed.forgetLine(line, fromPeriod);
  }

  /**
   * Loads months with all their calls, and the identities of their neighbours; those in memory already cost nothing.
   * A period that can't be prepared is noted as such.
   */
  async loadMonths(wanted: Iterable<BucketMonth>): Promise<void> {
    const missing = [...wanted].filter(({ bucket, period }) => !this.months.has(bucket, period));
    const { civilTime } = this.context;
    for (const [period, months] of Map.groupBy(missing, (month) => month.period)) {
      const buckets = months.map(({ bucket }) => bucket);
      if (!(await this.prepare(period))) continue;
      await this.#loadMonth(period, buckets);
      // A record may come again with a start in the month before or after.
      await this.#loadIdentities(civilTime.previousPeriod(period), buckets);
      await this.#loadIdentities(civilTime.nextPeriod(period), buckets);
      for (const bucket of buckets) this.months.use(bucket, period);
    }
  }

  /** Makes sure that calls of a period can be posted, outside any transaction; `false`: they wait. */
  async prepare(period: number): Promise<boolean> {
    if (this.unprepared.has(period)) return false;
    const isPrepared = await ensurePeriod(this.#db, period);
    if (!isPrepared) this.unprepared.add(period);
    return isPrepared;
  }

  /** Whether calls of a period can be posted, as a transaction sees it. */
  async isPrepared(tx: Queryable, period: number): Promise<boolean> {
    if (this.#prepared.has(period)) return true;
    const isPrepared = await hasPeriod(tx, period);
    if (isPrepared) this.#prepared.add(period);
    return isPrepared;
  }

  /** Whether `seen`, which forgets nothing, holds more of months that were released than of others. */
  get isBloated(): boolean {
    return this.#releasedCalls > Math.max(MIN_BLOAT, this.seen.count / 2);
  }

  /** Releases the months least recently used, but for those in use, until `max` are in memory at most. */
  trim(max: number, inUse: readonly BucketMonth[]): void {
    const surplus = this.months.size - max;
    if (surplus <= 0) return;
    const kept = new Set(inUse.map(({ bucket, period }) => bucketMonthKey(bucket, period)));
    const idle = this.months.all().filter(({ bucket, period }) => !kept.has(bucketMonthKey(bucket, period)));
    this.release(idle.slice(0, surplus));
  }

  /** Gives back the memory of months; what was found in them stays. */
  release(months: Iterable<BucketMonth>): void {
    for (const { bucket, period } of months) {
      this.#forgetMonth(bucket, period);
      this.months.delete({ bucket, period });
    }
  }

  #forgetMonth(bucket: number, period: number): void {
    this.#releasedCalls += this.#packed.forget({ bucket, period });
    for (const line of this.lines.ofBucket(bucket)) this.releaseMonth(line, period);
  }

  /** Gives back the memory of one line's month. */
  releaseMonth(line: LineState, period: number): void {
    const month = line.months.get(period);
    if (month === undefined) return;
    this.#releasedCalls += month.month.callCount;
    month.month.release();
    line.lastMonth = null;
    const { findings, savedFindings } = month;
    if (findings.length === 0 && savedFindings.length === 0) {
      line.months.delete(period);
      return;
    }
    const empty = emptyMonthState(line.factSpans, period, this.context.civilTime);
    empty.findings = findings;
    empty.savedFindings = savedFindings;
    line.months.set(period, empty);
  }

  /** Gives back the memory of all months; the state is not used after. */
  releaseAll(): void {
    this.release(this.months.all());
    for (const line of this.lines.all()) forgetMonths(line);
  }

  /** Forgets all that a failed batch may have changed in these buckets; `syncHeads` makes them good again. */
  spoil(buckets: Iterable<number>): void {
    for (const bucket of buckets) {
      this.release(this.months.ofBuckets(new Set([bucket])));
      for (const line of this.lines.ofBucket(bucket)) {
        forgetMonths(line);
        line.holds = holdsOfLine(line, this.holdTerms);
      }
      this.spoiled.add(bucket);
    }
  }

  /** Puts the ledger's verdicts in place of those known of some buckets, or all; returns the lines that had others. */
  loadVerdicts(q: Queryable, buckets?: readonly number[]): Promise<LineState[]> {
    return this.verdicts.load(q, this.lines, buckets);
  }

  /** Takes in the hashes that are watched in some buckets, or all; returns what `WatchedIdentities.take` does. */
  async loadWatched(q: Queryable, buckets?: readonly number[]): Promise<string[]> {
    return this.#watched.take(await watchedHashes(q, buckets), this);
  }

  /** Takes in a call that another writer posted since. */
  takeEntry(entry: Readonly<MovedEntry>): void {
    seeIdentity(this, entry.account, entry.identityHigh, entry.identityLow);
    const line = this.lineOf(entry.line);
    if (entry.revision > 0 || !this.months.has(line.bucket, entry.period)) return;
    const { startedAt, durationMs, called, flags, isFree } = entry;
    const offer = entry.offer === 0 ? null : this.catalogue.offerOf(entry.offer);
    const call = { startedAt, durationMs, called, flags, isFree, offer };
    takeIn(this.#monthOf(line, entry.period), call, this.context.civilTime);
  }

  /** Says that `seen` may lack identities of a bucket by now: they are loaded again with its months. */
  forgetIdentities(bucket: number): void {
    for (const key of this.#identities) if (key % 64 === bucket) this.#identities.delete(key);
  }

  /** Whether an identity is in `seen` for a failed batch alone; asked once. */
  wasUnposted({ high, low }: IdentityHalves): boolean {
    return this.unposted.delete(identityKey(high, low));
  }

  async #loadMonth(period: number, buckets: readonly number[]): Promise<void> {
    for (const bucket of buckets) this.#forgetMonth(bucket, period);
    const hasIdentities = buckets.every((bucket) => this.#identities.has(bucketMonthKey(bucket, period)));
    if (!hasIdentities) await this.#reserveIdentities(period, buckets.length);
    await visitMonth(this.#db, period, this.#at(buckets), {
      visit: this.#builderOf(period),
      visitIdentities: hasIdentities ? ignore : this.#seeIdentities,
      keep: (bucket, block) => this.#packed.add(bucket, period, block),
    });
    for (const bucket of buckets) this.#identities.add(bucketMonthKey(bucket, period));
  }

  async #loadIdentities(period: number, buckets: readonly number[]): Promise<void> {
    const missing = buckets.filter((bucket) => !this.#identities.has(bucketMonthKey(bucket, period)));
    if (missing.length === 0) return;
    await visitMonth(this.#db, period, this.#at(missing), { visit: ignore, visitIdentities: this.#seeIdentities });
    for (const bucket of missing) this.#identities.add(bucketMonthKey(bucket, period));
  }

  /** Room for the calls that a month's buckets have, and for some that are still to come. */
  async #reserveIdentities(period: number, buckets: number): Promise<void> {
    const entries = (await estimateEntries(this.#db, period)) * (buckets / ALL_BUCKETS.size);
    if (entries > MIN_BLOAT) this.seen.reserve(entries * STILL_TO_COME);
  }

  /** Some buckets as memory knows them: a month is loaded as it was then, whatever was posted since. */
  #at(buckets: readonly number[]): LedgerAt {
    return new Map(buckets.map((bucket) => [bucket, this.heads.get(bucket)?.position ?? 0]));
  }

  #builderOf(period: number): TakeCall {
    return monthBuilder(this.catalogue, (line) => this.#monthOf(this.lineOf(line), period));
  }

  readonly #seeIdentities = (identities: Identities): void => seeIdentities(this, identities);

  /** The month of a line; an empty one when nothing is known of it. */
  #monthOf(line: LineState, period: number): MonthState {
    const known = line.months.get(period);
    if (known !== undefined) return known;
    const month = emptyMonthState(line.factSpans, period, this.context.civilTime);
    line.months.set(period, month);
    return month;
  }
}

/** What was found in months that are not in memory, too. */
function forgetMonths(line: LineState): void {
  for (const { month } of line.months.values()) month.release();
  line.months.clear();
  line.lastMonth = null;
}

/** More would cost memory that a month which is nearly over never fills: 320 MB for 20 million calls as it is. */
const STILL_TO_COME = 1.25;

/** Room for so many identities to begin with, twice over. */
const SEEN_CALLS = 1 << 20;

/** Calls: 20 MB of `seen`. */
const MIN_BLOAT = 1_000_000;

function ignore(): void {}
