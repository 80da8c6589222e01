import { createGunzip } from 'node:zlib';
import type { Gunzip } from 'node:zlib';
import { causeText, SourceError } from './source-error.ts';

/** Compressed bytes fed at a time: a thousandfold blow-up of them, gzip's limit, still fits in memory. */
const GZIP_FEED_BYTES = 65_536;

/** Chunks of a stream such as stdin. */
export async function* streamChunks(stream: AsyncIterable<unknown>, name: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) {
      yield chunk instanceof Uint8Array
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        : Buffer.from(String(chunk));
    }
  } catch (cause) {
    // Chunks that come from a source of ours say themselves what is wrong.
    if (cause instanceof SourceError) throw cause;
    throw new SourceError('cannot-read', `Cannot read '${name}': ${causeText(cause)}`, { cause });
  }
}

/** Collects at least `bytes` bytes from the chunks, or all there are; the returned chunks still deliver them. */
export async function peek(
  chunks: AsyncGenerator<Buffer>,
  bytes: number,
): Promise<{ readonly head: Buffer; readonly chunks: AsyncGenerator<Buffer> }> {
  const taken: Buffer[] = [];
  let length = 0;
  while (length < bytes) {
    const next = await chunks.next();
    if (next.done === true) break;
    taken.push(Buffer.from(next.value));
    length += next.value.length;
  }
  const head = Buffer.concat(taken);
  return { head: head.subarray(0, bytes), chunks: prepend(head, chunks) };
}

async function* prepend(head: Buffer, chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head;
    yield* chunks;
  } finally {
    await chunks.return(undefined);
  }
}

/**
 * Leaves out the first `count` bytes. A source that is shorter is not the one that was read before.
 *
 * @param onLeftOut is given them, with the position of each piece
 */
export async function* skip(
  chunks: AsyncGenerator<Buffer>,
  count: number,
  name: string,
  onLeftOut: (bytes: Buffer, position: number) => void = () => undefined,
): AsyncGenerator<Buffer> {
  let left = count;
  for await (const chunk of chunks) {
    if (left > 0) onLeftOut(chunk.subarray(0, left), count - left);
    if (left >= chunk.length) left -= chunk.length;
    else {
      yield chunk.subarray(left);
      left = 0;
    }
  }
  if (left > 0) {
    throw new SourceError(
      'shorter-than-position',
      `Cannot go on with '${name}' at byte ${count}: it has only ${count - left}`,
    );
  }
}

export function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Decompresses gzip, several members in a row included; zero bytes behind the last are padding. What could be
 * decompressed of a truncated or corrupt file is delivered before the error: piping into zlib would lose what it
 * had not yet handed on.
 */
export async function* gunzipChunks(chunks: AsyncGenerator<Buffer>, name: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 65_536 });
  const ready: Buffer[] = [];
  gunzip.on('data', (chunk: Buffer) => ready.push(chunk));
  let fed = 0;
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += GZIP_FEED_BYTES) {
        const bytes = chunk.subarray(at, at + GZIP_FEED_BYTES);
        const failure = gunzip.readableEnded ? null : await feed(gunzip, bytes);
        yield* ready.splice(0);
        if (failure !== null) throw gzipError(failure, name);
        // zlib ends by itself where zero bytes follow a member, and takes no more: nothing may be left but those.
        if (gunzip.readableEnded) refuseData(bytes.subarray(Math.max(0, gunzip.bytesWritten - fed)), name);
        fed += bytes.length;
      }
    }
    const failure = gunzip.readableEnded ? null : await finish(gunzip);
    yield* ready.splice(0);
    if (failure !== null) throw gzipError(failure, name);
  } finally {
    gunzip.destroy();
  }
}

function refuseData(bytes: Buffer, name: string): void {
  if (bytes.every((byte) => byte === 0)) return;
  throw new SourceError('corrupt-gzip', `Cannot read '${name}' further: bytes that are no gzip data follow zero bytes`);
}

function feed(gunzip: Gunzip, bytes: Buffer): Promise<Error | null> {
  return settled(gunzip, (done) => gunzip.write(bytes, () => done()));
}

function finish(gunzip: Gunzip): Promise<Error | null> {
  return settled(gunzip, () => gunzip.end());
}

/** Waits for a step of the decompressor to be done, or to fail, or for the decompressor to end. */
function settled(gunzip: Gunzip, start: (done: () => void) => void): Promise<Error | null> {
  return new Promise((resolve) => {
    const fail = (error: Error): void => resolve(error);
    const done = (): void => {
      // An error is emitted after the callback of the write that met it: let it come first.
      setImmediate(() => {
        gunzip.off('error', fail);
        gunzip.off('end', done);
        resolve(gunzip.errored);
      });
    };
    gunzip.once('error', fail);
    gunzip.once('end', done);
    start(done);
  });
}

function gzipError(cause: Error, name: string): SourceError {
  const isTruncated = 'code' in cause && cause.code === 'Z_BUF_ERROR';
  return isTruncated
    ? new SourceError('truncated-gzip', `Cannot read '${name}' to its end: the gzip data is cut off`, { cause })
    : new SourceError('corrupt-gzip', `Cannot read '${name}' further: the gzip data is damaged (${cause.message})`, {
        cause,
      });
}
