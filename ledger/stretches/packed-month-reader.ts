import { setImmediate } from 'node:timers/promises';
import { COPY_HEADER_BYTES, readInt64 } from '../database/binary-copy.ts';
import type { Database } from '../database/database.ts';
import { type MonthCall, emptyMonthCall } from '../entries/month-call.ts';
import type { MonthCalls } from '../entries/month-calls.ts';
import { orderByPlace } from '../entries/order-by-place.ts';
import { LINE_PLACES, PackedBlock, placeOf } from './packed-block.ts';
import {
  LINE,
  PACKED_BYTES,
  PACKED_WORDS,
  isPackedReversal,
  lastBitsOfMonth,
  packedMonth,
  packedRevision,
  startOfMonth,
  unpackInto,
} from './packed-call.ts';
import { type PackedStretch, arrayText } from './stretch-store.ts';

/** What stands before the packed entries of a row: bucket, after, up to, each with its length, and their own length. */
const ROW_HEAD_BYTES = 2 + 6 + 12 + 12 + 4;
const BUCKET_AT = 2 + 4;
const UP_TO_AT = 2 + 6 + 12 + 4;
/**
 * Entries of a block: 590 kB, which stay in the processor's cache. Of two blocks, since one is read while the other is
 * visited, in a millisecond or two.
 */
const BLOCK = 1 << 14;

/**
 * Reads a month's entries from stretches, bucket by bucket and block by block, and visits those of a block line by
 * line: calls then meet the months of their lines in the processor's cache, which calls in order of time never do.
 */
export class PackedMonthReader {
  readonly #db: Database;
  readonly #period: number;
  readonly #calls: MonthCalls;

  constructor(db: Database, period: number, calls: MonthCalls) {
    this.#db = db;
    this.#period = period;
    this.#calls = calls;
  }

  /** Tells of the entries that correct others; returns the stretches that are gone, of which it told nothing. */
  async readCorrections(stretches: readonly PackedStretch[]): Promise<PackedStretch[]> {
    const inPart = stretches.filter(isInPart);
    const whole = stretches.filter((stretch) => !isInPart(stretch));
    return [...(await this.#read(whole, 'corrections', true)), ...(await this.#read(inPart, 'calls', true))];
  }

  /** Tells of the entries that correct none; returns the stretches that are gone, of which it told nothing. */
  readUsages(stretches: readonly PackedStretch[]): Promise<PackedStretch[]> {
    return this.#read(stretches, 'calls', false);
  }

  async #read(
    stretches: readonly PackedStretch[],
    column: 'calls' | 'corrections',
    wantsCorrections: boolean,
  ): Promise<PackedStretch[]> {
    if (stretches.length === 0) return [];
    const blocks = new Blocks(this.#period, this.#calls, wantsCorrections);
    const rows = new StretchRows(stretches, column === 'calls', blocks);
    try {
      for await (const chunk of this.#db.copyOut(statementFor(stretches, column))) await rows.read(chunk);
      await blocks.finish();
    } finally {
      await blocks.settled();
    }
    return rows.missing;
  }
}

function isInPart({ after, upTo, wantedAfter, wantedUpTo }: PackedStretch): boolean {
  return after !== wantedAfter || upTo !== wantedUpTo;
}

function statementFor(stretches: readonly PackedStretch[], column: 'calls' | 'corrections'): string {
  return `copy (
    select s.bucket, s.after, s.up_to, s.${column}
    from unnest(${arrayText(stretches.map(({ bucket }) => bucket))}::smallint[],
      ${arrayText(stretches.map(({ after }) => after))}::bigint[],
      ${arrayText(stretches.map(({ upTo }) => upTo))}::bigint[]) as w (bucket, after, up_to)
    join call_stretch s on s.bucket = w.bucket and s.up_to = w.up_to and s.after = w.after
    order by s.bucket, s.after
  ) to stdout (format binary)`;
}

/** Cuts a COPY of stretches, which comes in chunks of any size, into what blocks take. */
class StretchRows {
  readonly #wanted: Map<number, PackedStretch>;
  readonly #isPositional: boolean;
  readonly #blocks: Blocks;
  readonly #head = new Uint8Array(COPY_HEADER_BYTES + ROW_HEAD_BYTES);
  readonly #headView = new DataView(this.#head.buffer);
  #headBytes = 0;
  #headLength = COPY_HEADER_BYTES;
  /** The stretch whose packed entries come, and how many bytes of them are still to come. */
  #stretch: PackedStretch | null = null;
  #left = 0;
  #isBegun = false;

  constructor(stretches: readonly PackedStretch[], isPositional: boolean, blocks: Blocks) {
    this.#wanted = new Map(stretches.map((stretch) => [keyOf(stretch.bucket, stretch.upTo), stretch]));
    this.#isPositional = isPositional;
    this.#blocks = blocks;
  }

  /** Those that did not come. */
  get missing(): PackedStretch[] {
    return [...this.#wanted.values()];
  }

  async read(chunk: Uint8Array): Promise<void> {
    let from = 0;
    while (from < chunk.length) {
      if (this.#left > 0) {
        const taken = chunk.subarray(from, from + this.#left);
        this.#blocks.add(taken);
        from += taken.length;
        this.#left -= taken.length;
        if (this.#left === 0) this.#endRow();
        continue;
      }
      const taken = chunk.subarray(from, from + this.#headLength - this.#headBytes);
      this.#head.set(taken, this.#headBytes);
      this.#headBytes += taken.length;
      from += taken.length;
      if (this.#headBytes === this.#headLength) await this.#beginRow();
    }
  }

  async #beginRow(): Promise<void> {
    this.#headBytes = 0;
    if (!this.#isBegun) {
      this.#isBegun = true;
      this.#headLength = ROW_HEAD_BYTES;
      return;
    }
    const key = keyOf(this.#headView.getInt16(BUCKET_AT), readInt64(this.#headView, UP_TO_AT));
    this.#stretch = this.#wanted.get(key) ?? null;
    if (this.#stretch === null) throw new Error('Cannot read a stretch: it is none that was asked for');
    this.#wanted.delete(key);
    this.#left = this.#headView.getInt32(ROW_HEAD_BYTES - 4);
    await this.#blocks.makeRoom(this.#stretch.bucket, this.#left / PACKED_BYTES);
  }

  #endRow(): void {
    const { after, wantedAfter, wantedUpTo } = this.#stretch!;
    if (this.#isPositional) this.#blocks.keep(wantedAfter - after, wantedUpTo - after);
    else this.#blocks.keep(0, Infinity);
  }
}

function keyOf(bucket: number, upTo: number): number {
  return upTo * 64 + bucket;
}

interface Block {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
}

/** Packed entries, gathered into a block while those of another are visited. */
class Blocks {
  readonly #calls: MonthCalls;
  readonly #month: number;
  readonly #monthStart: number;
  readonly #wantsCorrections: boolean;
  #block = newBlock(BLOCK);
  /** Whose entries they are. */
  #bucket = 0;
  /** Bytes of entries that are to be visited, and of those that came since. */
  #kept = 0;
  #filled = 0;
  #spare: Block | null = null;
  #visiting: Promise<void> = Promise.resolve();
  readonly #call: MonthCall = emptyMonthCall();

  constructor(period: number, calls: MonthCalls, wantsCorrections: boolean) {
    this.#calls = calls;
    this.#month = lastBitsOfMonth(period);
    this.#monthStart = startOfMonth(period);
    this.#wantsCorrections = wantsCorrections;
  }

  /** Makes room for so many entries of a bucket that are about to come: a block has those of one. */
  async makeRoom(bucket: number, entries: number): Promise<void> {
    const needed = this.#kept + entries * PACKED_BYTES;
    if (needed <= this.#block.bytes.length && (bucket === this.#bucket || this.#kept === 0)) {
      this.#bucket = bucket;
      return;
    }
    await this.#handOver();
    this.#bucket = bucket;
    if (entries * PACKED_BYTES > this.#block.bytes.length) this.#block = newBlock(entries);
  }

  /** Adds bytes of packed entries; there must be room. */
  add(bytes: Uint8Array): void {
    this.#block.bytes.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** Of the entries that came since the last, keeps those from `first` to before `end` that are of the month. */
  keep(first: number, end: number): void {
    const { words } = this.#block;
    let to = this.#kept / 4;
    const came = to;
    const count = (this.#filled - this.#kept) / PACKED_BYTES;
    for (let index = first; index < Math.min(end, count); index++) {
      const at = came + index * PACKED_WORDS;
      if (packedMonth(words, at) !== this.#month || packedRevision(words, at) > 0 !== this.#wantsCorrections) continue;
      if (to !== at) words.copyWithin(to, at, at + PACKED_WORDS);
      to += PACKED_WORDS;
    }
    this.#kept = to * 4;
    this.#filled = this.#kept;
  }

  async finish(): Promise<void> {
    await this.#handOver();
    await this.#visiting;
  }

  /** Settles when nothing is visited any more, also after a failure. */
  settled(): Promise<void> {
    return this.#visiting.catch(() => undefined);
  }

  /** Has the block's entries visited while the next ones are read. */
  async #handOver(): Promise<void> {
    await this.#visiting;
    const [block, kept, bucket] = [this.#block, this.#kept, this.#bucket];
    this.#block = this.#spare ?? newBlock(BLOCK);
    this.#spare = null;
    this.#kept = 0;
    this.#filled = 0;
    this.#visiting = this.#visit(block, kept / PACKED_BYTES, bucket).then(() => {
      this.#spare = block;
    });
    // A failure is told to who awaits it next.
    this.#visiting.catch(() => undefined);
  }

  async #visit({ words }: Block, entries: number, bucket: number): Promise<void> {
    if (entries === 0) return;
    const ordered = entriesByLine(words, entries);
    const keep = this.#wantsCorrections ? undefined : this.#calls.keep;
    if (keep === undefined) this.#visitEach(words, ordered);
    else keep(bucket, new PackedBlock(words, this.#calls.packedUsages(words, ordered), this.#monthStart));
    // The database goes on sending meanwhile.
    await setImmediate();
  }

  #visitEach(words: Int32Array, ordered: Uint32Array): void {
    const call = this.#call;
    for (const entry of ordered) {
      const at = entry * PACKED_WORDS;
      unpackInto(call, words, at, this.#monthStart);
      if (this.#wantsCorrections) this.#calls.correction(call, packedRevision(words, at), isPackedReversal(words, at));
      else this.#calls.usage(call);
    }
  }
}

function newBlock(entries: number): Block {
  const words = new Int32Array(entries * PACKED_WORDS);
  return { words, bytes: new Uint8Array(words.buffer) };
}

/** The numbers of the entries, ordered by line (by the last bits of its number, since near is enough). */
function entriesByLine(words: Int32Array, entries: number): Uint32Array {
  const places = new Uint32Array(entries);
  for (let entry = 0; entry < entries; entry++) {
    places[entry] = placeOf(words[entry * PACKED_WORDS + LINE]!);
  }
  return orderByPlace(places, LINE_PLACES);
}
