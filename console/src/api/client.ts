import type { Problem } from '../../../api/index.ts';
import { noteAnswer, noteSilence } from './connection.ts';
import { currentKey } from './key.ts';

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
  /** Of a write that may be sent twice: it is done once. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
  /** Another key than the one in force: the one that is tried. */
  readonly key?: string;
}

/** Asks the API. The key goes in a header, never in an address. */
export async function ask<T>(path: string, asked: Asked = {}): Promise<T> {
  const { method = 'GET', body, idempotencyKey, signal, key = currentKey() } = asked;
  const headers = new Headers({ accept: 'application/json' });
  if (key !== null) headers.set('authorization', `Bearer ${key}`);
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey);
  const response = await fetch(path, {
    method,
    headers,
    credentials: 'same-origin',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    noteSilence();
    throw new UnreachableError('The server cannot be reached', { cause: error });
  });
  noteAnswer();
  if (response.ok) return (response.status === 204 ? null : await response.json()) as T;
  throw new ApiProblem(await problemOf(response));
}

async function problemOf(response: Response): Promise<Problem> {
  const { status, statusText } = response;
  try {
    return (await response.json()) as Problem;
  } catch {
    return { type: 'about:blank', title: statusText, status, detail: statusText, code: 'internal-error' };
  }
}

export function pathOf(path: string, parameters: Readonly<Record<string, string | number | null | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}
