import type { FeedEntry } from '../ledger/index.ts';
import type { EntryNames } from './entry-names.ts';
import { JsonBytes } from './json-bytes.ts';
import { FIXED_BYTES, writeUsage } from './usage-json.ts';

/** A message is closed once it is that long: brokers take 1 MB by default, and one entry may have a long record. */
const FULL_BYTES = 500_000;
const BEGIN = 0x5b;
const NEXT = 0x2c;
const END = 0x5d;

/** Gathers entries into messages, JSON arrays of CloudEvents, of each partition in the order in which they are added. */
export class UsageBatches {
  readonly #partitions: number;
  readonly #names: EntryNames;
  readonly #open = new Map<number, JsonBytes>();
  readonly #closed = new Map<number, Buffer[]>();

  /** @param partitions of the topic: that of an entry is its bucket modulo them */
  constructor(partitions: number, names: EntryNames) {
    this.#partitions = partitions;
    this.#names = names;
  }

  /** Adds an entry whose names are known. */
  add(entry: FeedEntry): void {
    const partition = entry.bucket % this.#partitions;
    let open = this.#open.get(partition);
    if (open === undefined) {
      open = new JsonBytes(FULL_BYTES + 16_384);
      this.#open.set(partition, open);
    }
    const { recordStart, recordEnd } = entry;
    open.reserve(FIXED_BYTES + this.#names.bytesOf(entry) + recordEnd - recordStart);
    open.byte(open.length === 0 ? BEGIN : NEXT);
    writeUsage(open, entry, this.#names);
    if (open.length >= FULL_BYTES) this.#close(partition, open);
  }

  /** The messages of each partition, in order. */
  finish(): ReadonlyMap<number, readonly Buffer[]> {
    for (const [partition, open] of this.#open) if (open.length > 0) this.#close(partition, open);
    return this.#closed;
  }

  #close(partition: number, open: JsonBytes): void {
    open.byte(END);
    const closed = this.#closed.get(partition);
    if (closed === undefined) this.#closed.set(partition, [open.take()]);
    else closed.push(open.take());
  }
}
