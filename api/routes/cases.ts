import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  type CaseRequest,
  type LedgerAccess,
  caseJson,
  casesJson,
  decideCase,
  listCases,
  outcomeJson,
  showCase,
} from '../../services/index.ts';
import { holderOf, refuseAsAbsent, refuseOthers } from '../authorise.ts';
import { refuse } from '../refuse.ts';
import { currency, id, instant, money, period, problems } from '../schemas.ts';
import { effect, shownCase } from './shown-case.ts';

const cursor = z.string().min(1).max(200);
const version = z.literal(1);

const casesQuery = z.strictObject({
  state: z.enum(['open', 'decided', 'withdrawn', 'all']).default('open'),
  period: period.optional(),
  condition: id.optional(),
  account: id.optional(),
  line: id.optional(),
  minMoney: z
    .string()
    .regex(/^\d{1,12}(\.\d{1,6})?$/)
    .optional()
    .meta({ description: 'At least so much at stake', example: '12.50' }),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  after: cursor.optional(),
});

const listedCase = z
  .strictObject({
    line: id,
    account: id,
    accountName: z.string(),
    period,
    state: z.enum(['open', 'decided', 'withdrawn']),
    conditions: z.array(z.string()),
    since: instant.nullable(),
    atStakeCalls: z.int().min(0),
    atStake: money,
  })
  .meta({ id: 'ListedCase' });

const casePage = z
  .strictObject({ v: version, timeZone: z.string(), currency, cases: z.array(listedCase), next: cursor.nullable() })
  .meta({ id: 'CasePage' });

export type CasePage = z.output<typeof casePage>;
export type ListedCase = z.output<typeof listedCase>;

const casePath = z.strictObject({ line: id, period });
const caseQuery = z.strictObject({
  numbers: z.coerce.number().int().min(0).max(99_999).default(20),
  everywhere: z.enum(['true', 'false']).default('false'),
});
const decision = z.strictObject({
  condition: id,
  decision: z.enum(['confirm', 'dismiss', 'reinstate']),
  note: z.string().max(10_000).meta({ description: 'Why: it is kept for good' }),
  at: z.string().max(60).optional().meta({ description: 'From when on a reinstated line is included again; now' }),
  dryRun: z.boolean().default(false),
});

const outcome = z
  .strictObject({
    v: version,
    line: id,
    period,
    condition: id,
    decision: z.string(),
    effectiveAt: instant,
    isKept: z.boolean(),
    unchanged: z.string().optional(),
    effect: effect.optional(),
    stillHeldBy: z.array(period).optional(),
  })
  .meta({ id: 'DecisionOutcome' });

export type DecisionBody = z.input<typeof decision>;
export type DecisionOutcome = z.output<typeof outcome>;

/** The analysts' way in: cases by money at stake, all there is to see of one, decisions. */
export function addCaseRoutes(app: FastifyInstance, ledger: LedgerAccess): void {
  app.get(
    '/v1/cases',
    {
      config: { scope: 'cases:read' },
      schema: {
        summary: 'Cases by the money at stake, most first',
        querystring: casesQuery,
        response: { 200: casePage, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { limit, ...asked } = request.query as z.output<typeof casesQuery>;
      const { account } = holderOf(request);
      const listed = await listCases(ledger, {
        ...asked,
        limit: String(limit),
        ...(account === null ? {} : { account }),
      });
      return listed.kind === 'refused' ? refuse(reply, listed) : casesJson(listed);
    },
  );
  app.get(
    '/v1/cases/:line/:period',
    {
      config: { scope: 'cases:read' },
      schema: {
        summary: 'All that there is to see of a case before it is decided on',
        params: casePath,
        querystring: caseQuery,
        response: { 200: shownCase, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { line, period: month } = request.params as z.output<typeof casePath>;
      const { numbers, everywhere } = request.query as z.output<typeof caseQuery>;
      const asked: CaseRequest = { line, period: month, numbers: String(numbers), everywhere: everywhere === 'true' };
      const shown = await showCase(ledger, asked);
      if (shown.kind === 'refused') return refuse(reply, shown);
      refuseOthers(request, shown.summary.account);
      return caseJson(shown);
    },
  );
  app.post(
    '/v1/cases/:line/:period/decisions',
    {
      config: { scope: 'cases:decide' },
      schema: {
        summary: 'Decides on a condition that the line broke, or says what a decision would change',
        params: casePath,
        body: decision,
        response: { 200: outcome, ...problems(400, 404, 409) },
      },
    },
    async (request, reply) => {
      const { line, period: month } = request.params as z.output<typeof casePath>;
      const { condition, decision: kind, note, at, dryRun } = request.body as z.output<typeof decision>;
      const { name, account } = holderOf(request);
      if (account !== null) {
        const own = await listCases(ledger, { state: 'all', line, period: month, account, limit: '1' });
        if (own.kind === 'refused') return refuse(reply, own);
        if (own.cases.length === 0) refuseAsAbsent();
      }
      const decided = await decideCase(ledger, { line, period: month, condition, kind, note, at, by: name, dryRun });
      return decided.kind === 'refused' ? refuse(reply, decided) : outcomeJson(decided);
    },
  );
}
