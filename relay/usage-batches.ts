import type { FeedEntry } from '../ledger/index.ts';
import { EventSources } from './event-sources.ts';
import { type EntryNames, JsonBytes } from '../services/index.ts';
import { FIXED_BYTES, writeUsage } from './usage-json.ts';

/** A message is closed once it is that long: brokers take 1 MB by default, and one entry may have a long record. */
const FULL_BYTES = 500_000;
const BEGIN = 0x5b;
const NEXT = 0x2c;
const END = 0x5d;

/**
 * Gathers entries into messages, JSON arrays of CloudEvents, of each partition in the order in which they are added.
 * Their memory is used again after `clear`: making it anew costs as much as writing it.
 */
export class UsageBatches {
  readonly #names: EntryNames;
  readonly #open = new Map<number, JsonBytes>();
  readonly #closed = new Map<number, JsonBytes[]>();
  readonly #free: JsonBytes[] = [];
  #sources = new EventSources([]);

  constructor(names: EntryNames) {
    this.#names = names;
  }

  /** Names the ledger's lives that entries are of, from now on. */
  useSources(sources: EventSources): void {
    this.#sources = sources;
  }

  /** Adds an entry, whose names were looked up last. */
  add(entry: FeedEntry, partition: number): void {
    const open = this.#open.get(partition) ?? this.#begin(partition);
    open.reserve(FIXED_BYTES + this.#names.bytes + entry.recordEnd - entry.recordStart);
    open.byte(open.length === 0 ? BEGIN : NEXT);
    writeUsage(open, entry, this.#names, this.#sources.ofEntry(entry.bucket, entry.position));
    if (open.length >= FULL_BYTES) this.#close(partition, open);
  }

  /** The messages of each partition, in order; they hold until `clear`. */
  finish(): ReadonlyMap<number, readonly Buffer[]> {
    for (const [partition, open] of this.#open) this.#close(partition, open);
    return new Map([...this.#closed].map(([partition, closed]) => [partition, closed.map((bytes) => bytes.written)]));
  }

  clear(): void {
    for (const bytes of [...this.#open.values(), ...[...this.#closed.values()].flat()]) {
      bytes.clear();
      this.#free.push(bytes);
    }
    this.#open.clear();
    this.#closed.clear();
  }

  #begin(partition: number): JsonBytes {
    const bytes = this.#free.pop() ?? new JsonBytes(FULL_BYTES + 16_384);
    this.#open.set(partition, bytes);
    return bytes;
  }

  #close(partition: number, open: JsonBytes): void {
    open.byte(END);
    this.#open.delete(partition);
    const closed = this.#closed.get(partition);
    if (closed === undefined) this.#closed.set(partition, [open]);
    else closed.push(open);
  }
}
