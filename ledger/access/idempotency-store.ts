import type { Queryable } from '../database/database.ts';

/** What a write was answered. */
export interface KeptAnswer {
  readonly status: number;
  /** Header names, lower case, and their values. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, compressed by gzip. */
  readonly answer: Buffer;
}

/** A write that was begun under a key, and what it was answered; `null`: it is not done. */
export interface KeptWrite {
  /** SHA-256 of the request; `null` while its body is on its way. */
  readonly request: Buffer | null;
  readonly answered: KeptAnswer | null;
}

/** Whose key, and which. */
export interface KeyPlace {
  readonly holder: string;
  readonly key: string;
}

/** What is kept under a key; `null`: nothing. */
export async function findKeptWrite(q: Queryable, { holder, key }: KeyPlace): Promise<KeptWrite | null> {
  const [row] = await q.query<{
    request: Buffer | null;
    status: number | null;
    headers: string | null;
    answer: Buffer | null;
  }>(`select request, status::int, headers, answer from idempotency_key where holder = $1 and key = $2`, [holder, key]);
  if (row === undefined) return null;
  const { request, status, headers, answer } = row;
  if (status === null || headers === null || answer === null) return { request, answered: null };
  return { request, answered: { status, headers: JSON.parse(headers) as Record<string, string>, answer } };
}

/** A claim that nobody renews for so long is of a process that has ended. */
const CLAIM_LASTS_S = 60;

/**
 * Claims a key for a request. Whether it was free, or was claimed for the same request by a process that has ended
 * since; else what is kept under it is asked for. In a transaction it waits for another that claims the same key.
 */
export async function claimKey(q: Queryable, { holder, key }: KeyPlace, request: Buffer | null): Promise<boolean> {
  const rows = await q.query(
    `insert into idempotency_key (holder, key, request) values ($1, $2, $3)
     on conflict (holder, key) do update set begun_at = clock_timestamp()
     where idempotency_key.status is null and idempotency_key.begun_at < clock_timestamp() - $4 * interval '1 second'
       and (idempotency_key.request is null or idempotency_key.request = excluded.request)
     returning key`,
    [holder, key, request, CLAIM_LASTS_S],
  );
  return rows.length > 0;
}

/** Says that what was begun under a key is still under way. */
export async function renewClaim(q: Queryable, { holder, key }: KeyPlace): Promise<void> {
  await q.query(
    'update idempotency_key set begun_at = clock_timestamp() where holder = $1 and key = $2 and status is null',
    [holder, key],
  );
}

/** Keeps what a write was answered, for good. Whether none was kept before. */
export async function keepAnswer(
  q: Queryable,
  { holder, key }: KeyPlace,
  request: Buffer,
  { status, headers, answer }: KeptAnswer,
): Promise<boolean> {
  const rows = await q.query(
    `update idempotency_key set request = $3, status = $4, headers = $5, answer = $6, answered_at = clock_timestamp()
     where holder = $1 and key = $2 and status is null and (request is null or request = $3) returning key`,
    [holder, key, request, status, JSON.stringify(headers), answer],
  );
  return rows.length > 0;
}

/** Gives a key back whose request was refused: nothing was done under it. */
export async function giveBackKey(q: Queryable, { holder, key }: KeyPlace): Promise<void> {
  await q.query('delete from idempotency_key where holder = $1 and key = $2 and status is null', [holder, key]);
}
