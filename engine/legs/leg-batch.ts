import {
  type Queryable,
  type Receipt,
  type Transaction,
  addQuarantine,
  addedBefore,
  legsAt,
  lockLegHeads,
  readLegHeads,
  settleReadAgain,
  settleUnread,
  type UnreadRecord,
} from '../../ledger/index.ts';
import { type DecodedBad, type Leg, legKey } from '../../formats/index.ts';
import { type DeliveredRecord, ResolvedRecord } from '../delivery.ts';
import { type Provenance, unreadableRecord } from '../settling/kept-record.ts';
import {
  type KnownLeg,
  MOST_LEGS,
  type StandingLeg,
  groupKey,
  knownLeg,
  recordOf,
  saysTheSame,
  standingOf,
} from './leg-group.ts';
import { LegGroups, NO_LEGS, newLeg } from './leg-groups.ts';
import { legRecordKey } from '../settling/record-keys.ts';
import { callOf, callOfIdentity, correctionOf, noCallOf, provenanceOf, toldNone } from './leg-corrections.ts';
import { type RepeatedLegs, readAgain, repeatedLegs } from './legs-read-again.ts';
import { StaleStateError } from '../memory/sync-heads.ts';

/** Somebody else added legs to a group since the batch was read: it is read again, and rated again. */
export class StaleLegsError extends StaleStateError {
  override readonly name = 'StaleLegsError';
}

/** A leg known before that waits since now. */
interface UndecidedLeg {
  readonly leg: Leg;
  readonly receipt: Receipt | null;
  readonly fault: DecodedBad;
}

/** How often legs were added to each bucket, and by whom: known of our own transactions alone. */
export interface LegVersions {
  readonly own: ReadonlyMap<number, ReadonlySet<number>>;
}

/** The legs among the records of a delivery, read together with those that are known of their calls. */
export class LegBatch {
  readonly #delivered: readonly DeliveredRecord[];
  readonly #groups: LegGroups;
  #versions: ReadonlyMap<number, number> = new Map();
  /** Batches whose legs it was read with, though the ledger did not have them yet. */
  #readWith: readonly LegBatch[] = [];
  /** Buckets, and what their versions are once this batch is committed. */
  readonly #raised = new Map<number, number>();
  isCommitted = false;
  /** It was read with what the ledger had: perhaps with nothing. */
  #isSettled = false;
  #records: readonly DeliveredRecord[] = [];
  #corrections: DeliveredRecord[] = [];
  #undecided: UndecidedLeg[] = [];
  #decided = { rated: new Set<string>(), superseded: new Set<string>() };
  /** Readings of records that could not be decided, of each of which the same bytes are decided now. */
  #readAgain: UnreadRecord[] = [];

  readonly #tellsAgain: boolean;

  /**
   * @param tellsAgain what the ledger has may not have been told: of a call of which a leg comes again, all is told
   */
  constructor(records: readonly DeliveredRecord[], tellsAgain = false) {
    this.#delivered = records;
    this.#groups = new LegGroups(records);
    this.#tellsAgain = tellsAgain;
  }

  /** A batch whose records are all grouped. */
  static of(records: readonly DeliveredRecord[], tellsAgain = false): LegBatch {
    const batch = new LegBatch(records, tellsAgain);
    batch.groups.group(0, records.length);
    return batch;
  }

  /** What its records are legs of: all of them must be grouped before it is read. */
  get groups(): LegGroups {
    return this.#groups;
  }

  /**
   * The records of the delivery, each of a leg as all that is known of its call says; then what legs of before are
   * known to be now.
   */
  get records(): readonly DeliveredRecord[] {
    return this.#records;
  }

  /** Versions of buckets that its transaction raised. */
  get raised(): ReadonlyMap<number, number> {
    return this.#raised;
  }

  /** Reads what the ledger knows of its calls, without a lock, and what batches under way as it begins add to it. */
  async read(q: Queryable, underWay: readonly LegBatch[]): Promise<void> {
    // Versions first: what is read after them is at least as new, and the lock tells when it was newer.
    this.#versions = await readLegHeads(q);
    const kept = await this.#readKept(q);
    const readWith = new Set<LegBatch>();
    for (const key of this.#groups.byKey.keys()) {
      for (const batch of underWay) {
        const legs = batch.groups.legsOf(key);
        if (legs === null) continue;
        readWith.add(batch);
        kept.set(key, united(kept.get(key) ?? [], legs));
      }
    }
    this.#readWith = [...readWith];
    this.#settle(kept);
  }

  /**
   * Locks the buckets of its calls. What others added since it was read is read now; where that changes what it was
   * rated with, throws `StaleLegsError`. Then nobody can add anything before the transaction ends.
   *
   * @param isRated it was rated as it was read
   */
  async lock(tx: Transaction, isRated: boolean, { own }: LegVersions): Promise<void> {
    const versions = await lockLegHeads(tx, this.#groups.buckets);
    if (!(isRated && this.#isCurrent(versions, own))) {
      const kept = await this.#readKept(tx);
      const isSame = [...this.#groups.byKey].every(([key, { prior }]) => haveTheSame(prior, kept.get(key) ?? NO_LEGS));
      if (isRated && !isSame) throw new StaleLegsError('Other writers have added legs of the same calls');
      if (!isSame || !this.#isSettled) this.#settle(kept);
    }
    this.#versions = versions;
    await this.#settleWaiting(tx);
  }

  /**
   * Sets aside the legs of the delivery that can't be decided, within the transaction that has locked their buckets,
   * for a delivery that is told to others. Returns how many wait already, by reason: not those that this delivery
   * itself set aside before, and was not told of.
   */
  async setUndecidedAside(
    tx: Transaction,
    provenanceOfRecord: (record: DeliveredRecord) => Provenance,
  ): Promise<ReadonlyMap<string, number>> {
    const undecided = this.#records.flatMap((record) => {
      const { decoded } = record;
      if (decoded.kind !== 'bad' || decoded.leg === undefined) return [];
      return [unreadableRecord(provenanceOfRecord(record), decoded)];
    });
    const before = await addedBefore(tx, undecided);
    return addQuarantine(
      tx,
      undecided.filter((record) => !before.has(record)),
    );
  }

  /** Adds the legs that it brings, within the transaction that has locked their buckets. */
  async store(tx: Transaction): Promise<void> {
    const buckets = await this.#groups.store(tx);
    this.#raised.clear();
    for (const bucket of buckets) this.#raised.set(bucket, (this.#versions.get(bucket) ?? 0) + 1);
  }

  #isCurrent(versions: ReadonlyMap<number, number>, own: LegVersions['own']): boolean {
    if (!this.#readWith.every(({ isCommitted }) => isCommitted)) return false;
    return [...versions].every(([bucket, version]) => {
      for (let at = (this.#versions.get(bucket) ?? 0) + 1; at <= version; at++) {
        if (own.get(bucket)?.has(at) !== true) return false;
      }
      return true;
    });
  }

  async #readKept(q: Queryable): Promise<Map<string, readonly KnownLeg[]>> {
    const byGroup = new Map<string, KnownLeg[]>();
    for (const kept of await legsAt(q, this.#groups.places, MOST_LEGS + 1)) {
      const one = knownLeg(kept);
      const key = groupKey(one.leg);
      // Another group may share the hash.
      if (!this.#groups.byKey.has(key)) continue;
      const group = byGroup.get(key);
      if (group === undefined) byGroup.set(key, [one]);
      else group.push(one);
    }
    return byGroup;
  }

  /** Says what all its records come to, and which legs known before come to something else. */
  #settle(kept: ReadonlyMap<string, readonly KnownLeg[]>): void {
    this.#isSettled = true;
    this.#corrections = [];
    this.#undecided = [];
    this.#readAgain = [];
    this.#decided = { rated: new Set(), superseded: new Set() };
    const now = new Map<DeliveredRecord, DeliveredRecord>();
    for (const [key, group] of this.#groups.byKey) {
      const prior = kept.get(key) ?? NO_LEGS;
      group.prior = prior;
      if (prior.length === 0 && group.row >= 0) {
        group.added = 'packed';
        continue;
      }
      this.#groups.unpack(group);
      const { records } = group;
      const [first] = records;
      if (prior.length === 0 && records.length === 1 && first?.decoded.leg !== undefined) {
        // It stands alone, as it was decoded: most calls have one record.
        group.added = [newLeg(first, first.decoded.leg, 1)];
        continue;
      }
      const brought = addedOf(prior, records);
      const repeated = repeatedLegs(prior, brought);
      const added = brought.filter(({ leg }) => !repeated.has(legKey(leg)));
      group.added = prior.length > MOST_LEGS ? NO_LEGS : added;
      const standing = standingOf([...prior, ...added]);
      for (const record of records) now.set(record, resolved(record, standing, repeated));
      const isTold = !this.#tellsAgain || added.length === new Set(records.map(keyOfRecord)).size;
      if (!isTold) this.#tellAll(prior, standing);
      this.#tellNone(added, standing);
      if (added.length > 0 && prior.length > 0) this.#correct(prior, standing, isTold);
      if (prior.length > 0) this.#readAgain.push(...readAgain(prior, records, standing));
    }
    const isAsDelivered = now.size === 0 && this.#corrections.length === 0;
    this.#records = isAsDelivered
      ? this.#delivered
      : [...this.#delivered.map((record) => now.get(record) ?? record), ...this.#corrections];
  }

  /**
   * What legs known before are known to be, and all that they were before: whoever brought them may have told nobody,
   * and others may have been told any of it.
   */
  #tellAll(prior: readonly KnownLeg[], standing: ReadonlyMap<string, StandingLeg>): void {
    for (const { leg, receipt } of prior) {
      const now = standing.get(legKey(leg))!;
      let { former } = now;
      this.#addCorrection(leg, receipt, former, now, standing);
      while (former !== null) {
        ({ former } = former);
        if (former?.reading.kind === 'call') this.#addCorrection(leg, receipt, former, now, standing);
      }
    }
  }

  /** Legs that come for the first time and are none of the calls that others may tell them as. */
  #tellNone(added: readonly KnownLeg[], standing: ReadonlyMap<string, StandingLeg>): void {
    for (const { leg, receipt } of added) {
      const none = toldNone(standing.get(legKey(leg))!);
      if (none !== null) this.#corrections.push(correctionOf(leg, receipt, null, none));
    }
  }

  /** @param isTold legs that are read otherwise are corrected; else they were, with all others */
  #correct(prior: readonly KnownLeg[], standing: ReadonlyMap<string, StandingLeg>, isTold: boolean): void {
    const before = standingOf(prior);
    for (const { leg, receipt } of prior) {
      const [former, now] = [before.get(legKey(leg))!, standing.get(legKey(leg))!];
      if (former.revision === now.revision) continue;
      if (former.reading.kind === 'bad' && !saysTheSame(former.reading, now.reading)) {
        this.#decided[now.reading.kind === 'call' ? 'rated' : 'superseded'].add(legRecordKey(leg));
      }
      if (now.reading.kind === 'bad' && !saysTheSame(former.reading, now.reading)) {
        this.#undecided.push({ leg, receipt, fault: { ...now.reading, leg } });
      }
      if (isTold) this.#addCorrection(leg, receipt, former, now, standing);
    }
  }

  #addCorrection(
    leg: Leg,
    receipt: Receipt | null,
    former: StandingLeg | null,
    now: StandingLeg,
    standing: ReadonlyMap<string, StandingLeg>,
  ): void {
    const formerCall = former === null ? null : callOf(former, leg);
    // Another leg, or another content of this one, may be that call now: it comes once more, with what it replaces.
    const other = formerCall === null || now.reading.kind === 'call' ? null : callOfIdentity(standing, formerCall, leg);
    const none = toldNone(now) ?? (formerCall === null ? null : noCallOf(formerCall, now));
    const nowCall = callOf(now, leg) ?? other ?? none;
    if (nowCall !== null) this.#corrections.push(correctionOf(leg, receipt, formerCall, nowCall));
  }

  /** Legs that waited and don't any more; and those that do since now, which this delivery does not bring. */
  async #settleWaiting(tx: Transaction): Promise<void> {
    const { rated, superseded } = this.#decided;
    await settleUnread(tx, keysOf(rated), 'rated');
    await settleUnread(tx, keysOf(superseded), 'superseded');
    await settleReadAgain(tx, this.#readAgain);
    const waiting = this.#undecided.map(({ leg, receipt, fault }) =>
      unreadableRecord(provenanceOf(leg, receipt), fault),
    );
    await addQuarantine(tx, waiting);
  }
}

function keysOf(hex: ReadonlySet<string>): Buffer[] {
  return [...hex].map((key) => Buffer.from(key, 'hex'));
}

function resolved(
  record: DeliveredRecord,
  standing: ReadonlyMap<string, StandingLeg>,
  repeated: RepeatedLegs,
): DeliveredRecord {
  const { decoded } = record;
  if (decoded.leg === undefined) return record;
  const leg = repeated.get(legKey(decoded.leg)) ?? decoded.leg;
  // It was set aside for what it is as a call: it is evidence for the others alone.
  if (decoded.kind === 'bad' && decoded.reason === 'rating-failed') return record;
  const now = standing.get(legKey(leg))!;
  // Most legs are no calls, whatever the others say.
  if (now.reading.kind === 'not-a-call' && decoded.kind === 'not-a-call' && decoded.reason === now.reading.reason) {
    return record;
  }
  return new ResolvedRecord(record, recordOf(now, leg));
}

function keyOfRecord({ decoded: { leg } }: DeliveredRecord): string {
  return leg === undefined ? '' : legKey(leg);
}

/** The legs that records bring and that are not known yet. */
function addedOf(prior: readonly KnownLeg[], records: readonly DeliveredRecord[]): KnownLeg[] {
  const known = new Set(prior.map(({ leg }) => legKey(leg)));
  const added = new Map<string, { readonly leg: Leg; readonly record: DeliveredRecord }>();
  for (const record of records) {
    const { leg } = record.decoded;
    if (leg === undefined) continue;
    const key = legKey(leg);
    if (!known.has(key) && !added.has(key)) added.set(key, { leg, record });
  }
  const count = prior.length + added.size;
  return [...added.values()].map(({ leg, record }) => newLeg(record, leg, count));
}

function united(kept: readonly KnownLeg[], others: readonly KnownLeg[]): readonly KnownLeg[] {
  const known = new Set(kept.map(({ leg }) => legKey(leg)));
  return [...kept, ...others.filter(({ leg }) => !known.has(legKey(leg)))];
}

function haveTheSame(a: readonly KnownLeg[], b: readonly KnownLeg[]): boolean {
  if (a.length !== b.length) return false;
  const known = new Set(a.map(({ leg, known: count }) => `${count} ${legKey(leg)}`));
  return b.every(({ leg, known: count }) => known.has(`${count} ${legKey(leg)}`));
}
