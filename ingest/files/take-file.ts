import type { Hash } from 'node:crypto';
import type { Database, Receipt, RereadStretch } from '../../ledger/index.ts';
import { gunzipChunks, isGzip, peek } from './byte-chunks.ts';
import { tallyOfBatch } from './byte-tally.ts';
import { type Delivery, lazyDelivery, type RatingEngine, type Counts } from '../../engine/index.ts';
import { type FoundSource, findNextReading, findSource } from './find-source.ts';
import type { Format, FormatId, UnmatchedName, FormatOptions } from '../../formats/index.ts';
import { type RecordBatch, openRecords, recordsOf } from './record-reader.ts';
import { type ChangeWhileRead, SourceFile } from './source-file.ts';

/** A file of records, and the name under which the ledger keeps its position. */
export interface FileToTake {
  readonly path: string;
  /** `file:` and the absolute path, or `stdin:` and the SHA-256 of what was read. */
  readonly source: string;
}

export interface TakeFileOptions extends FormatOptions {
  /** Read from its start, as another source, whatever was taken in of it before. */
  readonly isAgain?: boolean;
  /** Records a transaction; when not given, 20,000 on PostgreSQL and 10,000 on the embedded ledger. */
  readonly batchSize?: number;
  /**
   * Which starts are plausible for its records, where a person says so: nothing in a file says when its records were
   * made.
   */
  readonly receipt?: Receipt;
  /** Told after each batch that was taken in, and once before the first. */
  readonly onProgress?: (progress: FileProgress) => void;
  /** When aborted, the batch that runs is finished and no other begun. */
  readonly signal?: AbortSignal;
}

/** How far a file is. */
export interface FileProgress {
  /** Part of the file's bytes, 0 to 1, that was taken in. */
  readonly fraction: number;
  /** What became of the records of the batch just taken in. */
  readonly counts: Counts;
}

/**
 * Records a transaction. What it costs PostgreSQL by itself is that of a thousand records or more; PGlite gains nothing
 * by larger ones, and whoever else asks it waits.
 */
const BATCH_SIZES = { postgres: 20_000, pglite: 10_000 };

/** What became of a file. */
export type TakenFile =
  | {
      readonly kind: 'taken';
      readonly source: string;
      readonly format: FormatId;
      /** Uncompressed byte offsets: where this run began, and up to where all is in the ledger. */
      readonly from: number;
      readonly to: number;
      /** `false` when it was interrupted. */
      readonly isComplete: boolean;
      readonly otherContents: number;
      readonly counts: Counts;
      /**
       * Calls by the quarter of an hour in which they start: ms since the epoch of its begin. No zone cuts one in
       * two.
       */
      readonly callsByQuarterHour: ReadonlyMap<number, number>;
      /** What became of the file while it was read to its end; the next run takes in what it holds beyond. */
      readonly changeWhileRead: ChangeWhileRead;
      /** What was named for its format and fitted none of its records. */
      readonly unmatched: readonly UnmatchedName[];
    }
  | { readonly kind: 'empty'; readonly source: string }
  | { readonly kind: 'unusable'; readonly problem: string };

/**
 * Takes the records of a file into the ledger, batch by batch, from where an earlier run of the same content ended:
 * killed at any point and run again, it goes on. The next batch is read, decoded and rated while the database works
 * on the one before. Throws `SourceError` when the file can't be read (further); what was read before it is in the
 * ledger.
 */
export async function takeFile(
  engine: Pick<RatingEngine, 'take'>,
  db: Database,
  file: FileToTake,
  options: TakeFileOptions = {},
): Promise<TakenFile> {
  const open = await SourceFile.open(file.path);
  try {
    return await takeOpenFile(engine, db, { open, source: file.source }, options);
  } finally {
    await open.close();
  }
}

async function takeOpenFile(
  engine: Pick<RatingEngine, 'take'>,
  db: Database,
  file: { readonly open: SourceFile; readonly source: string },
  options: TakeFileOptions,
): Promise<TakenFile> {
  const raw: RawBytes = { bytes: 0, size: file.open.size };
  const known = await findSource(db, file.source, await uncompressedChunks(file.open, { bytes: 0 }));
  const found = options.isAgain === true ? await findNextReading(db, known) : known;
  const chunks = await peek(await uncompressedChunks(file.open, raw), 1);
  if (chunks.head.length === 0) {
    await chunks.chunks.return(undefined);
    return { kind: 'empty', source: found.source };
  }
  const prefix = new PrefixHash(found);
  const opened = await openRecords(
    { stream: chunks.chunks, name: file.open.path },
    {
      batchSize: BATCH_SIZES[db.kind],
      ...options,
      from: found.readFrom,
      onOtherBytes: (bytes, position) => prefix.add(bytes, position),
    },
  );
  if (opened.kind === 'unusable') return opened;
  const run = new FileRun(found, opened.format, prefix, options.receipt ?? null);
  options.onProgress?.({ fraction: fractionOf(found.position, raw), counts: new Map() });
  const finish = async (running: Running | null): Promise<void> => {
    if (running === null) return;
    run.taken(running.delivery, await running.counts);
    options.onProgress?.({ fraction: fractionOf(running.delivery.to, raw), counts: run.lastCounts });
  };
  let next = nextDelivery(opened.batches, run);
  let running: Running | null = null;
  try {
    for (;;) {
      const delivery = await next;
      if (delivery === null || options.signal?.aborted === true) {
        run.isComplete = delivery === null;
        break;
      }
      // Reading and rating go on while the database commits the batch before. A failure of it is told in its turn.
      next = nextDelivery(opened.batches, run);
      next.catch(ignore);
      const counts = engine.take(delivery);
      counts.catch(ignore);
      await finish(running);
      running = { delivery, counts };
    }
    await finish(running);
    running = null;
  } finally {
    await running?.counts.catch(ignore);
    await next.catch(ignore);
    await opened.batches.return(undefined);
  }
  return run.result(run.isComplete ? await file.open.changeAfter(raw.bytes) : 'none');
}

/** A delivery that the engine was given. */
interface Running {
  readonly delivery: Delivery;
  readonly counts: Promise<Counts>;
}

async function nextDelivery(batches: AsyncGenerator<RecordBatch>, run: FileRun): Promise<Delivery | null> {
  const next = await batches.next();
  return next.done === true ? null : run.deliveryOf(next.value);
}

/** One run over a file: where it stands, and what it came to. */
class FileRun {
  readonly #found: FoundSource;
  readonly #format: Format;
  readonly #prefix: PrefixHash;
  readonly #receipt: Receipt | null;
  /** Up to where records were given to the engine, and up to where they are in the ledger. */
  #given: number;
  #position: number;
  readonly #counts = new Map<string, number>();
  readonly #callsByQuarterHour = new Map<number, number>();
  isComplete = false;
  lastCounts: Counts = new Map();

  constructor(found: FoundSource, format: Format, prefix: PrefixHash, receipt: Receipt | null) {
    this.#found = found;
    this.#format = format;
    this.#prefix = prefix;
    this.#receipt = receipt;
    this.#given = found.position;
    this.#position = found.position;
  }

  deliveryOf(batch: RecordBatch): Delivery {
    const from = this.#given;
    this.#given = batch.nextPosition;
    const tally = tallyOfBatch(batch, from);
    const rereads = this.#rereadBy(from, batch.nextPosition);
    const stretch = {
      source: this.#found.source,
      firstReading: this.#found.firstReading,
      partition: 0,
      format: this.#format.id,
      from,
      to: batch.nextPosition,
      prefixHash: this.#prefix.after(batch),
      tallyOf: () => tally,
      ...(this.#format.hasLegs === true ? { hasLegs: true } : {}),
      ...(rereads === null ? {} : { rereads }),
    };
    return lazyDelivery(stretch, () => recordsOf(this.#format, batch, this.#receipt));
  }

  /** What the delivery `[from, to)` reads that was read before: all of it, or a last line that had no end. */
  #rereadBy(from: number, to: number): RereadStretch | null {
    const { source, firstReading, readFrom, position } = this.#found;
    if (firstReading !== source) return { source: firstReading, from, to };
    return from === position && readFrom < position ? { source, from: readFrom, to: position } : null;
  }

  taken({ to, starts }: Delivery, counts: Counts): void {
    this.#position = to;
    this.lastCounts = counts;
    for (const [key, count] of counts) this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
    for (const [quarter, calls] of starts.byQuarterHour) {
      this.#callsByQuarterHour.set(quarter, (this.#callsByQuarterHour.get(quarter) ?? 0) + calls);
    }
  }

  result(changeWhileRead: ChangeWhileRead): TakenFile {
    return {
      kind: 'taken',
      source: this.#found.source,
      format: this.#format.id,
      from: this.#found.position,
      to: this.#position,
      isComplete: this.isComplete,
      otherContents: this.#found.otherContents,
      counts: this.#counts,
      callsByQuarterHour: this.#callsByQuarterHour,
      changeWhileRead,
      unmatched: this.#format.unmatched?.() ?? [],
    };
  }
}

/** SHA-256 of a file's beginning, fed with its bytes as they are read, each once and in their order. */
class PrefixHash {
  readonly #hash: Hash;
  #hashed: number;

  constructor({ hash, position }: FoundSource) {
    this.#hash = hash;
    this.#hashed = position;
  }

  /** Bytes of the file that stand at `position`; those before where it stands are passed over. */
  add(bytes: Buffer, position: number): void {
    if (position > this.#hashed) throw new Error(`Cannot hash a file from byte ${position}: it is at ${this.#hashed}`);
    const next = bytes.subarray(Math.min(bytes.length, this.#hashed - position));
    this.#hash.update(next);
    this.#hashed += next.length;
  }

  /** The hash of all bytes before the end of `batch`, hex. */
  after({ buffer, position }: RecordBatch): string {
    this.add(buffer, position);
    return this.#hash.copy().digest('hex');
  }
}

/** The file's bytes, decompressed when they are gzip; `raw.bytes` counts those read from the disk. */
async function uncompressedChunks(file: SourceFile, raw: RawBytes): Promise<AsyncGenerator<Buffer>> {
  const { head, chunks } = await peek(counted(file.chunks(), raw), 2);
  raw.isGzip = isGzip(head);
  return raw.isGzip ? gunzipChunks(chunks, file.path) : chunks;
}

interface RawBytes {
  bytes: number;
  isGzip?: boolean;
  readonly size?: number;
}

async function* counted(chunks: AsyncGenerator<Buffer>, raw: RawBytes): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    raw.bytes += chunk.length;
    yield chunk;
  }
}

function fractionOf(position: number, { bytes, size = 0, isGzip: isCompressed }: RawBytes): number {
  if (size === 0) return 1;
  return Math.min(1, (isCompressed === true ? bytes : position) / size);
}

function ignore(): void {}
