import type { FastifyReply } from 'fastify';
import type { Refused } from '../services/index.ts';
import { type Problem, httpProblem, refusalProblem } from './problem.ts';

/**
 * Answers with what a service refused, as a problem. To a key of one account, what is not there and what is another's
 * are the same.
 */
export function refuse(reply: FastifyReply, refused: Refused): FastifyReply {
  const problem = refusalProblem(refused, refused.others);
  const isOfAccount = (reply.request.holder?.account ?? null) !== null;
  return sendProblem(reply, isOfAccount && problem.status === 404 ? absentProblem() : problem);
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
