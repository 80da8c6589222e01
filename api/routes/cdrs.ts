import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DEFAULT_START_WINDOW, receiptAt } from '../../engine/index.ts';
import type { Mapping } from '../../formats/index.ts';
import {
  ForeignRecordError,
  PostSource,
  PostTooLargeError,
  type TakenPost,
  isGzip,
  takePost,
} from '../../ingest/index.ts';
import { type Database, type KeyPlace, claimKey, findKeptWrite, giveBackKey } from '../../ledger/index.ts';
import type { LedgerAccess } from '../../services/index.ts';
import { holderOf } from '../authorise.ts';
import { ByteBudget, type ByteReservation } from '../byte-budget.ts';
import { CatchUpSoon } from '../catch-up-soon.ts';
import { CutRequestError, type Pace, bodyChunks } from '../cut-requests.ts';
import { isLedgerAway } from '../ledger-away.ts';
import { NotLetInError } from '../not-let-in.ts';
import { heedsKey, isAnswered, keepAndSend, keyPlace, requestHash } from '../once.ts';
import { type HttpProblemCode, type Problem, httpProblem } from '../problem.ts';
import { problems } from '../schemas.ts';
import { contentCodings } from '../media-type.ts';
import { type CdrsQuery, CDR_BODY, cdrsQuery, postFormat } from './cdr-request.ts';
import { CdrResults, cdrsAnswer } from './cdr-results.ts';

/** Most bytes of a body as it comes: of a larger one none is read. */
const MOST_BODY_BYTES = 134_217_728;
/** What bodies hold in memory together, and one of which nobody knows how long it is. */
const BUDGET_BYTES = 134_217_728;
const LARGE_BODY_BYTES = 25_165_824;
/** A body that comes more slowly is cut. */
const PACE: Pace = { leastBytes: 16_384, withinMs: 10_000, mostMs: 120_000 };
const RETRY_AFTER_S = '1';

/** Switches' way in: `POST /v1/cdrs` is answered once its records are committed. */
export function addCdrRoutes(
  app: FastifyInstance,
  ledger: LedgerAccess,
  mappings: ReadonlyMap<string, Mapping>,
  now: () => number,
): void {
  const budget = new ByteBudget(BUDGET_BYTES);
  const sources = new Map<string, PostSource>();
  const catchUp = new CatchUpSoon(ledger.engine, app.log);
  app.addHook('onClose', () => catchUp.idle);
  void app.register((scope, _options, done) => {
    // The body is read by us, as it comes, within limits of its own.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { bodyLimit: MOST_BODY_BYTES }, (_request, _payload, parsed) => parsed(null));
    scope.post(
      '/v1/cdrs',
      {
        bodyLimit: MOST_BODY_BYTES,
        // An id of a call is what whoever posts wrote: told that it is another's, he could not find his record.
        config: { scope: 'cdrs:write', bodyContent: CDR_BODY, ours: ['records/id', 'committed/records/id'] },
        schema: {
          summary: 'Takes call records in, and says of each what became of it once it is committed',
          description:
            'Canonical JSON (one record or an array), NDJSON, CSV, or records of any switch as they are; gzip as well. ' +
            'A record that the ledger has is a `duplicate`, which is a success: post again what was not answered. ' +
            'A body that is cut is told how far it came.',
          querystring: cdrsQuery,
          response: { 200: cdrsAnswer, ...problems(400, 408, 409, 413, 415) },
        },
      },
      heedsKey(async (request: FastifyRequest, reply: FastifyReply) => {
        const room = budget.reserve(reservedBytes(request));
        if (room === null) throw tooBusy(reply);
        const came = bodyChunks(request.raw, request.raw.socket, PACE);
        try {
          return await take(request, reply, { ledger, mappings, sources, catchUp, room, came }, now());
        } catch (error) {
          await leaveBody(came, reply);
          throw error;
        } finally {
          await came.return(undefined);
          room.release();
        }
      }),
    );
    done();
  });
}

function reservedBytes({ headers }: FastifyRequest): number {
  const length = Number(headers['content-length'] ?? LARGE_BODY_BYTES);
  if (length > MOST_BODY_BYTES) {
    throw new NotLetInError(httpProblem('too-large', `A body has at most ${MOST_BODY_BYTES} bytes: post it in parts`));
  }
  // Compressed, it may be a thousand times as long; it is read in batches.
  return contentCodings(headers['content-encoding']).length === 0
    ? Math.min(length, LARGE_BODY_BYTES)
    : LARGE_BODY_BYTES;
}

interface TakeParts {
  readonly ledger: LedgerAccess;
  readonly mappings: ReadonlyMap<string, Mapping>;
  /** By the name under which the ledger has them. */
  readonly sources: Map<string, PostSource>;
  readonly catchUp: CatchUpSoon;
  readonly room: ByteReservation;
  readonly came: AsyncGenerator<Buffer>;
}

async function take(
  request: FastifyRequest,
  reply: FastifyReply,
  { ledger, mappings, sources, catchUp, room, came }: TakeParts,
  receivedAt: number,
): Promise<FastifyReply> {
  const { db, engine } = ledger;
  const query = request.query as CdrsQuery;
  const { id, account, switchId } = holderOf(request);
  if (account !== null) {
    throw new NotLetInError(httpProblem('forbidden', `Key '${id}' is of one account: records may be of any`));
  }
  const options = formatOf(request, query, mappings);
  const place = keyPlace(request);
  const hash = requestHash(request.method, request.url);
  const body = watched(came, { hash, room, reply });
  if (place !== null && !(await claimKey(db, place, null)) && (await wasAnswered(db, place))) {
    await drain(body).catch((error: unknown) => {
      throw new NotLetInError(brokenProblem(error, 'what was answered under the key is given to the whole request'));
    });
    if (await isAnswered(db, place, hash.digest(), reply)) return reply;
  }
  const name = `http:${id}`;
  const source = sources.get(name) ?? new PostSource(engine, db, name);
  sources.set(name, source);
  const results = new CdrResults(query.results === 'all');
  let taken: TakenPost;
  try {
    const post = {
      body,
      options,
      receipt: receiptAt(receivedAt, DEFAULT_START_WINDOW),
      onlySwitch: switchId ?? undefined,
    };
    taken = await takePost(source, post, (batch, at) => {
      results.add(batch, at);
      // A registration tells of calls that were rated before it came.
      if (batch.counts.has('not-a-call\tregistration')) catchUp.start();
    });
  } catch (error) {
    if (!isLedgerAway(error)) throw error;
    const detail = 'The database does not answer: keep the records that are not committed, and post them again';
    void reply.header('retry-after', RETRY_AFTER_S);
    await leaveBody(came, reply);
    return sendWithCommitted(reply, httpProblem('unavailable', detail), results, name);
  }
  if (taken.kind === 'taken') {
    void reply.type('application/json; charset=utf-8');
    const answer = results.json(name);
    return place === null ? reply.send(answer) : keepAndSend(db, place, hash.digest(), reply, answer);
  }
  if (place !== null) await giveBackKey(db, place);
  if (taken.kind === 'unusable') {
    throw new NotLetInError(httpProblem('invalid-request', taken.problem));
  }
  await leaveBody(came, reply);
  return sendWithCommitted(reply, cutProblem(taken.cause, taken.received), results, name);
}

const GZIP: ReadonlySet<string> = new Set(['gzip', 'x-gzip']);

function formatOf({ headers }: FastifyRequest, query: CdrsQuery, mappings: ReadonlyMap<string, Mapping>) {
  const codings = contentCodings(headers['content-encoding']);
  if (codings.length > 1 || !codings.every((each) => GZIP.has(each))) {
    const detail = `Cannot take Content-Encoding '${codings.join(', ')}': send the body as it is, or compressed by gzip`;
    throw new NotLetInError(httpProblem('unsupported-media-type', detail));
  }
  const options = postFormat(headers['content-type'], query, mappings);
  if ('notTaken' in options) throw new NotLetInError(httpProblem('unsupported-media-type', options.notTaken));
  if ('faults' in options) {
    throw new NotLetInError(httpProblem('invalid-request', 'The format cannot be set up: see errors', options.faults));
  }
  return options;
}

interface Watch {
  readonly hash: ReturnType<typeof requestHash>;
  readonly room: ByteReservation;
  readonly reply: FastifyReply;
}

/** The body on its way in: hashed, and given the room that gzip takes, whether its header names it or not. */
async function* watched(body: AsyncGenerator<Buffer>, { hash, room, reply }: Watch): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0);
  // Not `for await`, which would end the body with who reads this: what is left of it is read past yet.
  for (let next = await body.next(); next.done !== true; next = await body.next()) {
    const chunk = next.value;
    hash.update(chunk);
    if (head.length < 2) {
      head = Buffer.concat([head, chunk.subarray(0, 2)]);
      if (isGzip(head) && !room.growTo(LARGE_BODY_BYTES)) throw tooBusy(reply);
    }
    yield chunk;
  }
}

function tooBusy(reply: FastifyReply): NotLetInError {
  void reply.header('retry-after', RETRY_AFTER_S);
  return new NotLetInError(httpProblem('busy', 'Keep the records, and post them again in a moment'));
}

/**
 * Reads past what is left of a body that is of no use: a sender who is still sending would not see the answer. It is
 * the last on its connection.
 */
async function leaveBody(came: AsyncGenerator<Buffer>, reply: FastifyReply): Promise<void> {
  void reply.header('connection', 'close');
  let bytes = 0;
  try {
    for (let next = await came.next(); next.done !== true && bytes < MOST_BODY_BYTES; next = await came.next()) {
      bytes += next.value.length;
    }
  } catch {
    // Cut on its way: nobody sends any more.
  }
}

async function drain(body: AsyncIterable<Buffer>): Promise<void> {
  const chunks = body[Symbol.asyncIterator]();
  while ((await chunks.next()).done !== true) continue;
}

async function wasAnswered(db: Database, place: KeyPlace): Promise<boolean> {
  const kept = await findKeptWrite(db, place);
  return kept !== null && kept.answered !== null;
}

function cutProblem(cause: unknown, received: number): Problem {
  return brokenProblem(
    cause,
    `${received} records are committed, in their order; post the others again, or all of them`,
  );
}

function brokenProblem(cause: unknown, sequel: string): Problem {
  const [code, why] = whyCut(cause);
  return httpProblem(code, `${why}: ${sequel}`);
}

function whyCut(cause: unknown): [HttpProblemCode, string] {
  for (let at = cause; at instanceof Error; at = at.cause) {
    if (at instanceof CutRequestError) {
      return at.isTooSlow ? ['too-slow', 'The body came too slowly'] : ['cut-request', 'The body ended before its end'];
    }
    if (at instanceof NotLetInError) return ['busy', 'Too much is posted at once'];
    if (at instanceof PostTooLargeError) return ['too-large', at.message];
    if (at instanceof ForeignRecordError) return ['forbidden', at.message];
  }
  return ['cut-request', 'The body cannot be read to its end: its gzip data is cut off or damaged'];
}

/** A problem, with what became of the records that are committed. The connection may be of no more use. */
function sendWithCommitted(reply: FastifyReply, problem: Problem, results: CdrResults, source: string): FastifyReply {
  const head = Buffer.from(`${JSON.stringify(problem).slice(0, -1)},"committed":`);
  const body = Buffer.concat([head, results.json(source), Buffer.from('}')]);
  return reply.code(problem.status).type('application/problem+json').send(body);
}
