import type { FastifyReply } from 'fastify';
import type { Refused } from '../services/index.ts';
import { type Problem, refusalProblem } from './problem.ts';

/** Answers with what a service refused, as a problem. */
export function refuse(reply: FastifyReply, refused: Refused): FastifyReply {
  return sendProblem(reply, refusalProblem(refused, refused.others));
}

/** Answers with a problem, beside the route's schemas: one that misses a field must not become another. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem);
}
