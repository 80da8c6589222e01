import type { FastifyInstance } from 'fastify';
import { ByteBudget } from './byte-budget.ts';
import { NotLetInError } from './not-let-in.ts';
import { httpProblem } from './problem.ts';

/** What large bodies hold in memory together: two of the largest. */
const BUDGET_BYTES = 134_217_728;
/** Bodies up to the limit of most routes are not counted. */
const SMALL_BYTES = 1_048_576;
const RETRY_AFTER_S = '1';

/**
 * Bounds what bodies of the routes that take large ones hold in memory together, before anything of them is read: who
 * comes when there is no room is told to come again. Records (`cdrs:write`) have a budget of their own. To be added
 * after `authorise`: who is not let in takes no room.
 */
export function limitLargeBodies(app: FastifyInstance, budgetBytes = BUDGET_BYTES): void {
  const budget = new ByteBudget(budgetBytes);
  app.addHook('onRequest', async ({ routeOptions, headers }, reply) => {
    const { bodyLimit = 0, config } = routeOptions;
    if (bodyLimit <= SMALL_BYTES || config.scope === 'cdrs:write') return;
    // One that does not say how long it is may be as long as any.
    const bytes = Math.min(Number(headers['content-length'] ?? bodyLimit), bodyLimit);
    if (!(bytes > SMALL_BYTES)) return;
    const room = budget.reserve(bytes);
    if (room === null) {
      void reply.header('retry-after', RETRY_AFTER_S);
      throw new NotLetInError(httpProblem('busy', 'Too many large bodies are under way: send it again in a moment'));
    }
    // Also where the connection is cut.
    reply.raw.once('close', () => room.release());
  });
}
