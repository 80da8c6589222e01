import { parse } from 'node:querystring';
import type { FastifyInstance } from 'fastify';
import { NotLetInError } from './not-let-in.ts';
import { httpProblem } from './problem.ts';

/**
 * The parameters of a URL; one that stands several times is a list.
 *
 * mod_json_cdr appends `?uuid=…` to its URL also where that has parameters, so that `switch=fs1?uuid=…` arrives.
 */
export function parseQuery(text: string): Record<string, unknown> {
  return { ...parse(text.replace('?uuid=', '&uuid='), '&', '=', { maxKeys: 0 }) };
}

/** Refuses parameters that are no text: escapes that are none, such as `%zz`, and bytes that are no UTF-8. */
export function refuseUnreadableQueries(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ url }) => {
    const start = url.indexOf('?');
    if (start < 0 || !url.includes('%', start)) return;
    for (const pair of url.slice(start + 1).split('&')) {
      if (isText(pair)) continue;
      const name = pair.split('=', 1)[0] ?? '';
      const detail = `Cannot read '${pair}': it has escapes that are no text of UTF-8`;
      const fault = {
        code: 'invalid-value',
        detail,
        ...(isText(name) ? { pointer: `/${decodeURIComponent(name)}` } : {}),
      };
      throw new NotLetInError(httpProblem('invalid-request', 'A parameter is no text: see errors', [fault]));
    }
  });
}

function isText(escaped: string): boolean {
  try {
    decodeURIComponent(escaped);
    return true;
  } catch {
    return false;
  }
}
