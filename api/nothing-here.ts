import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Problem, httpProblem } from './problem.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** What is said where no route is: 405 with `Allow` where another method would be answered, else 404. */
export function nothingHere(app: FastifyInstance, { url }: FastifyRequest, reply: FastifyReply): Problem {
  const path = url.split('?', 1)[0] ?? url;
  // A path that is a route's own is not counted among those that another route takes for an id.
  const isOwn = app.routeTable.some((route) => route.url === path);
  const allowed = METHODS.filter((method) => isAnswered(app, method, path, isOwn));
  if (allowed.length === 0) return httpProblem('not-found', 'No route is of that path');
  void reply.header('allow', allowed.join(', '));
  return httpProblem('method-not-allowed', `Use ${allowed.join(' or ')}`);
}

function isAnswered(app: FastifyInstance, method: (typeof METHODS)[number], path: string, isOwn: boolean): boolean {
  return app.routeTable.some(
    (route) => isOf(route.method, method) && (isOwn ? route.url === path : matches(route.url, path)),
  );
}

function isOf(methods: string | readonly string[], method: string): boolean {
  return typeof methods === 'string' ? methods === method : methods.includes(method);
}

/** Whether a path is one of a route's, by its parts: `:line` stands for any that is not empty. */
function matches(route: string, path: string): boolean {
  const parts = route.split('/');
  const asked = path.split('/');
  return (
    parts.length === asked.length &&
    parts.every((part, at) => (part.startsWith(':') ? asked[at] !== '' : part === asked[at]))
  );
}
