import { type DeliveredRecord, UndecodedRecord } from '../../engine/index.ts';
import { type Format, type FormatOptions, type UnusableCode, MAX_RECORD_BYTES, tooLong } from '../../formats/index.ts';
import type { Receipt } from '../../ledger/index.ts';
import { OperatingFault } from '../../operating/index.ts';
import { gunzipChunks, isGzip, peek, streamChunks } from '../files/byte-chunks.ts';
import { type ReadOptions, type RecordBatch, openRecords } from '../files/record-reader.ts';
import { SourceError } from '../files/source-error.ts';
import type { PostSource, TakenBatch } from './post-source.ts';

/** Records a transaction: fewer than of a file, since somebody waits, and others are answered in between. */
const BATCH_SIZE = 2_000;

/** What was posted. */
export interface Post {
  /** The body as it comes. What throws ends it before its end: nothing of the batch it was in is taken. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly options: FormatOptions & Pick<ReadOptions, 'hasDocuments'>;
  readonly receipt: Receipt;
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
  const watched = new WatchedBody(await plainBytes(post.body));
  let given = 0;
  let received = 0;
  let running: { readonly at: number; readonly taken: Promise<TakenBatch> } | null = null;
  const finish = async (): Promise<void> => {
    if (running === null) return;
    const { at, taken } = running;
    running = null;
    const batch = await taken;
    onTaken(batch, at);
    received = at + batch.records.length;
  };
  let batches: AsyncGenerator<RecordBatch> | null = null;
  let inFlight: Promise<unknown> = Promise.resolve();
  try {
    const opened = await openRecords(
      { stream: watched.chunks(), name: 'body' },
      { ...post.options, batchSize: BATCH_SIZE },
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
      const taken = source.take(format, batch.count, (from) => recordsAt(format, batch, from, post.receipt));
      inFlight = taken.catch(() => undefined);
      await finish();
      running = { at: given, taken };
      given += batch.count;
    }
    await finish();
    return watched.cause === undefined ? { kind: 'taken', format, received } : cutBy(watched.cause, received);
  } catch (error) {
    // Nothing goes on once the sender has its answer.
    await inFlight;
    await finish();
    if (watched.cause === undefined && !(error instanceof SourceError)) throw error;
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

  constructor() {
    super(`Cannot take more of a post than ${MOST_BYTES} bytes: post it in parts`);
  }
}

async function plainBytes(body: AsyncIterable<Uint8Array>): Promise<AsyncGenerator<Buffer>> {
  const { head, chunks } = await peek(streamChunks(body, 'body'), 2);
  return isGzip(head) ? gunzipChunks(chunks, 'body') : chunks;
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
        if (bytes > MOST_BYTES) throw new PostTooLargeError();
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
