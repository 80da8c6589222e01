import type { Problem } from '../../../api/index.ts';
import { takeAhead } from './ahead.ts';
import { noteAnswer, noteSilence, sendWhenBack } from './connection.ts';
import { freshKey } from './sign-in.ts';

/** What the API refused, in its own words. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** The server could not be reached. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Another key than the one in force: the one that is tried. */
  readonly key?: string;
  /** The form of the answer; JSON where nothing is said. */
  readonly accept?: string;
}

/** Asks the API. The key goes in a header, never in an address. */
export async function ask<T>(path: string, asked: Asked = {}): Promise<T> {
  return answerOf(await send(path, asked));
}

/** Asks the API for a text of another form, `text/csv`: whole. */
export async function askText(path: string, accept: string): Promise<string> {
  const response = await send(path, { accept });
  if (response.ok) return response.text().catch((error: unknown) => Promise.reject(unreachable(error)));
  throw new ApiProblem(await problemOf(response));
}

/**
 * Has the API do something, once: where the connection breaks before the answer comes, it is sent again under the same
 * `Idempotency-Key`, and what was done is not done twice.
 */
export function askOnce<T>(path: string, body: unknown): Promise<T> {
  return onceTried<T>(path, body)();
}

/**
 * The same for what a person has gone on from: where the server can't be reached it is sent when it answers again.
 * @param waits says that it is yet to be sent
 */
export function askOnceWhenBack<T>(path: string, body: unknown, waits: () => void): Promise<T> {
  const done = onceTried<T>(path, body);
  const attempt = (): Promise<T> =>
    done().catch((error: unknown) => {
      if (!(error instanceof UnreachableError)) throw error;
      waits();
      return sendWhenBack(attempt);
    });
  return attempt();
}

const AGAIN_MS = 2_000;
/** A server that ended in the middle of a request lets it go a minute later. */
const MOST_TURNS = 40;

/** Sends a request under one key, however often it is called; once more at once where no answer came. */
function onceTried<T>(path: string, body: unknown): () => Promise<T> {
  const asked = { method: 'POST', body, idempotencyKey: newKey() } as const;
  const done = async (): Promise<T> => answerOf(await send(path, asked));
  return async () => {
    for (let turn = 0; ; turn += 1) {
      try {
        return await done();
      } catch (error) {
        const isUnderWay = error instanceof ApiProblem && error.problem.code === 'request-under-way';
        if (isUnderWay && turn < MOST_TURNS) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
        else if (!(error instanceof UnreachableError) || turn > 0) throw error;
      }
    }
  };
}

/** 128 random bits. `crypto.randomUUID` is not there on pages that come by plain HTTP from another machine. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function send(path: string, asked: Asked & { readonly idempotencyKey?: string }): Promise<Response> {
  const { method = 'GET', body, idempotencyKey, signal, accept = 'application/json' } = asked;
  const key = asked.key ?? (await freshKey());
  const headers = new Headers({ accept });
  if (key !== null) headers.set('authorization', `Bearer ${key}`);
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey);
  const isPlain = method === 'GET' && asked.key === undefined && accept === 'application/json';
  const early = isPlain ? takeAhead(path) : null;
  const options = {
    method,
    headers,
    credentials: 'same-origin',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  } as const;
  const response = await (early ?? fetch(path, options)).catch((error: unknown) => {
    throw unreachable(error);
  });
  noteAnswer();
  const date = Date.parse(response.headers.get('date') ?? '');
  if (!Number.isNaN(date)) serverTime = date;
  return response;
}

/** ms since the epoch; by the server's clock, which the browser's may be ahead of. */
let serverTime: number | null = null;

/** An instant that is past for the server, at most some seconds ago if it has just answered. ms since the epoch. */
export function justPast(): number {
  return (serverTime ?? Date.now() - 60_000) - 1_000;
}

async function answerOf<T>(response: Response): Promise<T> {
  // An answer that breaks off is none.
  if (response.ok) return (await response.json().catch((error: unknown) => Promise.reject(unreachable(error)))) as T;
  throw new ApiProblem(await problemOf(response));
}

function unreachable(cause: unknown): Error {
  // Who asked does not want it any more: nothing is the matter with the server.
  if (cause instanceof DOMException && cause.name === 'AbortError') return cause;
  noteSilence();
  return new UnreachableError('The server cannot be reached', { cause });
}

async function problemOf(response: Response): Promise<Problem> {
  const { status, statusText } = response;
  try {
    return (await response.json()) as Problem;
  } catch {
    return { type: 'about:blank', title: statusText, status, detail: statusText, code: 'internal-error' };
  }
}
