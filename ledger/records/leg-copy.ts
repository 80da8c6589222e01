import { POSTGRES_EPOCH_MS } from '../database/binary-copy.ts';
import type { KeptLeg, LegPlace } from './kept-leg.ts';
import type { Receipt } from './quarantine-store.ts';

const COLUMNS = 12;
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER_BYTES = 2;
/** Bytes of a row beside its texts: counts, lengths, numbers, three instants, a hash. */
const FIXED_BYTES = 140;
/** Where the number of legs known stands in a row. */
const KNOWN_AT = 24;
const INITIAL_BYTES = 1 << 16;
/** Room for the length of a text. */
const GAP = '\0\0\0\0';

/** Writes what `LegRows.inOrder` makes into the ledger. */
export const LEG_COPY_STATEMENT = `copy call_leg (bucket, group_hash, known, family, switch, call_group, leg, evidence,
  received_at, starts_from, starts_to, record_hash) from stdin (format binary)`;

/**
 * Legs as rows of PostgreSQL's binary COPY, written as they come: the bytes are all that is kept of them, where objects
 * would keep the collector of garbage busy until they are stored.
 */
export class LegRows {
  #bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #view = viewOf(this.#bytes);
  #used = 0;
  /** Where the rows end. */
  readonly #ends: number[] = [];

  /** Adds a leg; returns the number of its row. */
  add(kept: KeptLeg): number {
    const { family, switchId, groupId, legId, evidence, known, receipt, recordHash } = kept;
    const texts = family.length + switchId.length + groupId.length + legId.length + evidence.length;
    // A UTF-16 unit takes three bytes at most.
    this.#makeRoom(FIXED_BYTES + 3 * texts);
    const at = this.#begin(kept, known);
    return this.#finish(this.#addTexts(at, family, switchId, groupId, legId, evidence), receipt, recordHash);
  }

  /**
   * The same of a leg whose texts are bytes already: family, switch, group, leg and evidence, each after its length.
   */
  addBytes(place: LegPlace, known: number, texts: Uint8Array, receipt: Receipt | null, recordHash: bigint): number {
    this.#makeRoom(FIXED_BYTES + texts.length);
    const at = this.#begin(place, known);
    this.#bytes.set(texts, at);
    return this.#finish(at + texts.length, receipt, recordHash);
  }

  /** Says anew with how many legs the one in a row came to be known. */
  setKnown(row: number, known: number): void {
    this.#view.setInt32((this.#ends[row - 1] ?? 0) + KNOWN_AT, known);
  }

  /** Writes what a row begins with; returns where its texts begin. */
  #begin({ bucket, hashHigh, hashLow }: LegPlace, known: number): number {
    const view = this.#view;
    const at = this.#used;
    view.setInt16(at, COLUMNS);
    view.setInt32(at + 2, 2);
    view.setInt16(at + 6, bucket);
    view.setInt32(at + 8, 8);
    view.setInt32(at + 12, hashHigh);
    view.setInt32(at + 16, hashLow);
    view.setInt32(at + 20, 4);
    view.setInt32(at + KNOWN_AT, known);
    return at + KNOWN_AT + 4;
  }

  /** Writes what a row ends with after its texts, which end at `from`; returns its number. */
  #finish(from: number, receipt: Receipt | null, recordHash: bigint | null): number {
    let at = this.#addNumber(from, receipt === null ? null : postgresInstant(receipt.receivedAt));
    at = this.#addNumber(at, receipt === null ? null : postgresInstant(receipt.startsFrom));
    at = this.#addNumber(at, receipt === null ? null : postgresInstant(receipt.startsTo));
    at = this.#addNumber(at, recordHash);
    this.#used = at;
    return this.#ends.push(at) - 1;
  }

  /** A whole COPY of some rows, in the order given. */
  inOrder(rows: readonly number[]): Buffer {
    const [bytes, ends] = [this.#bytes, this.#ends];
    let length = HEADER.length + TRAILER_BYTES;
    for (const row of rows) length += ends[row]! - (ends[row - 1] ?? 0);
    const copy = Buffer.allocUnsafeSlow(length);
    let at = HEADER.copy(copy);
    for (const row of rows) at += bytes.copy(copy, at, ends[row - 1] ?? 0, ends[row]);
    copy.writeInt16BE(-1, at);
    return copy;
  }

  /** Texts with their lengths: in ASCII, as nearly all are, by one call, since each costs more than its bytes do. */
  #addTexts(at: number, family: string, switchId: string, groupId: string, legId: string, evidence: string): number {
    const all = GAP + family + GAP + switchId + GAP + groupId + GAP + legId + GAP + evidence;
    const isAscii = this.#bytes.write(all, at, 'utf8') === all.length;
    if (isAscii) {
      let next = this.#setLength(at, family);
      next = this.#setLength(next, switchId);
      next = this.#setLength(next, groupId);
      next = this.#setLength(next, legId);
      return this.#setLength(next, evidence);
    }
    let next = this.#addText(at, family);
    next = this.#addText(next, switchId);
    next = this.#addText(next, groupId);
    next = this.#addText(next, legId);
    return this.#addText(next, evidence);
  }

  /** The length of a text in ASCII that stands after it; where the next begins. */
  #setLength(at: number, { length }: string): number {
    this.#view.setInt32(at, length);
    return at + 4 + length;
  }

  #addText(at: number, value: string): number {
    const length = this.#bytes.write(value, at + 4, 'utf8');
    this.#view.setInt32(at, length);
    return at + 4 + length;
  }

  #addNumber(at: number, value: bigint | null): number {
    if (value === null) {
      this.#view.setInt32(at, -1);
      return at + 4;
    }
    this.#view.setInt32(at, 8);
    this.#view.setBigInt64(at + 4, value);
    return at + 12;
  }

  #makeRoom(most: number): void {
    if (this.#used + most <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#used + most));
    this.#bytes.copy(larger, 0, 0, this.#used);
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** From the year 1 to 9999, as texts of instants are read back; the database's own infinity beyond. */
const [FIRST, LAST] = [-62_135_596_800_000, 253_402_300_799_999];

/** Microseconds since 2000. */
function postgresInstant(ms: number | null): bigint | null {
  if (ms === null) return null;
  if (ms < FIRST) return -(2n ** 63n);
  if (ms > LAST) return 2n ** 63n - 1n;
  return BigInt(Math.round((ms - POSTGRES_EPOCH_MS) * 1000));
}
