import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Refused } from '../services/index.ts';
import { type Problem, httpProblem, refusalProblem } from './problem.ts';

/**
 * Answers with what a service refused, as a problem. To a key of one account, what is not there and what is another's
 * are the same.
 */
export function refuse(reply: FastifyReply, refused: Refused): FastifyReply {
  const problem = refusalProblem(refused, refused.others, (values) => pointerOf(values, reply.request));
  const isOfAccount = (reply.request.holder?.account ?? null) !== null;
  return sendProblem(reply, isOfAccount && problem.status === 404 ? absentProblem() : problem);
}

/**
 * Where in a request a value stands that a refusal names: in the parameter or field of that name, or else in the only
 * one that is just this; `undefined` where none or several may be meant.
 */
function pointerOf(
  values: Readonly<Record<string, string>>,
  { query, params, body }: FastifyRequest,
): string | undefined {
  const given = [params, query, body].flatMap((part) =>
    typeof part === 'object' && part !== null && !Buffer.isBuffer(part) ? Object.entries(part) : [],
  ) as [string, unknown][];
  const meant = Object.entries(values).flatMap(([name, value]) => {
    const same = given.filter(([, each]) => each === value);
    const named = same.filter(([field]) => field === name);
    return named.length === 1 ? named : same.length === 1 ? same : [];
  });
  const fields = new Set(meant.map(([field]) => field));
  return fields.size === 1 ? `/${[...fields][0]}` : undefined;
}

/** What a key is told of what it does not see. */
export function absentProblem(): Problem {
  return httpProblem('not-found', 'The key sees no such thing');
}

/** Answers with a problem, beside the route's schemas: one that misses a field must not become another. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem);
}
