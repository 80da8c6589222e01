import { setImmediate as nextTurn } from 'node:timers/promises';
import { type DeliveredRecord, UndecodedRecord } from '../../engine/index.ts';
import {
  type Decoded,
  type Format,
  type FormatOptions,
  type UnusableCode,
  MAX_RECORD_BYTES,
  tooLong,
} from '../../formats/index.ts';
import type { Receipt } from '../../ledger/index.ts';
import { OperatingFault } from '../../operating/index.ts';
import { gunzipChunks, isGzip, peek, streamChunks } from '../files/byte-chunks.ts';
import { type ReadOptions, type RecordBatch, openRecords } from '../files/record-reader.ts';
import { SourceError } from '../files/source-error.ts';
import type { PostSource, TakenBatch } from './post-source.ts';

/** Most records of a post: of each that was not rated the answer says so. */
const MOST_RECORDS = 200_000;
/**
 * Records that are given to the source together: the first are rated soon, and what waits meanwhile is taken in
 * together, since a transaction costs the database as much as a thousand records.
 */
const BATCH_SIZE = 2_000;
/** Batches of a post that are given and not committed. */
const MOST_GIVEN = 6;

/** What was posted. */
export interface Post {
  /** The body as it comes. What throws ends it before its end: nothing of the batch it was in is taken. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly options: FormatOptions & Pick<ReadOptions, 'hasDocuments'>;
  readonly receipt: Receipt;
  /** Records of another switch are refused, with what comes after them; left out: they may be of any. */
  readonly onlySwitch?: string | undefined;
  /** Of more than so many records the first are taken, and it is too large; 200,000 where nothing is said. */
  readonly mostRecords?: number;
}

export type TakenPost =
  | { readonly kind: 'taken'; readonly format: Format; readonly received: number }
  | {
      readonly kind: 'cut';
      /** How many records are committed; the first of those that are not has this index. */
      readonly received: number;
      readonly cause: unknown;
    }
  | { readonly kind: 'unusable'; readonly code: UnusableCode; readonly problem: string };

/**
 * Takes a post in, batch by batch, each committed whole; the next is read while the database works on the one before.
 * `onTaken` is told of each in its order. Throws what the ledger fails with: then `onTaken` has been told of all that
 * is committed, but for a commit of which nobody knows.
 */
export async function takePost(
  source: PostSource,
  post: Post,
  onTaken: (batch: TakenBatch, index: number) => void,
): Promise<TakenPost> {
  const watched = new WatchedBody(plainBytes(post.body));
  const { mostRecords = MOST_RECORDS, onlySwitch } = post;
  let given = 0;
  let received = 0;
  const running: { readonly at: number; readonly taken: Promise<TakenBatch> }[] = [];
  /** Waits in their order for batches that were given, until no more than `most` are left. */
  const finish = async (most: number): Promise<void> => {
    while (running.length > most) {
      const { at, taken } = running[0]!;
      const batch = await taken;
      running.shift();
      onTaken(batch, at);
      received = at + batch.records.length;
      // Several may have come at once; others are answered in between.
      await nextTurn();
    }
  };
  let batches: AsyncGenerator<RecordBatch> | null = null;
  try {
    const opened = await openRecords(
      { stream: watched.chunks(), name: 'body' },
      { ...post.options, isPlain: true, batchSize: BATCH_SIZE },
    );
    if (opened.kind === 'unusable') return watched.cause === undefined ? opened : cutBy(watched.cause, received);
    const { format } = opened;
    ({ batches } = opened);
    for (;;) {
      const next = await batches.next();
      // Of a body that was cut, only what came in whole batches is taken.
      if (next.done === true || watched.cause !== undefined) break;
      const batch = next.value;
      if (batch.count === 0) continue;
      if (given + batch.count > mostRecords) throw new PostTooLargeError(`${mostRecords} records`);
      if (onlySwitch !== undefined) refuseOthers(format, batch, given, onlySwitch);
      const taken = source.take(format, batch.count, (from) => recordsAt(format, batch, from, post.receipt));
      taken.catch(() => undefined);
      running.push({ at: given, taken });
      given += batch.count;
      await finish(MOST_GIVEN - 1);
    }
    await finish(0);
    return watched.cause === undefined ? { kind: 'taken', format, received } : cutBy(watched.cause, received);
  } catch (error) {
    // Nothing goes on once the sender has its answer.
    await Promise.allSettled(running.map(({ taken }) => taken));
    await finish(0);
    const isRefused = error instanceof PostTooLargeError || error instanceof ForeignRecordError;
    if (watched.cause === undefined && !isRefused && !(error instanceof SourceError)) throw error;
    return cutBy(watched.cause ?? error, received);
  } finally {
    await batches?.return(undefined);
  }
}

function cutBy(cause: unknown, received: number): TakenPost {
  return { kind: 'cut', received, cause };
}

/** Most bytes of a post, uncompressed. */
const MOST_BYTES = 134_217_728;

/** A post that holds more than is taken at once. */
export class PostTooLargeError extends OperatingFault {
  override readonly name = 'PostTooLargeError';
  readonly code = 'post-too-large';
  readonly retryable = false;

  constructor(most: string) {
    super(`Cannot take more of a post than ${most}: post it in parts`);
  }
}

/** A record of another switch than the one that whoever posts may speak for. */
export class ForeignRecordError extends OperatingFault {
  override readonly name = 'ForeignRecordError';
  readonly code = 'foreign-record';
  readonly retryable = false;

  constructor(index: number, foreign: string, own: string) {
    super(`Record ${index} is of switch '${foreign}', and only those of '${own}' may be posted here`);
  }
}

/** Throws at the first record of a batch that names another switch. What says of none makes no call by itself. */
function refuseOthers(format: Format, { buffer, records, count }: RecordBatch, from: number, own: string): void {
  for (let i = 0; i < count; i++) {
    const decoded = format.decode(buffer, records[2 * i]!, records[2 * i + 1]!);
    const foreign = switchesOf(decoded).find((each) => each !== own);
    if (foreign !== undefined) throw new ForeignRecordError(from + i, foreign, own);
  }
}

function switchesOf(decoded: Decoded): string[] {
  const call = decoded.kind === 'call' ? decoded.cdr : decoded.kind === 'not-a-call' ? decoded.correction : undefined;
  return [call?.switchId, decoded.leg?.switchId].filter((each) => each !== undefined);
}

/** Unpacked once, and no more: gzip within gzip is none of the formats. */
async function* plainBytes(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const { head, chunks } = await peek(streamChunks(body, 'body'), 2);
  yield* isGzip(head) ? gunzipChunks(chunks, 'body') : chunks;
}

/** A body, and what it ended with before its end. */
class WatchedBody {
  readonly #body: AsyncIterable<Uint8Array>;
  cause: unknown;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#body = body;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      let bytes = 0;
      for await (const chunk of this.#body) {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) throw new PostTooLargeError(`${MOST_BYTES} bytes`);
        yield chunk;
      }
    } catch (cause) {
      this.cause = cause;
      throw cause;
    }
  }
}

/** The records of a batch, the first at `from`, one at each position. */
function recordsAt(format: Format, batch: RecordBatch, from: number, receipt: Receipt): DeliveredRecord[] {
  const { buffer, records, count, cutRecordBytes } = batch;
  const all: DeliveredRecord[] = [];
  for (let i = 0; i < count; i++) {
    const start = records[2 * i]!;
    const end = records[2 * i + 1]!;
    const bytes = cutRecordBytes > 0 && i === count - 1 ? cutRecordBytes : end - start;
    if (bytes > MAX_RECORD_BYTES) {
      all.push({ decoded: tooLong(bytes), position: from + i, buffer, start, end: start + MAX_RECORD_BYTES, receipt });
    } else all.push(new UndecodedRecord(format, buffer, start, end, from + i, 0, start, end, receipt));
  }
  return all;
}
