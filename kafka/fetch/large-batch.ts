import type { BatchHeader } from './batch-header.ts';
import { decompressedChunks } from './decompress.ts';
import type { FetchedMessage } from './fetched-message.ts';
import { KEPT_BYTES, MESSAGE_OVERHEAD_BYTES, MOST_MESSAGE_BYTES } from './limits.ts';
import { type RecordsProgress, beginningOf, readRecords, startOfRecord, takeOffset } from './read-records.ts';
import { UnreadableError } from './unreadable-error.ts';
import { readVarint, varintEnd } from './varint.ts';

/** A record whose size is up to this is read whole: its value, and as much again for key and headers. */
const MOST_RECORD_BYTES = MOST_MESSAGE_BYTES + 1_048_576;
/** Attributes, time, offset and the length of the key have room in so many bytes. */
const RECORD_START_BYTES = 32;
/** A length has room in so many bytes. */
const LENGTH_BYTES = 5;

/**
 * A batch that is too large to be decompressed at once, read part by part: what was read of it is forgotten, and
 * reading goes on with the next answer of the broker. It holds the compressed bytes and a decompressor.
 */
export class LargeBatch {
  readonly header: BatchHeader;
  readonly #progress: RecordsProgress;
  readonly #chunks: AsyncGenerator<Buffer>;
  readonly #steps: Steps;
  /** Decompressed, and not read yet. */
  #window: Buffer = Buffer.alloc(0);
  #at = 0;
  #fromOffset = 0;
  #unpackedBytes = 0;
  isOver = false;
  /** The first offset that was neither given nor passed over. */
  nextOffset: number;

  /** @param compressed its records; they are copied, so that the broker's answer can be given back */
  constructor(header: BatchHeader, compressed: Buffer) {
    this.header = header;
    this.nextOffset = header.firstOffset;
    this.#progress = { read: 0, lastOffset: header.firstOffset - 1 };
    this.#chunks = decompressedChunks(header.codec, Buffer.from(compressed));
    this.#steps = this.#read();
  }

  /**
   * Reads on, until messages from `fromOffset` on take `room` bytes of memory, or so much was unpacked; `isOver`
   * when the batch is. Throws `UnreadableError` where the batch can't be read on; the messages before are in
   * `messages`.
   */
  async readOn(fromOffset: number, room: number, unpackBytes: number, messages: FetchedMessage[]): Promise<void> {
    this.#fromOffset = fromOffset;
    const upTo = this.#unpackedBytes + unpackBytes;
    for (let taken = 0; taken < room && this.#unpackedBytes < upTo;) {
      const step = await this.#steps.next();
      if (step.done === true) {
        this.isOver = true;
        return;
      }
      for (const message of step.value) messages.push(message);
      // Messages keep the whole of what they were unpacked with.
      if (step.value.length > 0) taken += this.#window.length + step.value.length * MESSAGE_OVERHEAD_BYTES;
    }
  }

  /** Gives back what it holds. */
  async close(): Promise<void> {
    await this.#chunks.return(undefined);
  }

  /** Each step unpacks a little, or reads what was unpacked. */
  async *#read(): Steps {
    const { header } = this;
    const progress = this.#progress;
    for (;;) {
      const messages: FetchedMessage[] = [];
      this.#at = readRecords(this.#window, this.#at, header, progress, this.#fromOffset, Infinity, messages);
      this.nextOffset = progress.lastOffset + 1;
      if (messages.length > 0) yield messages;
      if (progress.read === header.count) break;
      const start = this.#at < this.#window.length ? startOfRecord(this.#window, this.#at) : -1;
      const length = start < 0 ? 0 : readVarint(this.#window, this.#at);
      if (length > MOST_RECORD_BYTES) {
        this.#at = start;
        yield* this.#readTooLong(length);
      } else if (!(yield* this.#unpack(start < 0 ? LENGTH_BYTES : start - this.#at + length))) throw cutOff();
    }
    yield* this.#unpack(1);
    if (this.#at < this.#window.length) throw new UnreadableError('it holds more than its records');
  }

  /**
   * Unpacks until the window has `bytes` bytes that were not read, or what there is; answers whether there was any
   * more.
   */
  async *#unpack(bytes: number): Steps<boolean> {
    const parts = [this.#window.subarray(this.#at)];
    for (let have = parts[0]!.length; have < bytes;) {
      const next = await this.#chunks.next();
      if (next.done === true) break;
      parts.push(next.value);
      have += next.value.length;
      this.#unpackedBytes += next.value.length;
      yield [];
    }
    this.#window = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    this.#at = 0;
    return parts.length > 1;
  }

  /** A record too long to be read whole begins here: of its value the beginning is kept. */
  async *#readTooLong(length: number): Steps {
    const { header } = this;
    const progress = this.#progress;
    yield* this.#unpack(RECORD_START_BYTES);
    const offset = takeOffset(this.#window, 0, this.#window.length, header, progress);
    const isWanted = offset >= this.#fromOffset;
    if (!isWanted) this.nextOffset = offset + 1;
    const keyAt = varintEnd(this.#window, varintEnd(this.#window, 1));
    this.#at = keyAt;
    let left = length - keyAt;
    left -= (yield* this.#readPart(0, 0)).bytes;
    const value = yield* this.#readPart(isWanted ? MOST_MESSAGE_BYTES : 0, isWanted ? KEPT_BYTES : 0);
    left -= value.bytes;
    if (left < 0) throw cutOff();
    this.nextOffset = offset + 1;
    if (isWanted) yield [beginningOf(value.kept, value.length, offset, header)];
    yield* this.#pass(left, 0);
  }

  /**
   * Passes over a key or a value, with its length in front.
   *
   * @param wholeBytes one of up to so many bytes is kept whole
   * @param keptBytes of a longer one the beginning
   */
  async *#readPart(wholeBytes: number, keptBytes: number): Steps<Part> {
    yield* this.#unpack(LENGTH_BYTES);
    const lengthEnd = varintEnd(this.#window, this.#at);
    const length = Math.max(0, readVarint(this.#window, this.#at));
    const lengthBytes = lengthEnd - this.#at;
    this.#at = lengthEnd;
    const kept = yield* this.#pass(length, length > wholeBytes ? keptBytes : length);
    return { kept, length, bytes: lengthBytes + length };
  }

  /** Passes over so many bytes; answers the first `keptBytes` of them. */
  async *#pass(bytes: number, keptBytes: number): Steps<Buffer> {
    const kept: Buffer[] = [];
    let toKeep = keptBytes;
    for (let left = bytes; ;) {
      const part = this.#window.subarray(this.#at, this.#at + left);
      if (toKeep > 0) kept.push(Buffer.from(part.subarray(0, toKeep)));
      toKeep -= Math.min(toKeep, part.length);
      this.#at += part.length;
      left -= part.length;
      if (left === 0) return Buffer.concat(kept);
      if (!(yield* this.#unpack(1))) throw cutOff();
    }
  }
}

/** What was read with each step, often nothing. */
type Steps<Answer = void> = AsyncGenerator<readonly FetchedMessage[], Answer>;

/** A key or a value, as far as it was kept. */
interface Part {
  readonly kept: Buffer;
  readonly length: number;
  /** With the length in front. */
  readonly bytes: number;
}

function cutOff(): UnreadableError {
  return new UnreadableError('its records are cut off');
}
