import type { FastifyInstance } from 'fastify';
import { looksForDigits } from '../services/index.ts';
import { NotLetInError } from './not-let-in.ts';
import { httpProblem } from './problem.ts';

/** A month or a day: the audit is looked through by them. */
const DAY = /^\d{4}-(?:0[1-9]|1[0-2])(?:-[0-3]\d)?$/;

/** What a request can look for numbers by, wherever it stands; whether it does. */
const LOOKS_FOR_NUMBERS: Readonly<Record<string, (value: string) => boolean>> = {
  number: () => true,
  subject: (text) => /\p{Nd}/u.test(text) && !DAY.test(text),
  filter: looksForDigits,
};

/**
 * Refuses keys without `numbers:read` what finds by a number: whether something is found tells the digits that its
 * answer masks. It goes by the names of parameters and fields, so that no route can forget to. A quote finds nothing:
 * it prices the number that it is given.
 */
export function refuseLookingForNumbers(app: FastifyInstance): void {
  app.addHook('preHandler', async ({ holder, routeOptions, query, body }) => {
    if (holder === null || holder.scopes.has('numbers:read') || routeOptions.config.scope === 'quotes:read') return;
    const said = { ...asFields(body), ...asFields(query) };
    for (const [name, looksForNumbers] of Object.entries(LOOKS_FOR_NUMBERS)) {
      const value = said[name];
      if (typeof value !== 'string' || !looksForNumbers(value)) continue;
      const detail = `Key '${holder.id}' does not allow 'numbers:read': it can't look for numbers by '${name}'`;
      throw new NotLetInError(httpProblem('forbidden', detail));
    }
  });
}

function asFields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Buffer.isBuffer(value) ? { ...value } : {};
}
