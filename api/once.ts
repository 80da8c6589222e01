import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type Database,
  type KeptAnswer,
  type KeyPlace,
  type Transaction,
  claimKey,
  findKeptWrite,
  giveBackKey,
  keepAnswer,
} from '../ledger/index.ts';
import { holderOf } from './authorise.ts';
import { NotLetInError } from './not-let-in.ts';
import { httpProblem } from './problem.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

const KEY = 'idempotency-key';
const KEY_WANTED = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;
const WRITES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
/** Of an answer's headers, those that are given again with it. */
const KEPT_HEADERS = ['content-type', 'location', 'etag'] as const;

/** What handles a request; what it returns is the body, unless it has sent a problem itself. */
type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
type HandlerInTransaction = (request: FastifyRequest, reply: FastifyReply, tx: Transaction) => Promise<unknown>;

/** Handlers that heed the key: a write route with another fails the start. */
const heeding = new WeakSet<object>();

/** The header, as write routes document it. */
export const writeHeaders = z.looseObject({
  [KEY]: z
    .string()
    .regex(KEY_WANTED)
    .optional()
    .meta({
      description:
        'A text of yours for this very request. Repeated with it, the request is not done again: it gets the same ' +
        'answer, with `Idempotency-Replayed: true`. With another request it is refused (409).',
    }),
});

/** Has every write route heed `Idempotency-Key`: one whose handler does not fails the start of the server. */
export function demandOnce(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const methods = [route.method].flat();
    if (!methods.some((method) => WRITES.has(method))) return;
    if (!heeding.has(route.handler)) {
      throw new Error(`Cannot serve ${methods.join()} ${route.url}: its handler does not heed 'Idempotency-Key'`);
    }
    route.schema = { headers: writeHeaders, ...route.schema };
  });
}

/** Says of a handler that it heeds the key by itself. */
export function heedsKey<H extends object>(handler: H): H {
  heeding.add(handler);
  return handler;
}

/**
 * The handler of a write that goes through the engine, or that is the same however often it is done. Its answer is
 * kept once it is done. A process that ends in between, or a commit in doubt, leaves a key without an answer:
 * repeated, the write is done again, so it must do nothing more where it was done.
 */
export function once(db: Database, handle: Handler): Handler {
  return heedsKey(async (request: FastifyRequest, reply: FastifyReply) => {
    const place = keyPlace(request);
    if (place === null) return handle(request, reply);
    const asked = hashOf(request);
    const isOurs = await claimKey(db, place, asked);
    if (!isOurs && (await isAnswered(db, place, asked, reply))) return reply;
    let body: unknown;
    try {
      body = await handle(request, reply);
    } catch (error) {
      if (error instanceof NotLetInError) await giveBackKey(db, place);
      throw error;
    }
    if (reply.sent || reply.statusCode >= 300) {
      await giveBackKey(db, place);
      return body;
    }
    return keepAndSend(db, place, asked, reply, body);
  });
}

/**
 * The handler of a write that is a transaction of its own: what it does, the key and the answer are committed
 * together, or nothing is. What it refuses (a problem that it sends) is rolled back. It must touch the database by the
 * transaction alone.
 */
export function onceInTransaction(db: Database, handle: HandlerInTransaction): Handler {
  return heedsKey(async (request: FastifyRequest, reply: FastifyReply) => {
    const place = keyPlace(request);
    try {
      const send = await db.transaction(async (tx) => {
        if (place === null) return sendingAsItIs(await settled(handle(request, reply, tx), reply));
        const asked = hashOf(request);
        if (!(await claimKey(tx, place, asked)) && (await isAnswered(tx, place, asked, reply))) {
          return sendingAsItIs(reply);
        }
        const ready = await answerOf(reply, await settled(handle(request, reply, tx), reply));
        await keepAnswer(tx, place, asked, ready.answer);
        return ready.send;
      });
      return send();
    } catch (error) {
      if (error instanceof RefusedInTransaction) return reply;
      throw error;
    }
  });
}

/** Undoes the transaction of a write whose handler has sent a problem; it leads no further. */
class RefusedInTransaction extends Error {}

async function settled(handling: Promise<unknown>, reply: FastifyReply): Promise<unknown> {
  const body = await handling;
  if (reply.sent) throw new RefusedInTransaction();
  return body;
}

function sendingAsItIs(body: unknown): () => unknown {
  return () => body;
}

/** Where the key of a request is kept; `null`: it has none. */
export function keyPlace(request: FastifyRequest): KeyPlace | null {
  const key = request.headers[KEY];
  if (key === undefined) return null;
  if (typeof key === 'string' && KEY_WANTED.test(key)) return { holder: holderOf(request).id, key };
  const detail = 'Idempotency-Key must be 1 to 255 printable ASCII characters';
  throw new NotLetInError(
    httpProblem('invalid-request', detail, [{ code: 'invalid-value', detail, pointer: 'Idempotency-Key' }]),
  );
}

/** SHA-256 of what is asked for: method, path with parameters, body. */
function hashOf({ method, url, body }: FastifyRequest): Buffer {
  return requestHash(method, url)
    .update(JSON.stringify(body ?? null))
    .digest();
}

/** The same, to be fed with the bytes of the body. */
export function requestHash(method: string, url: string): ReturnType<typeof createHash> {
  return createHash('sha256').update(`${method} ${url}\n`);
}

/** Whether a key was answered before: then `reply` is given the same. Throws where it was for another request. */
export async function isAnswered(
  q: Database | Transaction,
  place: KeyPlace,
  asked: Buffer,
  reply: FastifyReply,
): Promise<boolean> {
  const kept = await findKeptWrite(q, place);
  if (kept === null) return false;
  if (kept.request !== null && !kept.request.equals(asked)) throw reused(place);
  if (kept.answered === null) return false;
  const { status, headers, answer } = kept.answered;
  void reply
    .code(status)
    .headers({ ...headers, 'idempotency-replayed': 'true' })
    .send(await decompress(answer));
  return true;
}

function reused({ key }: KeyPlace): NotLetInError {
  return new NotLetInError(
    httpProblem('idempotency-key-reused', `Idempotency-Key '${key}' was used for another request: use one of its own`),
  );
}

/**
 * Keeps what a write is answered and sends it. Where another did the same request meanwhile, its answer is sent;
 * where another request was, that is a problem.
 */
export async function keepAndSend(
  db: Database,
  place: KeyPlace,
  asked: Buffer,
  reply: FastifyReply,
  body: unknown,
): Promise<FastifyReply> {
  const { answer, send } = await answerOf(reply, body);
  if (await keepAnswer(db, place, asked, answer)) return send();
  if (await isAnswered(db, place, asked, reply)) return reply;
  // It was given back meanwhile, by one that was refused.
  if (await claimKey(db, place, asked)) await keepAnswer(db, place, asked, answer);
  return send();
}

interface ReadyAnswer {
  readonly answer: KeptAnswer;
  readonly send: () => FastifyReply;
}

/** An answer as it is kept, and as it is sent: the same bytes. */
async function answerOf(reply: FastifyReply, body: unknown): Promise<ReadyAnswer> {
  const isBytes = Buffer.isBuffer(body) || typeof body === 'string';
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(textOf(reply, body));
  if (!isBytes && body !== undefined) void reply.type('application/json; charset=utf-8');
  const headers = Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = reply.getHeader(name);
      return value === undefined ? [] : [[name, String(value)]];
    }),
  );
  const answer = { status: reply.statusCode, headers, answer: await compress(bytes) };
  return { answer, send: () => reply.send(bytes) };
}

function textOf(reply: FastifyReply, body: unknown): string {
  if (body === undefined) return '';
  return typeof body === 'string' ? body : String(reply.serialize(body as object));
}
