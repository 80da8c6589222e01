import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  type LedgerAccess,
  listPeriods,
  moneyJson,
  movePeriod,
  periodJson,
  readMoneyAsOf,
  reportJson,
  reportPeriod,
  showPeriod,
} from '../../services/index.ts';
import { holderOf, refuseKeysOfAccounts } from '../authorise.ts';
import { once } from '../once.ts';
import { refuse } from '../refuse.ts';
import { currency, period, problems } from '../schemas.ts';

const version = z.literal(1);
const state = z.enum(['open', 'closing', 'closed']);
const reportQuery = z.strictObject({
  asOf: z.string().max(60).optional().meta({
    description: 'The money by day and line, by what was posted up to a day or instant',
  }),
});
const move = z.strictObject({
  to: state,
  note: z.string().max(10_000).meta({ description: 'Why: it is kept for good' }),
  despiteQuarantine: z.boolean().default(false),
});

/** Months: their reports, and their states as bills. */
export function addMonthRoutes(app: FastifyInstance, ledger: LedgerAccess): void {
  app.get(
    '/v1/reports/:period',
    {
      config: { scope: 'reports:read' },
      schema: {
        summary: 'What a month comes to, and which lines are over their conditions; or its money as of an instant',
        params: z.strictObject({ period }),
        querystring: reportQuery,
        response: {
          200: z.looseObject({ v: version, period, timeZone: z.string(), currency }).meta({ id: 'Report' }),
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      refuseKeysOfAccounts(request);
      const { period: month } = request.params as { period: string };
      const { asOf } = request.query as z.output<typeof reportQuery>;
      if (asOf !== undefined) {
        const money = await readMoneyAsOf(ledger, month, asOf);
        return money.kind === 'refused' ? refuse(reply, money) : moneyJson(money);
      }
      const report = await reportPeriod(ledger, month);
      return report.kind === 'refused' ? refuse(reply, report) : reportJson(report.report);
    },
  );
  app.get(
    '/v1/periods',
    {
      config: { scope: 'reports:read' },
      schema: {
        summary: 'The months of bills: what each is, and who made it so',
        response: {
          200: z
            .strictObject({
              v: version,
              timeZone: z.string(),
              periods: z.array(z.looseObject({ period, state, hasEntries: z.boolean() })),
            })
            .meta({ id: 'PeriodList' }),
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      refuseKeysOfAccounts(request);
      const { timeZone, periods } = await listPeriods(ledger);
      return reply.send({ v: 1, timeZone, periods: periods.map(periodJson) });
    },
  );
  app.post(
    '/v1/periods/:period/moves',
    {
      config: { scope: 'periods:write' },
      schema: {
        summary: 'Moves a month of bills: to closing, back to open, or to closed for good',
        params: z.strictObject({ period }),
        body: move,
        response: {
          200: z
            .strictObject({
              v: version,
              period,
              from: state,
              to: state,
              waiting: z.array(z.strictObject({ reason: z.string(), records: z.int() })),
            })
            .meta({ id: 'MovedPeriod' }),
          ...problems(400, 404, 409),
        },
      },
    },
    once(ledger.db, async (request, reply) => {
      refuseKeysOfAccounts(request);
      const { period: month } = request.params as { period: string };
      const asked = { period: month, ...(request.body as z.output<typeof move>), by: holderOf(request).name };
      const moved = await movePeriod(ledger, asked);
      if (moved.kind === 'refused') return refuse(reply, moved);
      return { v: 1, period: showPeriod(moved.period), from: moved.from, to: moved.to, waiting: moved.waiting };
    }),
  );
}
