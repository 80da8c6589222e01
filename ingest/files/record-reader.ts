import { setImmediate as nextTurn } from 'node:timers/promises';
import { type DeliveredRecord, UndecodedRecord } from '../../engine/index.ts';
import type { Receipt } from '../../ledger/index.ts';
import { gunzipChunks, isGzip, peek, skip, streamChunks } from './byte-chunks.ts';
import {
  MAX_RECORD_BYTES,
  tooLong,
  type Format,
  openFormat,
  type FormatOptions,
  type UnusableCode,
} from '../../formats/index.ts';
import type { Framing, FrameRecords } from './frame-records.ts';
import { FRAMING_WAYS } from './frame-way.ts';
import { fileChunks } from './source-file.ts';

/** Records that follow each other in a source, in one buffer that is never reused: decoded calls may keep it. */
export interface RecordBatch {
  readonly buffer: Buffer;
  /** Start and end of each record in the buffer: `[2i]` and `[2i + 1]`. */
  readonly records: Uint32Array;
  readonly count: number;
  /** Uncompressed byte offset in the source of the buffer's first byte; record i is at `position + records[2i]`. */
  readonly position: number;
  /** Where the source's next record begins: reading from here on continues after this batch. */
  readonly nextPosition: number;
  /** How long the last record is in truth, in bytes, where its beginning alone is in the buffer; else 0. */
  readonly cutRecordBytes: number;
}

/**
 * Is given bytes of a source that no batch has, in their order: those passed over, and the rest of records that are
 * cut.
 */
export type OtherBytes = (bytes: Buffer, position: number) => void;

/** A file by its path, or a stream such as stdin with a name for messages. */
export type RecordSource =
  { readonly path: string } | { readonly stream: AsyncIterable<unknown>; readonly name: string };

export interface ReadOptions extends FormatOptions {
  /** Uncompressed byte offset to go on from: a `nextPosition` of an earlier reading of the same source. */
  readonly from?: number;
  /** Canonical records are JSON documents, in a row or in an array, rather than lines. */
  readonly hasDocuments?: boolean;
  /** The bytes are taken as they are, also where they look like gzip: whoever reads them has unpacked them. */
  readonly isPlain?: boolean;
  /** Most records a batch. */
  readonly batchSize?: number;
  /** Told of what no batch has, before the batch that ends after it. */
  readonly onOtherBytes?: OtherBytes;
}

export type OpenedRecords =
  | {
      readonly kind: 'open';
      readonly format: Format;
      readonly isGzip: boolean;
      readonly batches: AsyncGenerator<RecordBatch>;
    }
  | { readonly kind: 'unusable'; readonly code: UnusableCode; readonly problem: string };

const HEAD_BYTES = 65_536;
const DEFAULT_BATCH_SIZE = 10_000;

/**
 * Opens a source of CDRs: detects gzip and, unless it is named, the format, and gives its records in batches.
 * Throws `SourceError` when the source cannot be opened, and the batches do when it cannot be read to its end.
 * The source is closed when the batches have been iterated, to their end or not.
 */
export async function openRecords(source: RecordSource, options: ReadOptions = {}): Promise<OpenedRecords> {
  const name = 'path' in source ? source.path : source.name;
  const raw = await peek('path' in source ? fileChunks(source.path) : streamChunks(source.stream, name), 2);
  const isCompressed = options.isPlain !== true && isGzip(raw.head);
  const plain = isCompressed ? gunzipChunks(raw.chunks, name) : raw.chunks;
  const { head, chunks } = await peek(plain, HEAD_BYTES);
  const isEmptyList = options.hasDocuments === true && /^\s*\[\s*\]\s*$/.test(head.toString('latin1'));
  const opened = openFormat(head, isEmptyList ? { ...options, otherwise: 'canonical-ndjson' } : options);
  if (opened.kind === 'unusable') {
    await plain.return(undefined);
    return { ...opened, problem: `Cannot read '${name}': ${opened.problem}` };
  }
  const isDocuments = options.hasDocuments === true && opened.format.id === 'canonical-ndjson';
  const format: Format = isDocuments ? { ...opened.format, framing: 'json-documents' } : opened.format;
  const from = Math.max(options.from ?? 0, opened.bodyStart);
  const { batchSize = DEFAULT_BATCH_SIZE, onOtherBytes = ignore } = options;
  const batches = readBatches(skip(chunks, from, name, onOtherBytes), format, from, batchSize, onOtherBytes);
  return { kind: 'open', format, isGzip: isCompressed, batches };
}

/** The records of a batch, in order, to be decoded; `receipt` is that of all of them. */
export function recordsOf(format: Format, batch: RecordBatch, receipt: Receipt | null = null): DeliveredRecord[] {
  const { buffer, records, count, position, cutRecordBytes } = batch;
  const all: DeliveredRecord[] = [];
  for (let i = 0; i < count; i++) {
    const end = records[2 * i + 1]!;
    const start = afterBom(buffer, records[2 * i]!, end);
    const bytes = cutRecordBytes > 0 && i === count - 1 ? cutRecordBytes : end - start;
    all.push(
      bytes > MAX_RECORD_BYTES
        ? beginningOf(buffer, start, bytes, position + start)
        : new UndecodedRecord(format, buffer, start, end, position + start, 0, start, end, receipt),
    );
  }
  return all;
}

/** Files that were joined have marks of their beginnings (BOM) in their midst. */
function afterBom(buffer: Buffer, start: number, end: number): number {
  if (buffer[start] !== 0xef || end - start < 3) return start;
  return buffer[start + 1] === 0xbb && buffer[start + 2] === 0xbf ? start + 3 : start;
}

/** A record that is too long: 1 MiB of it is kept. */
function beginningOf(buffer: Buffer, start: number, bytes: number, position: number): DeliveredRecord {
  return { decoded: tooLong(bytes), position, item: 0, buffer, start, end: start + MAX_RECORD_BYTES };
}

function ignore(): void {}

/** A batch is handed on when it has this many bytes, full or not. */
const MAX_BATCH_BYTES = 16_777_216;
/** A record that has not ended after this many bytes is cut: it is refused as too long anyway. */
const MAX_OPEN_BYTES = 2 * MAX_RECORD_BYTES;
/** So many bytes come in before they are cut into records: an open record is looked through again each time. */
const CUT_EVERY_BYTES = 262_144;
/** After so many bytes others have a turn: they wait for 10 ms or so. */
const TURN_EVERY_BYTES = 1_048_576;

/** Cuts chunks of bytes, the first of which stands at `position` of the source, into batches of records. */
async function* readBatches(
  chunks: AsyncGenerator<Buffer>,
  { framing }: Format,
  position: number,
  batchSize: number,
  onOtherBytes: OtherBytes,
): AsyncGenerator<RecordBatch> {
  const batch = new BatchBuffer(FRAMING_WAYS[framing], position, batchSize, onOtherBytes);
  let bytesOfTurn = 0;
  try {
    for await (const chunk of chunks) {
      batch.append(chunk);
      while (batch.isReady()) yield batch.take();
      bytesOfTurn += chunk.length;
      if (bytesOfTurn < TURN_EVERY_BYTES) continue;
      // Chunks may follow each other without a turn in between, by the hundred megabyte where they hold no record.
      bytesOfTurn = 0;
      await nextTurn();
    }
  } catch (error) {
    // What is whole is delivered; the record that was cut off by the failure is not.
    batch.fail();
    while (batch.hasRecords()) yield batch.take();
    throw error;
  }
  batch.end();
  while (batch.hasRecords()) yield batch.take();
}

/** Collects bytes, and gives out those whose records are whole in a buffer of their own. */
class BatchBuffer {
  readonly #frame: FrameRecords;
  readonly #batchSize: number;
  #buffer = Buffer.allocUnsafeSlow(1_048_576);
  #used = 0;
  /** How much there was when it was last cut into records. */
  #cutAt = 0;
  #position: number;
  #framing: Framing;
  #isEnd = false;
  readonly #onOtherBytes: OtherBytes;
  /**
   * Bytes thrown away of an endless record, which is the last of the batch, up to its line end; -1 while there is
   * none.
   */
  #dropped = -1;
  #isDropping = false;
  /** How many of the bytes thrown away were the line end. */
  #endBytes = 0;

  constructor(frame: FrameRecords, position: number, batchSize: number, onOtherBytes: OtherBytes) {
    this.#frame = frame;
    this.#onOtherBytes = onOtherBytes;
    this.#position = position;
    this.#batchSize = batchSize;
    this.#framing = this.#emptyFraming();
  }

  append(chunk: Buffer): void {
    const rest = this.#isDropping ? this.#drop(chunk) : chunk;
    if (rest.length === 0) return;
    this.#reserve(this.#used + rest.length);
    rest.copy(this.#buffer, this.#used);
    this.#used += rest.length;
    if (this.#used - this.#cutAt >= CUT_EVERY_BYTES) this.#cut();
  }

  /** No more bytes come, though the source has not ended: what is whole is given out. */
  fail(): void {
    if (!this.#isDropping) this.#cut();
  }

  end(): void {
    this.#isEnd = true;
    this.#isDropping = false;
    this.#cut();
  }

  isReady(): boolean {
    if (this.#isDropping) return false;
    return this.#dropped >= 0 || this.#framing.count === this.#batchSize || this.#framing.consumed >= MAX_BATCH_BYTES;
  }

  hasRecords(): boolean {
    return this.#framing.count > 0;
  }

  /** The batch; what follows it moves to a new buffer. */
  take(): RecordBatch {
    const { count, consumed, pairs } = this.#framing;
    const nextPosition = this.#position + consumed + Math.max(0, this.#dropped);
    const batch = {
      buffer: this.#buffer.subarray(0, consumed),
      records: pairs,
      count,
      position: this.#position,
      nextPosition,
      cutRecordBytes: this.#dropped < 0 ? 0 : MAX_RECORD_BYTES + 1 + this.#dropped - this.#endBytes,
    };
    const rest = this.#buffer.subarray(consumed, this.#used);
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(1_048_576, rest.length, consumed + (consumed >> 2)));
    rest.copy(this.#buffer);
    this.#used = rest.length;
    this.#position = nextPosition;
    this.#dropped = -1;
    this.#framing = this.#emptyFraming();
    this.#cut();
    return batch;
  }

  #emptyFraming(): Framing {
    return { pairs: new Uint32Array(this.#batchSize * 2), count: 0, consumed: 0 };
  }

  #cut(): void {
    if (this.#dropped >= 0) return;
    this.#cutAt = this.#used;
    this.#frame(this.#buffer, this.#used, this.#isEnd, this.#framing);
    const isFull = this.#framing.count === this.#batchSize;
    if (!isFull && !this.#isEnd && this.#used - this.#framing.consumed > MAX_OPEN_BYTES) this.#startDropping();
  }

  /** Keeps the beginning of the endless record, enough to be refused, and throws away the rest up to its line end. */
  #startDropping(): void {
    const { pairs, count, consumed } = this.#framing;
    pairs[2 * count] = consumed;
    pairs[2 * count + 1] = consumed + MAX_RECORD_BYTES + 1;
    const kept = consumed + MAX_RECORD_BYTES + 1;
    const rest = Buffer.from(this.#buffer.subarray(kept, this.#used));
    this.#framing.count++;
    this.#framing.consumed = kept;
    this.#dropped = 0;
    this.#onOtherBytes(this.#buffer.subarray(0, kept), this.#position);
    const after = this.#drop(rest);
    after.copy(this.#buffer, kept);
    this.#used = kept + after.length;
  }

  /** Throws away bytes up to and with a line end; answers what follows it. */
  #drop(chunk: Buffer): Buffer {
    const lineEnd = chunk.indexOf(10);
    const count = lineEnd < 0 ? chunk.length : lineEnd + 1;
    this.#onOtherBytes(chunk.subarray(0, count), this.#position + this.#framing.consumed + this.#dropped);
    this.#dropped += count;
    this.#endBytes = lineEnd < 0 ? 0 : 1;
    this.#isDropping = lineEnd < 0;
    return chunk.subarray(count);
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#buffer = larger;
  }
}
