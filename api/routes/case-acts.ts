import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  accountOfCase,
  actOnMany,
  actOnManyWithin,
  actWithin,
  type LedgerAccess,
  lineMonthJson,
  manyJson,
  MOST_CASES,
  showLineMonth,
} from '../../services/index.ts';
import { holderOf, refuseAsAbsent, refuseOthers } from '../authorise.ts';
import { wantsCsv } from '../csv.ts';
import { heedsKey, once, onceInTransaction } from '../once.ts';
import { refuse } from '../refuse.ts';
import { currency, id, money, orCsv, period, problems } from '../schemas.ts';
import { callsAsCsv, casePath, filterText } from './cases.ts';

const version = z.literal(1);
const note = z.string().max(10_000);

const assign = z.strictObject({
  kind: z.literal('assign'),
  assignee: z.string().max(100).nullable().meta({ description: `Who has it: 'me', a name; null: nobody` }),
  note: note.optional(),
});
const noted = z.strictObject({ kind: z.literal('note'), note });
const snooze = z.strictObject({
  kind: z.literal('snooze'),
  until: z.string().max(60).nullable().meta({ description: 'A day or an instant to come; null: now' }),
  note: note.optional(),
});
const decide = z.strictObject({
  kind: z.literal('decide'),
  decision: z.enum(['confirm', 'dismiss', 'reopen']),
  condition: id.nullable().default(null).meta({ description: 'null: each condition that is found today' }),
  note,
});

const act = z.discriminatedUnion('kind', [assign, noted, snooze]);
const acted = z.strictObject({ v: version, line: id, period, kind: z.string() }).meta({ id: 'CaseAct' });

const bulk = z
  .strictObject({
    filter: filterText.optional(),
    except: z.array(casePath).max(MOST_CASES).optional().meta({ description: 'Cases of the filter that are left out' }),
    cases: z.array(casePath).min(1).max(MOST_CASES).optional(),
    count: z.int().min(0).meta({ description: 'How many cases that is, as was seen: 409 where it is another number' }),
    act: z.discriminatedUnion('kind', [assign, noted, snooze, decide]),
    dryRun: z.boolean().default(false),
  })
  .refine(({ filter, cases }) => (filter === undefined) !== (cases === undefined), {
    message: 'Say which cases: either `filter` or `cases`',
  })
  .refine(({ filter, except }) => except === undefined || filter !== undefined, {
    message: 'Only of a `filter` can cases be left out',
    path: ['except'],
  })
  .meta({
    oneOf: [
      { required: ['filter'], not: { required: ['cases'] } },
      { required: ['cases'], not: { anyOf: [{ required: ['filter'] }, { required: ['except'] }] } },
    ],
  });

const many = z
  .strictObject({
    v: version,
    currency,
    isKept: z.boolean(),
    cases: z.int(),
    done: z.int(),
    unchanged: z.int(),
    refused: z.int(),
    calls: z.int(),
    charge: money,
    results: z.array(
      z.strictObject({
        line: id,
        period,
        outcome: z.enum(['done', 'unchanged', 'refused']),
        calls: z.int(),
        charge: money,
        errors: z.array(z.strictObject({ code: z.string(), detail: z.string() })),
      }),
    ),
  })
  .meta({ id: 'BulkOutcome' });

const month = z
  .looseObject({ v: version, line: id, account: id, period, timeZone: z.string(), currency })
  .meta({ id: 'LineMonth' });

const monthQuery = z.strictObject({ numbers: z.coerce.number().int().min(0).max(99_999).default(20) });

export type CaseActBody = z.input<typeof act>;
export type BulkBody = z.input<typeof bulk>;
export type BulkOutcome = z.output<typeof many>;

/** What is done to cases beside deciding on one; what a line's month looks like, case or not. */
export function addCaseActRoutes(app: FastifyInstance, ledger: LedgerAccess): void {
  const decideMany = once(ledger.db, async (request, reply) => {
    const { asked, who } = manyOf(request);
    const done = await actOnMany(ledger, asked, who);
    return done.kind === 'refused' ? refuse(reply, done) : manyJson(done);
  });
  const actTogether = onceInTransaction(ledger.db, async (request, reply, tx) => {
    const { asked, who } = manyOf(request);
    const { act: said } = asked;
    if (said.kind === 'decide') throw new Error('Cannot decide on cases in one transaction');
    const done = await actOnManyWithin(tx, { ...asked, act: said }, who);
    return done.kind === 'refused' ? refuse(reply, done) : manyJson(done);
  });
  app.post(
    '/v1/cases/:line/:period/acts',
    {
      config: { scope: 'cases:decide' },
      schema: {
        summary: 'Assigns a case, notes something on it, or snoozes it: its history shows all of that',
        params: casePath,
        body: act,
        response: { 200: acted, ...problems(400, 404) },
      },
    },
    onceInTransaction(ledger.db, async (request, reply, tx) => {
      const key = request.params as z.output<typeof casePath>;
      const { name, account } = holderOf(request);
      if (account !== null && (await accountOfCase(tx, key)) !== account) refuseAsAbsent();
      const body = ofMe(request.body as z.output<typeof act>, name);
      const done = await actWithin(tx, key, body, name);
      return done.kind === 'refused' ? refuse(reply, done) : { v: 1, ...key, kind: body.kind };
    }),
  );
  app.post(
    '/v1/cases/bulk',
    {
      config: { scope: 'cases:decide' },
      schema: {
        summary: 'Does the same to several cases, by a list or by a filter, with a result for each',
        body: bulk,
        response: { 200: many, ...problems(400, 404, 409) },
      },
    },
    // Decisions go through the engine, each a transaction of its own; whatever else is done is one.
    heedsKey((request: FastifyRequest, reply: FastifyReply) => {
      const { act: said } = request.body as z.output<typeof bulk>;
      return said.kind === 'decide' ? decideMany(request, reply) : actTogether(request, reply);
    }),
  );
  app.get(
    '/v1/lines/:line/months/:period',
    {
      config: { scope: 'cases:read' },
      schema: {
        summary: `A line's month: days, hours, destinations, numbers; what the calls came from`,
        description: 'As `text/csv` (header `Accept`): every call of the month.',
        params: casePath,
        querystring: monthQuery,
        response: { 200: orCsv(month, 'A row a call, with a header'), ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const key = request.params as z.output<typeof casePath>;
      const shown = await showLineMonth(ledger, { ...key, ...(request.query as z.output<typeof monthQuery>) });
      if (shown.kind === 'refused') return refuse(reply, shown);
      refuseOthers(request, shown.account);
      return wantsCsv(request.headers.accept) ? callsAsCsv(reply, ledger, key) : lineMonthJson(shown);
    },
  );
}

function manyOf(request: FastifyRequest) {
  const { filter, except = [], cases: keys = [], count, act: said, dryRun } = request.body as z.output<typeof bulk>;
  const { name, account } = holderOf(request);
  const cases = filter === undefined ? { keys } : { filter, except };
  return { asked: { cases, count, act: ofMe(said, name), dryRun }, who: { me: name, account, by: name } };
}

/** `me` is who asks. */
function ofMe<Act extends { readonly kind: string; readonly assignee?: string | null }>(said: Act, name: string): Act {
  return said.assignee === 'me' ? { ...said, assignee: name } : said;
}
