import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { SCOPES, type Scope } from '../../services/index.ts';
import { holderOf } from '../authorise.ts';
import { problems } from '../schemas.ts';

const me = z
  .strictObject({
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    account: z.string().nullable(),
    switch: z.string().nullable(),
  })
  .meta({ id: 'Me', description: 'Who asks, and what he may' });

export type Me = z.output<typeof me>;

/** Who asks: any key that is in force may know that of itself. */
export function addMeRoute(app: FastifyInstance): void {
  app.get(
    '/v1/me',
    {
      config: { scope: 'any-key' },
      schema: { summary: 'Whose key it is, and what it allows', response: { 200: me, ...problems() } },
    },
    (request) => {
      const { name, scopes, account, switchId } = holderOf(request);
      return { name, scopes: [...scopes] satisfies Scope[], account, switch: switchId };
    },
  );
}
