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

  /** Takes one request; says how many are left, and in how many seconds all are again. `left` is -1: none was. */
  take(asker: string, now: number): { readonly left: number; readonly fullIn: number; readonly nextIn: number } {
    const { requests, seconds } = this.rate;
    const allowance = this.#allowances.get(asker) ?? { left: requests, at: now };
    const back = (Math.max(0, now - allowance.at) / 1000) * (requests / seconds);
    const has = Math.min(requests, allowance.left + back);
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

/** Bounds those who are not let in, by address: throws 429 instead of what they would be told. */
export function limitRefusals(now: () => number): (request: FastifyRequest, reply: FastifyReply) => void {
  const limit = new RateLimit(REFUSED_RATE);
  return (request, reply) => take(limit, request.ip, reply, now());
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
