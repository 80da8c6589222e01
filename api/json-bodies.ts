import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { contentCodings, readMediaType } from './media-type.ts';
import { NotLetInError } from './not-let-in.ts';
import { httpProblem } from './problem.ts';

const TAKEN = ['application/json'];

/**
 * Reads bodies as JSON in UTF-8, and refuses what is none instead of taking something else for it: another type, coding
 * or charset, bytes that are no letters. A route that reads its body by itself has parsers of its own.
 */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    if (body.length === 0) return undefined;
    refuseOtherForms(request);
    if (!isUtf8(body)) throw unreadable('it is not UTF-8');
    try {
      return JSON.parse(body.toString('utf8').replace(/^\uFEFF/, '')) as unknown;
    } catch (error) {
      throw unreadable((error as Error).message);
    }
  });
}

function refuseOtherForms({ headers }: FastifyRequest): void {
  const codings = contentCodings(headers['content-encoding']);
  const media = readMediaType(headers['content-type'], TAKEN);
  const why = 'notTaken' in media ? media.notTaken : null;
  const coded = codings.length === 0 ? null : `Cannot take Content-Encoding '${codings.join(', ')}': send it as it is`;
  const detail = why ?? coded;
  if (detail !== null) throw new NotLetInError(httpProblem('unsupported-media-type', detail));
}

function unreadable(why: string): NotLetInError {
  return new NotLetInError(httpProblem('bad-request', `Cannot read the body as JSON: ${why}`));
}
