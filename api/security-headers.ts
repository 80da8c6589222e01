import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import helmet, { type HelmetOptions } from 'helmet';

/** What a browser may load and ask for from a page. */
type ContentPolicy = Exclude<HelmetOptions['contentSecurityPolicy'], boolean | undefined>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What browsers are told that the route's pages may do, where it is not what all are told. */
    contentPolicy?: ContentPolicy;
  }
}

const USUAL: ContentPolicy = { directives: { 'default-src': ["'self'"] } };

/**
 * Tells browsers with each answer what they may do with it, as Helmet has it. They are the same for all answers of a
 * route, and made once: made for each they were a sixth of what a quote leaves to the collector of garbage.
 */
export function tellBrowsers(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const { contentPolicy = USUAL } = request.routeOptions.config;
    void reply.headers(headersFor(contentPolicy));
  });
}

const made = new Map<ContentPolicy, Record<string, string>>();

/** The headers of answers whose pages may do what a policy says. */
export function headersFor(policy: ContentPolicy): Record<string, string> {
  const headers = made.get(policy) ?? headersOf(policy);
  made.set(policy, headers);
  return headers;
}

/** What Helmet sets on an answer. */
function headersOf(contentSecurityPolicy: ContentPolicy): Record<string, string> {
  const request = new IncomingMessage(new Socket());
  const answer = new ServerResponse(request);
  helmet({ contentSecurityPolicy })(request, answer, () => undefined);
  return Object.fromEntries(Object.entries(answer.getHeaders()).map(([name, value]) => [name, String(value)]));
}
