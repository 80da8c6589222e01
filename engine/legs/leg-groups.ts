import { type Leg, ScannedLeg, notACall } from '../../formats/index.ts';
import { type KeptLeg, type LegPlace, LegRows, type Transaction, addLegs, comparePlaces } from '../../ledger/index.ts';
import { type DeliveredRecord, ResolvedRecord, UndecodedRecord, legOf } from '../delivery.ts';
import { type KnownLeg, groupKey, placeOfKey, recordHashOf } from './leg-group.ts';

export const NO_LEGS: readonly KnownLeg[] = [];

/** The leg that was read the fast way last. */
const scanned = new ScannedLeg();

function callIn({ call: { buffer, start, end } }: ScannedLeg): { buffer: Buffer; start: number; end: number } {
  return { buffer, start, end };
}

/** A group that the delivery has legs of, and what became of it. */
export class Group {
  readonly place: LegPlace;
  readonly #first: DeliveredRecord;
  /** All its records, where it has more than one: nearly all have one, and then no list is kept. */
  #several: DeliveredRecord[] | null = null;
  /** The legs that the ledger is believed to have. */
  prior = NO_LEGS;
  /** Legs that the batch brings; `null` before anybody knows. */
  added: readonly KnownLeg[] | 'packed' | null = null;
  /** Of a group whose records were packed, one or two: the numbers of their rows. Else -1. */
  row = -1;
  secondRow = -1;

  constructor(place: LegPlace, first: DeliveredRecord) {
    this.place = place;
    this.#first = first;
  }

  get records(): readonly DeliveredRecord[] {
    return this.#several ?? [this.#first];
  }

  get isOfOne(): boolean {
    return this.#several === null;
  }

  add(record: DeliveredRecord): void {
    (this.#several ??= [this.#first]).push(record);
  }
}

/** The records of a delivery by the calls that they are legs of. */
export class LegGroups {
  readonly #delivered: readonly DeliveredRecord[];
  readonly #groups = new Map<string, Group>();
  /** For each record its group; `null` for one that is no leg. */
  readonly #groupOf: (Group | null)[] = [];
  /** Legs as the ledger takes them. */
  readonly #rows = new LegRows();
  /** The groups in the order of the ledger's index (`docs/decisions/0009`). */
  #inOrder: readonly Group[] | null = null;

  constructor(delivered: readonly DeliveredRecord[]) {
    this.#delivered = delivered;
  }

  get byKey(): ReadonlyMap<string, Group> {
    return this.#groups;
  }

  /** Decodes the records `[from, to)`, which follow those that were grouped, and groups them. */
  group(from: number, to: number): void {
    const delivered = this.#delivered;
    for (let at = from; at < to && at < delivered.length; at++) this.#groupOf.push(this.#groupDecoded(delivered[at]!));
  }

  /** The same, and packs those whose format has a fast way that takes them. */
  groupAndPack(from: number, to: number): void {
    const delivered = this.#delivered;
    for (let at = from; at < to && at < delivered.length; at++) {
      const record = delivered[at]!;
      const isScanned = record instanceof UndecodedRecord && record.scanLeg(scanned);
      this.#groupOf.push(isScanned ? this.#groupScanned(record) : this.#groupDecoded(record));
    }
  }

  #groupDecoded(record: DeliveredRecord): Group | null {
    // A batch of before that failed may have let it go.
    if (record instanceof UndecodedRecord) record.takeLegBack();
    const { leg, witnesses } = record.decoded;
    const group = leg === undefined ? null : this.#add(record, leg);
    for (const witness of witnesses ?? []) this.#add(asWitness(record, witness), witness);
    return group;
  }

  #add(record: DeliveredRecord, leg: Leg): Group {
    const key = groupKey(leg);
    const known = this.#groups.get(key);
    if (known !== undefined) return this.#addTo(known, record);
    const group = new Group(placeOfKey(key), record);
    this.#groups.set(key, group);
    return group;
  }

  /** Groups a record whose leg was just read into `scanned`. */
  #groupScanned(record: UndecodedRecord): Group {
    record.takeLegBack();
    const key = groupKey(scanned);
    const known = this.#groups.get(key);
    if (known !== undefined) return this.#joins(known, record) ? known : this.#addTo(known, record);
    const group = new Group(placeOfKey(key), record);
    group.row = this.#addScanned(record, group.place);
    if (scanned.isCall) record.leave(callIn(scanned));
    this.#groups.set(key, group);
    return group;
  }

  #addTo(group: Group, record: DeliveredRecord): Group {
    this.unpack(group);
    group.add(record);
    return group;
  }

  /** Packs a record, read into `scanned`, with the other of its group, where they are two halves of one call. */
  #joins(group: Group, record: UndecodedRecord): boolean {
    const [first] = group.records;
    if (scanned.isCall || group.row < 0 || !group.isOfOne || !(first instanceof UndecodedRecord)) return false;
    const secondRow = this.#addScanned(record, group.place);
    const call = first.scanPair(record, scanned);
    if (call === null) return false;
    const [isCall, isNone] = call === 'first' ? [first, record] : [record, first];
    isCall.leave(callIn(scanned));
    isNone.leave(notACall('other-leg'));
    group.add(record);
    group.secondRow = secondRow;
    for (const row of [group.row, secondRow]) this.#rows.setKnown(row, 2);
    return true;
  }

  #addScanned({ receipt, buffer, start, end }: UndecodedRecord, place: LegPlace): number {
    const { bytes, at } = scanned.texts;
    return this.#rows.addBytes(place, 1, bytes.subarray(0, at), receipt, recordHashOf(buffer, start, end));
  }

  /**
   * Writes the legs of the records `[from, to)`, which were grouped, as the ledger takes them, where none has come
   * that shares their group: nearly all calls have one record, and then nothing else is kept of it.
   */
  pack(from: number, to: number): void {
    for (let at = from; at < to && at < this.#groupOf.length; at++) {
      const group = this.#groupOf[at]!;
      if (group === null || !group.isOfOne || group.row >= 0) continue;
      const record = this.#delivered[at]!;
      const { leg } = record.decoded;
      if (leg === undefined || !(record instanceof UndecodedRecord) || !record.letGoOfLeg()) continue;
      group.row = this.#rows.add(keptLeg(newLeg(record, leg, 1), group.place));
    }
  }

  get #ordered(): readonly Group[] {
    return (this.#inOrder ??= [...this.#groups.values()].toSorted((a, b) => comparePlaces(a.place, b.place)));
  }

  get places(): LegPlace[] {
    return this.#ordered.map(({ place }) => place);
  }

  get buckets(): number[] {
    return [...new Set(this.places.map(({ bucket }) => bucket))].toSorted((a, b) => a - b);
  }

  /** Has the record of a group that was packed be a leg again: others share its group. */
  unpack(group: Group): void {
    if (group.row < 0) return;
    group.row = -1;
    group.secondRow = -1;
    for (const record of group.records) if (record instanceof UndecodedRecord) record.takeLegBack();
  }

  /** The legs of a group as they are once this batch is in the ledger; `null` where it has none of it. */
  legsOf(key: string): readonly KnownLeg[] | null {
    const group = this.#groups.get(key);
    if (group === undefined || group.added === null) return null;
    if (group.added !== 'packed') return [...group.prior, ...group.added];
    const { records } = group;
    return records.flatMap((record) => {
      const leg = legOf(record);
      return leg === undefined ? [] : [newLeg(record, leg, records.length)];
    });
  }

  /** Adds what the groups bring to the ledger; returns the buckets that it is added to. */
  async store(tx: Transaction): Promise<ReadonlySet<number>> {
    const order: number[] = [];
    const buckets = new Set<number>();
    for (const { place, added, row, secondRow } of this.#ordered) {
      if (added === 'packed') {
        order.push(row);
        if (secondRow >= 0) order.push(secondRow);
      } else for (const one of added ?? NO_LEGS) order.push(this.#rows.add(keptLeg(one, place)));
      if (added === 'packed' || (added !== null && added.length > 0)) buckets.add(place.bucket);
    }
    await addLegs(tx, this.#rows, order, buckets);
    return buckets;
  }
}

/** A record as a leg of a call that is not its own: what it comes to there is no outcome of the delivery's. */
function asWitness(record: DeliveredRecord, leg: Leg): DeliveredRecord {
  return new ResolvedRecord(record, { ...notACall('other-leg'), leg });
}

/** A leg as a record of the delivery brings it, by then one of so many that are known of its group. */
export function newLeg({ receipt = null, buffer, start, end }: DeliveredRecord, leg: Leg, known: number): KnownLeg {
  return { leg, known, receipt, recordHash: recordHashOf(buffer, start, end) };
}

function keptLeg({ leg, known, receipt, recordHash }: KnownLeg, place: LegPlace): KeptLeg {
  const { family, switchId, groupId, legId, evidence } = leg;
  const { bucket, hashHigh, hashLow } = place;
  return { bucket, hashHigh, hashLow, known, family, switchId, groupId, legId, evidence, receipt, recordHash };
}
