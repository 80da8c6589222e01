import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from '../ledger/index.ts';
import { type KeyHolder, RecentHolders, keyHolder, type Scope } from '../services/index.ts';
import { NotLetInError } from './not-let-in.ts';
import type { People } from './people.ts';
import { httpProblem } from './problem.ts';
import { limitRefusals } from './rate-limit.ts';
import { absentProblem } from './refuse.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a key must allow to use the route; `any-key`: any that is in force; `open`: anyone may. */
    scope?: Scope | 'any-key' | 'open';
  }
  interface FastifyRequest {
    /** Who asks; `null` on routes that are open. */
    holder: KeyHolder | null;
  }
}

/**
 * Lets requests in by the scope of their route. A key comes in the header `Authorization: Bearer ft_…`, and so does the
 * token of a person; with records a key may also be the password of `Authorization: Basic`. A route that declares no
 * scope fails the start of the server.
 */
export function authorise(app: FastifyInstance, db: Database, now: () => number, people: People | null = null): void {
  const refusals = limitRefusals(now);
  const letIn = new KnownKeys();
  const recent = new RecentHolders(db);
  app.decorateRequest('holder', null);
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.scope === undefined) throw new Error(`Cannot serve ${String(method)} ${url}: it declares no scope`);
  });
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    const { scope } = request.routeOptions.config;
    // What no route answers is no secret.
    if (scope === undefined || scope === 'open') return;
    const takesPasswords = scope === 'cdrs:write';
    const key = keyIn(request.headers.authorization ?? '', takesPasswords);
    // A quote is answered from memory: who asks is known from there, too.
    const isRecent = scope === 'quotes:read' && key?.startsWith('ft_') === true;
    const find = (text: string): Promise<KeyHolder | null> =>
      isRecent ? recent.find(text, now()) : holderOfKey(db, text, now(), people);
    // Who was refused too often is hardly looked up; who was let in before is not held up by neighbours.
    const digest = createHash('sha256')
      .update(key ?? '')
      .digest('base64');
    if (!letIn.has(digest)) refusals.check(request, reply);
    const holder = key === undefined ? null : await find(key);
    if (holder === null) {
      letIn.delete(digest);
      refusals.count(request, reply);
      void reply.header('www-authenticate', takesPasswords ? `${BEARER}, Basic realm="fairtally"` : BEARER);
      throw new NotLetInError(httpProblem('unauthorised', `Send a key that is in force: 'Authorization: Bearer ft_…'`));
    }
    letIn.add(digest);
    request.holder = holder;
    if (scope !== 'any-key' && !holder.scopes.has(scope)) {
      throw new NotLetInError(httpProblem('forbidden', `Key '${holder.id}' does not allow '${scope}'`));
    }
  });
}

const BEARER = 'Bearer realm="fairtally"';

/**
 * The key that a request comes with. FreeSWITCH has no way to send another header than a user and a password (`cred`):
 * where records are posted, the password may be the key. Nowhere else: a browser sends a password by itself.
 */
function keyIn(header: string, takesPasswords: boolean): string | undefined {
  const [, scheme = '', value = ''] = /^(Bearer|Basic) (\S+)$/i.exec(header) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (!takesPasswords || scheme === '') return undefined;
  const [, password = ''] = /^[^:]*:(ft_\S+)$/.exec(Buffer.from(value, 'base64').toString('latin1')) ?? [];
  return password === '' ? undefined : password;
}

const MOST_KNOWN = 10_000;

/** Keys that were let in last, by SHA-256: they are looked up all the same. */
class KnownKeys {
  readonly #digests = new Set<string>();

  has(digest: string): boolean {
    return this.#digests.has(digest);
  }

  add(digest: string): void {
    this.#digests.delete(digest);
    this.#digests.add(digest);
    if (this.#digests.size > MOST_KNOWN) this.#digests.delete(this.#digests.values().next().value!);
  }

  delete(digest: string): void {
    this.#digests.delete(digest);
  }
}

/** Keys begin with `ft_`; whatever else is a token, where people are let in by another. */
function holderOfKey(db: Database, key: string, now: number, people: People | null): Promise<KeyHolder | null> {
  return people === null || key.startsWith('ft_') ? keyHolder(db, key, now) : people.holder(key);
}

/**
 * Refuses what is of another account than the one that a key sees, as if it were not there.
 */
export function refuseOthers(request: FastifyRequest, account: string): void {
  const { account: own } = holderOf(request);
  if (own !== null && own !== account) refuseAsAbsent();
}

/** What is of all accounts a key of one does not see. */
export function refuseKeysOfAccounts(request: FastifyRequest): void {
  if (holderOf(request).account !== null) refuseAsAbsent();
}

/** Refuses what the key does not see, in the words of what is not there. */
export function refuseAsAbsent(): never {
  throw new NotLetInError(absentProblem());
}

/** Who asks, on a route that is not open. */
export function holderOf({ holder }: FastifyRequest): KeyHolder {
  if (holder === null) throw new Error('Cannot say who asks: the route is open');
  return holder;
}
