import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type LedgerAccess, accountOfCase, patternJson, showPattern } from '../../services/index.ts';
import { holderOf, refuseAsAbsent } from '../authorise.ts';
import { refuse } from '../refuse.ts';
import { id, instant, money, period, problems } from '../schemas.ts';

const count = z.int().min(0);
const weekHour = z.strictObject({
  weekday: z.int().min(0).max(6).meta({ description: '0 is Monday' }),
  hour: z.int().min(0).max(23),
  calls: count,
  billedSeconds: count,
});
const run = z.strictObject({ from: z.string(), to: z.string(), numbers: count, calls: count });
const call = z.strictObject({
  callId: z.string(),
  startedAt: instant,
  day: z.iso.date(),
  minute: z.int().min(0).max(1439).meta({ description: 'Minute of the day by the local clock' }),
  durationMs: z.number().min(0),
  number: z.string(),
  destination: z.string(),
  coverage: z.enum(['included', 'metered', 'free']),
  meteredPrice: money,
  isForwarded: z.boolean(),
  isForeign: z.boolean().meta({ description: 'From a device and a network that are neither of the line' }),
});

const pattern = z
  .strictObject({
    v: z.literal(1),
    period,
    timeZone: z.string(),
    numbersCalled: count,
    week: z.array(weekHour),
    usualWeek: z.array(weekHour).meta({ description: 'Of all earlier months together' }),
    usualMonths: count.meta({ description: 'How many earlier months, at most three' }),
    earlier: z.array(
      z.strictObject({
        period,
        days: z.array(z.strictObject({ day: z.int().min(1).max(31), distinctNumbers: count })),
      }),
    ),
    calls: z.array(call).meta({ description: 'In order of start; the first 3000 of the month' }),
    callsInMonth: count,
    runs: z.array(run).meta({ description: 'Numbers that follow one another, longest first' }),
    blocks: z.array(run).meta({ description: 'Blocks of 1,000 numbers, most numbers first' }),
  })
  .meta({ id: 'CasePattern' });

export type CasePattern = z.output<typeof pattern>;

const path = z.strictObject({ line: id, period });

/** What the charts of a case are drawn from. */
export function addCasePatternRoute(app: FastifyInstance, ledger: LedgerAccess): void {
  app.get(
    '/v1/cases/:line/:period/pattern',
    {
      config: { scope: 'cases:read' },
      schema: {
        summary: 'How the line calls: by hour of the week, call by call, runs of numbers, and its months before',
        params: path,
        response: { 200: pattern, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { line, period: month } = request.params as z.output<typeof path>;
      const { account } = holderOf(request);
      if (account !== null) {
        if ((await accountOfCase(ledger.db, { line, period: month })) !== account) refuseAsAbsent();
      }
      const shown = await showPattern(ledger, { line, period: month });
      if (shown.kind === 'refused') return refuse(reply, shown);
      return patternJson(shown);
    },
  );
}
