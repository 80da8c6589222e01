import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { NotLetInError } from './not-let-in.ts';
import { httpProblem } from './problem.ts';

/** How many requests may come in how many seconds. */
export interface Rate {
  readonly requests: number;
  readonly seconds: number;
}

/** Of a key or a person: 600 a second over ten seconds. */
export const USUAL_RATE: Rate = { requests: 6_000, seconds: 10 };
/** Of an address whose requests are not let in: keys can't be guessed, but asking costs a look-up each. */
const REFUSED_RATE: Rate = { requests: 60, seconds: 60 };
/** How many keys of such an address are looked up all the same: who comes new may have one that is in force. */
const SPENT_RATE: Rate = { requests: 5, seconds: 5 };
const MOST_ASKERS = 20_000;

/** What an asker has left, and when that was. */
interface Allowance {
  left: number;
  at: number;
}

/** Bounds of requests by who asks, in the memory of this process. Allowances grow back steadily. */
export class RateLimit {
  readonly rate: Rate;
  readonly #allowances = new Map<string, Allowance>();

  constructor(rate: Rate) {
    this.rate = rate;
  }

  /** Whether nothing is left: the next request would be one too many. */
  isSpent(asker: string, now: number): boolean {
    const allowance = this.#allowances.get(asker);
    return allowance !== undefined && this.#has(allowance, now) < 1;
  }

  /** What is left by now, with what grew back. */
  #has({ left, at }: Allowance, now: number): number {
    const { requests, seconds } = this.rate;
    return Math.min(requests, left + (Math.max(0, now - at) / 1000) * (requests / seconds));
  }

  /** Takes one request; says how many are left, and in how many seconds all are again. `left` is -1: none was. */
  take(asker: string, now: number): { readonly left: number; readonly fullIn: number; readonly nextIn: number } {
    const { requests, seconds } = this.rate;
    const allowance = this.#allowances.get(asker) ?? { left: requests, at: now };
    const has = this.#has(allowance, now);
    const left = has >= 1 ? has - 1 : has;
    // The newest stands last: what was not heard of for longest is forgotten first.
    this.#allowances.delete(asker);
    this.#allowances.set(asker, { left, at: now });
    if (this.#allowances.size > MOST_ASKERS) this.#allowances.delete(this.#allowances.keys().next().value!);
    return {
      left: has >= 1 ? Math.floor(left) : -1,
      fullIn: Math.ceil(((requests - left) / requests) * seconds),
      nextIn: Math.max(1, Math.ceil((1 - left) * (seconds / requests))),
    };
  }
}

/**
 * Bounds requests: of who was let in by key or person, of others by address. Says so as the draft of the IETF has it
 * (`RateLimit`, `RateLimit-Policy`). To be added after `authorise`, which `refusals` is for.
 */
export function limitRates(app: FastifyInstance, rate: Rate, now: () => number): void {
  const limit = new RateLimit(rate);
  app.addHook('onRequest', async (request, reply) => {
    if (isForProbes(request)) return;
    const asker = request.holder === null ? `address ${request.ip}` : `holder ${request.holder.id}`;
    take(limit, asker, reply, now());
  });
}

/** Bounds those who are not let in, by address: both throw 429 where too many came. */
export interface RefusalLimit {
  /** Before anything is looked up. */
  check(request: FastifyRequest, reply: FastifyReply): void;
  /** Instead of what they would be told. */
  count(request: FastifyRequest, reply: FastifyReply): void;
}

export function limitRefusals(now: () => number): RefusalLimit {
  const limit = new RateLimit(REFUSED_RATE);
  const lookUps = new RateLimit(SPENT_RATE);
  return {
    check: (request, reply) => {
      if (!limit.isSpent(request.ip, now()) || lookUps.take(request.ip, now()).left >= 0) return;
      take(limit, request.ip, reply, now());
    },
    count: (request, reply) => take(limit, request.ip, reply, now()),
  };
}

function take(limit: RateLimit, asker: string, reply: FastifyReply, now: number): void {
  const { requests, seconds } = limit.rate;
  const { left, fullIn, nextIn } = limit.take(asker, now);
  void reply
    .header('ratelimit-policy', `"default";q=${requests};w=${seconds}`)
    .header('ratelimit', `"default";r=${Math.max(0, left)};t=${fullIn}`);
  if (left >= 0) return;
  void reply.header('retry-after', String(nextIn));
  throw new NotLetInError(
    httpProblem('too-many-requests', `More than ${requests} came in ${seconds} s: wait ${nextIn} s`),
  );
}

/** What asks whether the process lives is never turned away. */
function isForProbes({ routeOptions: { url } }: FastifyRequest): boolean {
  return url === '/healthz' || url === '/readyz' || url === '/metrics';
}
