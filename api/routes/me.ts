import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type LedgerAccess, SCOPES, type Scope, currencyOf, ledgerTimeZone } from '../../services/index.ts';
import { holderOf } from '../authorise.ts';
import { currency, problems } from '../schemas.ts';

const me = z
  .strictObject({
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    account: z.string().nullable(),
    switch: z.string().nullable(),
    timeZone: z.string().meta({ description: 'The civil time of the ledger, as the IANA list names it' }),
    currency,
  })
  .meta({ id: 'Me', description: 'Who asks, what he may, and of which ledger' });

export type Me = z.output<typeof me>;

/** Who asks: any key that is in force may know that of itself. */
export function addMeRoute(app: FastifyInstance, ledger: LedgerAccess): void {
  app.get(
    '/v1/me',
    {
      config: { scope: 'any-key' },
      schema: { summary: 'Whose key it is, and what it allows', response: { 200: me, ...problems() } },
    },
    (request) => meOf(request, ledger),
  );
}

async function meOf(request: FastifyRequest, { db }: LedgerAccess): Promise<Me> {
  const { name, scopes, account, switchId } = holderOf(request);
  const [timeZone, unit] = await Promise.all([ledgerTimeZone(db), currencyOf(db)]);
  return { name, scopes: [...scopes] satisfies Scope[], account, switch: switchId, timeZone, currency: unit };
}
