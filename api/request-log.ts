import type { FastifyInstance } from 'fastify';

/**
 * A line for each request that changed something or failed, with its id and who asked; others at level `debug`. The
 * route stands there, and nothing of what was asked: a URL may hold a number.
 */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method, holder, is404, routeOptions } = request;
    const isQuiet = reply.statusCode < 400 && (method === 'GET' || method === 'HEAD');
    request.log[isQuiet ? 'debug' : 'info'](
      {
        method,
        route: is404 ? 'none' : (routeOptions.url ?? 'none'),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        // A person's id may be a name or an address: only keys are named.
        ...(holder === null || holder.id.startsWith('person:') ? {} : { keyId: holder.id }),
      },
      'request',
    );
  });
}
