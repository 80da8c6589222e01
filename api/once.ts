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
  renewClaim,
  repeatUnlessInDoubt,
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

/** Keeps the answer of a write, in the transaction in which it is done: then it is done once, whatever ends when. */
export type KeepWithin = (tx: Transaction, body: unknown) => Promise<void>;

/** What handles a request; what it returns is the body, unless it has sent a problem itself. */
type Handler = (request: FastifyRequest, reply: FastifyReply, keep: KeepWithin) => Promise<unknown>;
type HandlerInTransaction = (request: FastifyRequest, reply: FastifyReply, tx: Transaction) => Promise<unknown>;
/** As routes have it. */
type RouteHandler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** Handlers that heed the key: a write route with another fails the start. */
const heeding = new WeakSet<object>();

/** The header, as write routes document it. */
export const writeHeaders = z.looseObject({
  [KEY]: z
    .string()
    .regex(KEY_WANTED, 'it is no text of 1 to 255 characters of ASCII that blanks neither begin nor end')
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
 * The handler of a write that goes through the engine, or that is the same however often it is done. While it is under
 * way, whoever repeats it waits for its answer; in another process he is told so (409). Its answer is kept once it is
 * done. A process that ends in between leaves a key without an answer: repeated, the write is done again, unless it
 * has kept its answer `within` its transaction, as one must that does something more each time.
 */
export function once(db: Database, handle: Handler): RouteHandler {
  return heedsKey(async (request: FastifyRequest, reply: FastifyReply) => {
    const place = keyPlace(request);
    if (place === null) return handle(request, reply, async () => undefined);
    return oneAtATime(db, place, () => handleOnce(db, { place, asked: hashOf(request), request, reply }, handle));
  });
}

interface Asked {
  readonly place: KeyPlace;
  readonly asked: Buffer;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function handleOnce(db: Database, { place, asked, request, reply }: Asked, handle: Handler): Promise<unknown> {
  if (!(await claimKey(db, place, asked))) {
    if (await isAnswered(db, place, asked, reply)) return reply;
    throw underWay(place, reply);
  }
  let kept: ReadyAnswer | null = null;
  const keep: KeepWithin = async (tx, body) => {
    const ready = await answerOf(reply, body);
    if (!(await keepAnswer(tx, place, asked, ready.answer))) throw underWay(place, reply);
    kept = ready;
  };
  const renewal = setInterval(() => void renewClaim(db, place).catch(() => undefined), RENEW_MS);
  try {
    const body = await handle(request, reply, keep);
    if (reply.sent || reply.statusCode >= 300) {
      await giveBackKey(db, place);
      return body;
    }
    return await (kept === null ? keepAndSend(db, place, asked, reply, body) : sentOf(kept));
  } catch (error) {
    // Where that fails too, the key is free in a minute.
    await giveBackKey(db, place).catch(() => undefined);
    throw error;
  } finally {
    clearInterval(renewal);
  }
}

function sentOf({ send }: ReadyAnswer): FastifyReply {
  return send();
}

/** Well within how long a claim lasts. */
const RENEW_MS = 20_000;
const ASK_AGAIN_S = '2';

function underWay({ key }: KeyPlace, reply: FastifyReply): NotLetInError {
  void reply.header('retry-after', ASK_AGAIN_S);
  const detail = `The request of Idempotency-Key '${key}' is under way, or broke off a moment ago: ask again`;
  return new NotLetInError(httpProblem('request-under-way', detail));
}

/** By database, what is under way under each key in this process. */
const running = new WeakMap<Database, Map<string, Promise<unknown>>>();

async function oneAtATime<T>(db: Database, { holder, key }: KeyPlace, work: () => Promise<T>): Promise<T> {
  const own = running.get(db) ?? new Map<string, Promise<unknown>>();
  running.set(db, own);
  const name = JSON.stringify([holder, key]);
  for (let before = own.get(name); before !== undefined; before = own.get(name)) await before;
  const working = work();
  own.set(
    name,
    working.catch(() => undefined).then(() => own.delete(name)),
  );
  return working;
}

/**
 * The handler of a write that is a transaction of its own: what it does, the key and the answer are committed
 * together, or nothing is. What it refuses (a problem that it sends) is rolled back. It must touch the database by the
 * transaction alone.
 */
export function onceInTransaction(db: Database, handle: HandlerInTransaction): RouteHandler {
  return heedsKey(async (request: FastifyRequest, reply: FastifyReply) => {
    const place = keyPlace(request);
    const work = async (tx: Transaction): Promise<() => unknown> => {
      if (place === null) return sendingAsItIs(await settled(handle(request, reply, tx), reply));
      const asked = hashOf(request);
      if (!(await claimKey(tx, place, asked))) {
        if (await isAnswered(tx, place, asked, reply)) return sendingAsItIs(reply);
        throw underWay(place, reply);
      }
      const ready = await answerOf(reply, await settled(handle(request, reply, tx), reply));
      await keepAnswer(tx, place, asked, ready.answer);
      return ready.send;
    };
    try {
      return (await repeatUnlessInDoubt(() => db.transaction(work)))();
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
