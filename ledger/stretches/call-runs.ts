import type { OrderedCopy } from '../entries/entry-copy.ts';
import {
  CAN_PACK,
  MAX_MONTHS,
  PACKED_WORDS,
  monthNumber,
  packRow,
  packedRevision,
  periodOfRow,
} from './packed-call.ts';
import { positionOfRow } from '../entries/entry-columns.ts';
import { valueEnd } from '../database/copy-rows.ts';

const INITIAL_ENTRIES = 512;

/** What a run is written into: packed entries, and hashes of their calls' ids. */
interface RunMemory {
  readonly words: Int32Array;
  readonly hashes: Int32Array;
}

function newMemory(entries: number): RunMemory {
  return { words: new Int32Array(entries * PACKED_WORDS), hashes: new Int32Array(entries) };
}

/**
 * Entries of one bucket that follow each other in its feed, packed: what becomes a row of `call_stretch`. It takes rows
 * of `ENTRY_COLUMNS` in order of their positions.
 */
export class CallRun {
  readonly bucket: number;
  /** Its entries have the feed positions after `after`, up to `upTo`. */
  readonly after: number;
  #count = 0;
  #words: Int32Array;
  #hashes: Int32Array;
  #firstPeriod = 0;
  #lastPeriod = 0;
  #corrections = 0;

  /** @param memory that of a run which is used no more */
  constructor(bucket: number, after: number, memory: RunMemory = newMemory(INITIAL_ENTRIES)) {
    this.bucket = bucket;
    this.after = after;
    this.#words = memory.words;
    this.#hashes = memory.hashes;
  }

  /** Its memory, for another run: it is used no more. */
  get memory(): RunMemory {
    return { words: this.#words, hashes: this.#hashes };
  }

  get upTo(): number {
    return this.after + this.#count;
  }

  get count(): number {
    return this.#count;
  }

  get firstPeriod(): number {
    return this.#firstPeriod;
  }

  get lastPeriod(): number {
    return this.#lastPeriod;
  }

  /** The packed entries, in order of their positions; this run's own memory. */
  get words(): Int32Array {
    return this.#words.subarray(0, this.#count * PACKED_WORDS);
  }

  /** Of each entry the hash of its call's id. */
  get hashes(): Int32Array {
    return this.#hashes.subarray(0, this.#count);
  }

  /** The packed entries among them that correct others, copied; `null` where there are none. */
  corrections(): Int32Array | null {
    if (this.#corrections === 0) return null;
    const corrections = new Int32Array(this.#corrections * PACKED_WORDS);
    let to = 0;
    for (let at = 0; at < this.#count * PACKED_WORDS; at += PACKED_WORDS) {
      if (packedRevision(this.#words, at) === 0) continue;
      corrections.set(this.#words.subarray(at, at + PACKED_WORDS), to);
      to += PACKED_WORDS;
    }
    return corrections;
  }

  /**
   * Adds the entry whose row begins at `row`; returns where the row ends. -1 where it can't be packed, is not of the
   * next position, or is of a month too far from the others: the run then ends before it.
   */
  add(view: DataView, row: number): number {
    if (positionOfRow(view, row) !== this.upTo + 1) return -1;
    const period = periodOfRow(view, row);
    if (period !== this.#firstPeriod && !this.#takePeriod(period)) return -1;
    if (this.#count === this.#hashes.length) this.#grow();
    const end = packRow(view, row, this.#words, this.#hashes, this.#count);
    if (end < 0) return -1;
    if (packedRevision(this.#words, this.#count * PACKED_WORDS) > 0) this.#corrections++;
    this.#count++;
    return end;
  }

  #takePeriod(period: number): boolean {
    const first = this.#firstPeriod === 0 ? period : Math.min(this.#firstPeriod, period);
    const last = Math.max(this.#lastPeriod, period);
    if (monthNumber(last) - monthNumber(first) >= MAX_MONTHS) return false;
    this.#firstPeriod = first;
    this.#lastPeriod = last;
    return true;
  }

  #grow(): void {
    const { words, hashes } = newMemory(this.#hashes.length * 2);
    words.set(this.#words);
    hashes.set(this.#hashes);
    this.#words = words;
    this.#hashes = hashes;
  }
}

/** A run is written with so many entries: 82 kB, of which the database makes some 40 pieces. */
const FULL_RUN = 2048;
/** So many runs at most with one batch, the longest first, so that no batch waits for all buckets' at once. */
const RUNS_A_BATCH = 8;

/**
 * What one process posts, packed run by run as it is posted: nothing is read for it. A run is written with the batch
 * that fills it, in its transaction; what was not written when the process ends is read from `entry`.
 *
 * A run holds nothing but what was committed: what a transaction adds stays only once it is confirmed.
 */
export class CallRuns {
  readonly #runs = new Map<number, CallRun>();
  /** Buckets whose runs hold entries of a transaction that nobody has confirmed. */
  readonly #unconfirmed = new Set<number>();
  #written: readonly CallRun[] = [];
  /** Memory of runs that are used no more: memory that is there costs nothing. */
  readonly #spare: RunMemory[] = [];
  readonly #fullRun: number;

  /** @param fullRun with how many entries a run is written */
  constructor(fullRun = FULL_RUN) {
    this.#fullRun = fullRun;
  }

  /** Begins a transaction: what the one before it added is gone, unless it was confirmed. */
  begin(): void {
    for (const bucket of this.#unconfirmed) this.#drop(bucket);
    this.#unconfirmed.clear();
    this.#written = [];
  }

  /** Adds what a transaction is about to post. Costs some 0.1 µs an entry. */
  add({ bytes, stretches }: OrderedCopy): void {
    if (!CAN_PACK) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const { bucket, start, end } of stretches) {
      this.#unconfirmed.add(bucket);
      for (let row = start; row < end;) row = this.#add(bucket, view, row);
    }
  }

  /** Returns where the row ends. */
  #add(bucket: number, view: DataView, row: number): number {
    const end = this.#runs.get(bucket)?.add(view, row) ?? -1;
    if (end >= 0) return end;
    // Others posted to the bucket meanwhile, or it can't be packed: a run begins where the other ended.
    this.#drop(bucket);
    const run = new CallRun(bucket, positionOfRow(view, row) - 1, this.#spare.pop());
    const first = run.add(view, row);
    if (first >= 0) {
      this.#runs.set(bucket, run);
      return first;
    }
    this.#spare.push(run.memory);
    return endOfRow(view, row);
  }

  /** The runs that are to be written with this transaction: full ones that end with what it posts. */
  full(): readonly CallRun[] {
    const full: CallRun[] = [];
    for (const bucket of this.#unconfirmed) {
      const run = this.#runs.get(bucket);
      if (run !== undefined && run.count >= this.#fullRun) full.push(run);
    }
    this.#written = full.toSorted((a, b) => b.count - a.count).slice(0, RUNS_A_BATCH);
    return this.#written;
  }

  /** Says that the transaction is committed. */
  confirm(): void {
    for (const { bucket } of this.#written) this.#drop(bucket);
    this.#unconfirmed.clear();
    this.#written = [];
  }

  #drop(bucket: number): void {
    const run = this.#runs.get(bucket);
    if (run === undefined) return;
    this.#runs.delete(bucket);
    this.#spare.push(run.memory);
  }
}

function endOfRow(view: DataView, row: number): number {
  let end = row + 2;
  for (let columns = view.getInt16(row); columns > 0; columns--) end = valueEnd(view, end);
  return end;
}
