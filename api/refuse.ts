import type { FastifyReply } from 'fastify';
import type { Refused } from '../services/index.ts';
import { refusalProblem } from './problem.ts';

/** Answers with what a service refused, as a problem. */
export function refuse(reply: FastifyReply, refused: Refused): FastifyReply {
  const problem = refusalProblem(refused, refused.others);
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem);
}
