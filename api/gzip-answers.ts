import { promisify } from 'node:util';
import { pipeline, Readable } from 'node:stream';
import { constants, createGzip, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { takesGzip } from './accept.ts';

/** Entries are a fifth as long by the fastest level, and hardly shorter by others. */
const OPTIONS = { level: constants.Z_BEST_SPEED };
/** Shorter answers gain nothing. */
const LEAST_BYTES = 1_400;
const compress = promisify(gzip);

/**
 * Compresses an answer by gzip where whoever asked takes that. For routes of long answers, as their `onSend`: hooks of
 * routes come after those of the server, so that what is masked is compressed and not the other way round.
 */
export async function gzipWhereTaken(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  void reply.header('vary', 'accept, accept-encoding');
  if (reply.statusCode !== 200 || !takesGzip(headers['accept-encoding'])) return payload;
  if (payload instanceof Readable) {
    declare(reply);
    // What breaks the source breaks the answer, and who hangs up ends the source.
    return pipeline(payload, createGzip(OPTIONS), () => undefined);
  }
  const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(String(payload));
  if (bytes.length < LEAST_BYTES) return payload;
  declare(reply);
  return compress(bytes, OPTIONS);
}

function declare(reply: FastifyReply): void {
  void reply.header('content-encoding', 'gzip').removeHeader('content-length');
}
