import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { accountOfCase, isoInstant, type LedgerAccess } from '../../services/index.ts';
import { holderOf, refuseOthers } from '../authorise.ts';
import { once } from '../once.ts';
import { PresentPeople } from '../presence.ts';
import { refuse } from '../refuse.ts';
import { instant, problems } from '../schemas.ts';
import { casePath } from './cases.ts';

const said = z.strictObject({ isHere: z.boolean().default(true).meta({ description: 'false: the case was left' }) });

const others = z
  .strictObject({ v: z.literal(1), others: z.array(z.strictObject({ name: z.string(), since: instant })) })
  .meta({ id: 'Others', description: 'Who else looks at the case now' });

export type Others = z.output<typeof others>;

/** Two analysts on one case see each other. */
export function addPresenceRoute(app: FastifyInstance, ledger: LedgerAccess, now: () => number): void {
  const people = new PresentPeople();
  app.put(
    '/v1/cases/:line/:period/presence',
    {
      // It says nothing of the case: who reads the case itself is on record.
      config: { scope: 'cases:read', audit: 'none' },
      schema: {
        summary: 'Says that one looks at a case, again every 15 s while one does; answers who else does',
        description: 'Servers know of those who ask them, and of no others.',
        params: casePath,
        body: said,
        response: { 200: others, ...problems(400, 404) },
      },
    },
    once(ledger.db, async (request, reply) => {
      const key = request.params as z.output<typeof casePath>;
      const { isHere } = request.body as z.output<typeof said>;
      const account = await accountOfCase(ledger.db, key);
      if (typeof account !== 'string') return refuse(reply, account);
      refuseOthers(request, account);
      const present = people.note(`${key.line} ${key.period}`, holderOf(request), isHere, now());
      return { v: 1, others: present.map(({ name, since }) => ({ name, since: isoInstant(since) })) };
    }),
  );
}
