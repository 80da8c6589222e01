import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import {
  accountOfCase,
  type CaseRequest,
  caseJson,
  casesJson,
  countCases,
  decideCase,
  type EachCase,
  everyCase,
  type FindRequest,
  isoInstant,
  type LedgerAccess,
  monthCalls,
  outcomeJson,
  pageOfCases,
  plainMoney,
  showCase,
  showPeriod,
  undoDecision,
} from '../../services/index.ts';
import { holderOf, refuseAsAbsent, refuseOthers } from '../authorise.ts';
import { CSV, type Cell, csvRows, wantsCsv } from '../csv.ts';
import { once } from '../once.ts';
import { readInstant } from '../read-instant.ts';
import { refuse } from '../refuse.ts';
import { currency, givenInstant, id, instant, money, orCsv, period, problems } from '../schemas.ts';
import { effect, shownCase } from './shown-case.ts';

const cursor = z.string().min(1).max(200);
const version = z.literal(1);

export const filterText = z
  .string()
  .max(2_000)
  .meta({
    description:
      'Words that must all hold: state, period, condition, account, line, money, calls, assignee, snoozed, since, due. ' +
      'Several values are separated by commas; `-` before a word means its opposite; what has no colon is looked for; with digits that needs numbers:read.',
    example: 'state:open money:>50 condition:distinct-numbers assignee:me due:<3d',
  });

const filterQuery = { filter: filterText.default('state:open') };
const casesQuery = z.strictObject({
  ...filterQuery,
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  after: cursor.optional(),
  charged: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'As CSV also what cases with nothing at stake have charged: every month is read for it' }),
});

const farOver = z.strictObject({
  condition: id,
  measure: z.enum(['numbers', 'minutes', 'per-mille', 'calls', 'hours']),
  value: z.number(),
  most: z.number(),
});
const listedCase = z
  .strictObject({
    line: id,
    account: id,
    accountName: z.string(),
    period,
    state: z.enum(['open', 'decided', 'withdrawn']),
    conditions: z.array(z.string()),
    over: z.array(farOver).meta({ description: 'How far over each limit; a condition that one call breaks has none' }),
    since: instant.nullable(),
    atStakeCalls: z.int().min(0),
    atStake: money,
    charged: z
      .strictObject({ calls: z.int().min(0), charge: money })
      .nullable()
      .meta({
        description: 'Where nothing is at stake: what is charged already because of its conditions; else null',
      }),
    assignee: z.string().nullable(),
    snoozedUntil: instant.nullable(),
  })
  .meta({ id: 'ListedCase' });

const casePage = z
  .strictObject({ v: version, timeZone: z.string(), currency, cases: z.array(listedCase), next: cursor.nullable() })
  .meta({ id: 'CasePage' });

const caseCount = z
  .strictObject({ v: version, currency, cases: z.int(), atStakeCalls: z.int(), atStake: money })
  .meta({ id: 'CaseCount' });

export type CasePage = z.output<typeof casePage>;
export type ListedCase = z.output<typeof listedCase>;
export type CaseCount = z.output<typeof caseCount>;

export const casePath = z.strictObject({ line: id, period });
const caseQuery = z.strictObject({
  numbers: z.coerce.number().int().min(0).max(99_999).default(20),
  everywhere: z.enum(['true', 'false']).default('false'),
});
const note = z.string().max(10_000).meta({ description: 'Why: it is kept for good' });
const decision = z.strictObject({
  condition: id,
  decision: z.enum(['confirm', 'dismiss', 'reinstate', 'reopen']),
  note,
  at: z.string().max(60).optional().meta({ description: 'From when on a reinstated line is included again; now' }),
  preview: z.string().max(2_000).optional().meta({
    description: 'The id of the dry run that was seen: the decision is refused where it would change something else',
  }),
  dryRun: z.boolean().default(false),
});
const undo = z.strictObject({
  condition: id,
  note,
  undoes: givenInstant.optional().meta({
    description: 'The `effectiveAt` of the decision that is to be undone: 409 where another came after it',
  }),
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
    preview: z.strictObject({ id: z.string(), position: z.string() }).optional(),
  })
  .meta({ id: 'DecisionOutcome' });

export type DecisionBody = z.input<typeof decision>;
export type UndoBody = z.input<typeof undo>;
export type DecisionOutcome = z.output<typeof outcome>;

/** The analysts' way in: cases by money at stake, all there is to see of one, decisions. */
export function addCaseRoutes(app: FastifyInstance, ledger: LedgerAccess): void {
  app.get(
    '/v1/cases',
    {
      config: { scope: 'cases:read' },
      schema: {
        summary: 'Cases by the money at stake, most first',
        description: 'As `text/csv` (header `Accept`) all of them come at once, without a limit.',
        querystring: casesQuery,
        response: { 200: orCsv(casePage, 'A row a case, with a header'), ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { filter, limit, after, charged } = request.query as z.output<typeof casesQuery>;
      const asked = { filter, me: holderOf(request).name, account: holderOf(request).account };
      if (wantsCsv(request.headers.accept)) return casesAsCsv(reply, ledger, asked, charged === 'true');
      const page = await pageOfCases(ledger, asked, { limit, after });
      return page.kind === 'refused' ? refuse(reply, page) : casesJson(page);
    },
  );
  app.get(
    '/v1/cases/count',
    {
      config: { scope: 'cases:read' },
      schema: {
        summary: 'How many cases a filter asks for, and what is at stake on them together',
        querystring: z.strictObject(filterQuery),
        response: { 200: caseCount, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { filter } = request.query as { filter: string };
      const asked = { filter, me: holderOf(request).name, account: holderOf(request).account };
      const counted = await countCases(ledger, asked);
      if (counted.kind === 'refused') return refuse(reply, counted);
      const { cases, atStakeCalls, atStake, currency: of } = counted;
      return { v: 1, currency: of, cases, atStakeCalls, atStake: plainMoney(atStake) };
    },
  );
  app.get(
    '/v1/cases/:line/:period',
    {
      config: { scope: 'cases:read' },
      schema: {
        summary: 'All that there is to see of a case before it is decided on',
        description: 'As `text/csv` (header `Accept`): every call of the month, which is the evidence.',
        params: casePath,
        querystring: caseQuery,
        response: { 200: orCsv(shownCase, 'A row a call, with a header'), ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { line, period: month } = request.params as z.output<typeof casePath>;
      const { numbers, everywhere } = request.query as z.output<typeof caseQuery>;
      const isOfAll = everywhere === 'true' && holderOf(request).account === null;
      const asked: CaseRequest = { line, period: month, numbers: String(numbers), everywhere: isOfAll };
      const shown = await showCase(ledger, asked);
      if (shown.kind === 'refused') return refuse(reply, shown);
      refuseOthers(request, shown.summary.account);
      if (wantsCsv(request.headers.accept)) return callsAsCsv(reply, ledger, { line, period: month });
      return caseJson(shown);
    },
  );
  app.post(
    '/v1/cases/:line/:period/decisions',
    {
      config: { scope: 'cases:decide' },
      schema: {
        summary: 'Decides on a condition that the line broke, or says what a decision would change',
        description: 'A dry run answers with the id of a preview: name it, and what was seen is what is decided.',
        params: casePath,
        body: decision,
        response: { 200: outcome, ...problems(400, 404, 409) },
      },
    },
    once(ledger.db, async (request, reply, keep) => {
      const { line, period: month } = request.params as z.output<typeof casePath>;
      const { decision: kind, ...said } = request.body as z.output<typeof decision>;
      const { name, account } = holderOf(request);
      if (account !== null && (await accountOfCase(ledger.db, { line, period: month })) !== account) refuseAsAbsent();
      const asked = { line, period: month, kind, ...said, by: name };
      const decided = await decideCase(ledger, asked, { onKept: (tx, made) => keep(tx, outcomeJson(made)) });
      return decided.kind === 'refused' ? refuse(reply, decided) : outcomeJson(decided);
    }),
  );
  app.post(
    '/v1/cases/:line/:period/undo',
    {
      config: { scope: 'cases:decide' },
      schema: {
        summary: 'Undoes the last verdict on a condition, by a decision that reverses it',
        params: casePath,
        body: undo,
        response: { 200: outcome, ...problems(400, 404, 409) },
      },
    },
    once(ledger.db, async (request, reply, keep) => {
      const { line, period: month } = request.params as z.output<typeof casePath>;
      const { name, account } = holderOf(request);
      if (account !== null && (await accountOfCase(ledger.db, { line, period: month })) !== account) refuseAsAbsent();
      const { undoes, ...said } = request.body as z.output<typeof undo>;
      const at = undoes === undefined ? undefined : await readInstant(ledger.db, undoes);
      const asked = { line, period: month, undoes: at, ...said, by: name };
      const undone = await undoDecision(ledger, asked, { onKept: (tx, made) => keep(tx, outcomeJson(made)) });
      return undone.kind === 'refused' ? refuse(reply, undone) : outcomeJson(undone);
    }),
  );
}

const CASE_COLUMNS = [
  'line',
  'account',
  'account_name',
  'period',
  'state',
  'conditions',
  'since',
  'calls_at_stake',
  'at_stake',
  'assignee',
  'snoozed_until',
] as const;

const CHARGED_COLUMNS = ['charged_calls', 'charged'] as const;

async function casesAsCsv(
  reply: FastifyReply,
  ledger: LedgerAccess,
  asked: FindRequest,
  withCharged: boolean,
): Promise<FastifyReply> {
  const pages = everyCase(ledger, asked, withCharged);
  // What is refused is refused at the first page, before anything is sent.
  const first = await pages.next();
  if (first.done !== true && 'code' in first.value) return refuse(reply, first.value);
  const texts = async function* (): AsyncGenerator<string> {
    yield csvRows([withCharged ? [...CASE_COLUMNS, ...CHARGED_COLUMNS] : CASE_COLUMNS]);
    for (let page = first; page.done !== true; page = await pages.next()) {
      if ('code' in page.value) throw new Error(`Cannot go on with the cases: ${page.value.code}`);
      yield csvRows(
        page.value.map((each): Cell[] => [
          each.line,
          each.account,
          each.accountName,
          showPeriod(each.period),
          each.state,
          each.conditions.join(' '),
          each.since === null ? null : isoInstant(each.since),
          each.atStakeCalls,
          plainMoney(each.atStake),
          each.assignee,
          each.snoozedUntil === null ? null : isoInstant(each.snoozedUntil),
          ...(withCharged ? chargedCells(each) : []),
        ]),
      );
    }
  };
  return reply.type(CSV).send(Readable.from(texts()));
}

function chargedCells({ charged }: EachCase): Cell[] {
  return charged === null || charged === undefined ? [null, null] : [charged.calls, plainMoney(charged.charge)];
}

const CALL_COLUMNS = [
  'call',
  'switch',
  'started_at',
  'duration_ms',
  'number',
  'destination',
  'coverage',
  'reason',
  'billed_seconds',
  'charge',
  'metered_price',
  'user_agent',
  'source_ip',
] as const;

export async function callsAsCsv(
  reply: FastifyReply,
  ledger: LedgerAccess,
  key: { readonly line: string; readonly period: string },
): Promise<FastifyReply> {
  const read = await monthCalls(ledger, key);
  if (read.kind === 'refused') return refuse(reply, read);
  const rows = read.calls.map((call): Cell[] => [
    call.call,
    call.switch,
    isoInstant(call.startedAt),
    call.durationMs,
    call.number,
    call.destination,
    call.coverage,
    call.reason,
    call.billedSeconds,
    plainMoney(call.charge),
    plainMoney(call.meteredPrice),
    call.userAgent,
    call.sourceIp,
  ]);
  return reply.type(CSV).send(csvRows([CALL_COLUMNS, ...rows]));
}
