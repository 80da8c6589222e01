import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { NotLetInError } from './not-let-in.ts';
import { writeHeaders } from './once.ts';
import { httpProblem } from './problem.ts';

const HEADER = 'if-match';
/** `*`, or versions as `ETag` gave them: a proxy that compresses marks them as weak. */
const WANTED = /^(?:\*|(?:W\/)?"[\x21\x23-\x7e]*"(?:[ \t]*,[ \t]*(?:W\/)?"[\x21\x23-\x7e]*")*)$/;

/** The headers of a write that heeds `If-Match`, as its route documents them. */
export const guardedHeaders = writeHeaders.extend({
  [HEADER]: z
    .string()
    .max(1_000)
    .regex(WANTED, 'it is neither `*` nor versions in quotes, as `ETag` gives them')
    .optional()
    .meta({
      description:
        'The `ETag` that reading gave: where it was changed since, nothing is done (412), and the answer says what is ' +
        'there now. `*`: whatever it is, it must be there. Without it, the last who writes wins.',
    }),
});

/**
 * Refuses a write with a condition that its route does not heed: whoever sends one believes himself guarded. The header
 * is named; without it the write is done.
 */
export function refuseUnheeded(app: FastifyInstance): void {
  app.addHook('preHandler', async ({ method, headers, routeOptions }) => {
    if (method === 'GET' || method === 'HEAD') return;
    const heeds = (routeOptions.schema as { headers?: unknown } | undefined)?.headers === guardedHeaders;
    const unheeded = [...(heeds ? [] : [HEADER]), 'if-none-match'].find((name) => headers[name] !== undefined);
    if (unheeded === undefined) return;
    const detail = `'${unheeded}' is not heeded here: leave it out`;
    const errors = [{ code: 'invalid-value', detail, pointer: `/${unheeded}` }];
    throw new NotLetInError(httpProblem('invalid-request', `Cannot heed the header '${unheeded}' here`, errors));
  });
}

/** Says in `ETag` which version an answer is of. */
export function tellVersion(reply: FastifyReply, version: string): void {
  void reply.header('etag', `"${version}"`);
}

/** Whether a request says which version it is meant for. */
export function isGuarded({ headers }: FastifyRequest): boolean {
  return headers[HEADER] !== undefined;
}

/** Whether a version is one that `If-Match` names. */
export function isMeant({ headers }: FastifyRequest, version: string): boolean {
  const wanted = headers[HEADER] ?? '*';
  return (
    wanted === '*' ||
    wanted
      .replaceAll(/W\/|[ \t]/g, '')
      .split(',')
      .includes(`"${version}"`)
  );
}

/** What is there instead of what `If-Match` names; `null`: nothing is. */
export interface Current {
  readonly version: string;
  readonly changed: { readonly by: string; readonly at: string } | null;
  readonly body: object;
}

/** The answer to who was not the last to write: 412, with what is there now. */
export function overtaken(reply: FastifyReply, what: string, current: Current | null): NotLetInError {
  if (current === null) {
    return new NotLetInError(httpProblem('precondition-failed', `Cannot change ${what}: it is not there`));
  }
  const { version, changed, body } = current;
  tellVersion(reply, version);
  const by = changed === null ? '' : `, since '${changed.by}' changed it at ${changed.at}`;
  const detail = `Cannot change ${what}: it is at version '${version}' by now${by}`;
  return new NotLetInError({ ...httpProblem('precondition-failed', detail), current: body });
}
