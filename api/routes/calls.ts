import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { explainCall, explainJson, type LedgerAccess } from '../../services/index.ts';
import { holderOf, refuseAsAbsent } from '../authorise.ts';
import { refuse } from '../refuse.ts';
import { id, period, problems } from '../schemas.ts';

const callPath = z.strictObject({ call: z.string().min(1).max(400) });
const callQuery = z.strictObject({ account: id.optional(), period: period.optional() });

const explained = z
  .strictObject({
    v: z.literal(1),
    call: z.string(),
    timeZone: z.string(),
    calls: z.array(z.looseObject({ account: id, line: id, period, charge: z.string() })),
    quarantine: z
      .array(z.looseObject({ no: z.int() }))
      .meta({ description: 'Records that name the call, in quarantine' }),
    legs: z.array(z.looseObject({ legId: z.string() })).meta({ description: 'Every record of a call of several' }),
  })
  .meta({ id: 'ExplainedCalls' });

/** How a call came to its charge. */
export function addCallRoutes(app: FastifyInstance, ledger: LedgerAccess): void {
  app.get(
    '/v1/calls/:call',
    {
      config: { scope: 'usage:read' },
      schema: {
        summary: `Every call that bears a switch's id: its records, entries, prices and what holds it`,
        description: 'Say the account, where it is known: without it all entries are looked through.',
        params: callPath,
        querystring: callQuery,
        response: { 200: explained, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { call } = request.params as z.output<typeof callPath>;
      const asked = request.query as z.output<typeof callQuery>;
      const { account: own } = holderOf(request);
      if (own !== null && asked.account !== undefined && asked.account !== own) refuseAsAbsent();
      const found = await explainCall(ledger, { call, ...asked, ...(own === null ? {} : { account: own }) });
      if (found.kind === 'refused') return refuse(reply, found);
      // Whose a record is that was never rated nobody knows.
      if (own !== null && found.calls.length === 0) refuseAsAbsent();
      return {
        v: 1,
        call,
        timeZone: found.timeZone,
        calls: found.calls.map(explainJson),
        quarantine: own === null ? found.records : [],
        legs: own === null ? found.legs : [],
      };
    },
  );
}
