import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from '../ledger/index.ts';
import { type KeyHolder, keyHolder, type Scope } from '../services/index.ts';
import { httpProblem, type Problem } from './problem.ts';

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

/** A request that is not let in. */
export class NotLetInError extends Error {
  override readonly name = 'NotLetInError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

/**
 * Lets requests in by the scope of their route. A key comes in the header `Authorization: Bearer ft_…`. A route that
 * declares no scope fails the start of the server.
 */
export function authorise(app: FastifyInstance, db: Database, now: () => number): void {
  app.decorateRequest('holder', null);
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.scope === undefined) throw new Error(`Cannot serve ${String(method)} ${url}: it declares no scope`);
  });
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    const { scope } = request.routeOptions.config;
    // What no route answers is no secret.
    if (scope === undefined || scope === 'open') return;
    const [, key] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    const holder = key === undefined ? null : await keyHolder(db, key, now());
    if (holder === null) {
      void reply.header('www-authenticate', 'Bearer realm="fairtally"');
      throw new NotLetInError(httpProblem('unauthorised', `Send a key that is in force: 'Authorization: Bearer ft_…'`));
    }
    if (scope !== 'any-key' && !holder.scopes.has(scope)) {
      throw new NotLetInError(httpProblem('forbidden', `Key '${holder.id}' does not allow '${scope}'`));
    }
    request.holder = holder;
  });
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
  throw new NotLetInError(httpProblem('not-found', 'The key sees no such thing'));
}

/** Who asks, on a route that is not open. */
export function holderOf({ holder }: FastifyRequest): KeyHolder {
  if (holder === null) throw new Error('Cannot say who asks: the route is open');
  return holder;
}
