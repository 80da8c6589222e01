import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { SavedView } from '../../ledger/index.ts';
import { type LedgerReading, type ViewOwner, forgetView, keepView, listViews } from '../../services/index.ts';
import { holderOf, refuseKeysOfAccounts } from '../authorise.ts';
import { NotLetInError } from '../not-let-in.ts';
import { onceInTransaction } from '../once.ts';
import { httpProblem } from '../problem.ts';
import { refuse } from '../refuse.ts';
import { instant, instantText, problems } from '../schemas.ts';
import { filterText } from './cases.ts';

const version = z.literal(1);
const no = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

const view = z
  .strictObject({
    no,
    name: z.string(),
    filter: z.string(),
    isShared: z.boolean().meta({ description: 'Whether everybody sees it' }),
    owner: z.string(),
    isOwn: z.boolean(),
    keptAt: instant,
  })
  .meta({ id: 'SavedView' });
const views = z.strictObject({ v: version, views: z.array(view) }).meta({ id: 'SavedViews' });

const newView = z.strictObject({
  name: z.string().max(200).meta({ description: 'What it is called; one of yours that is called so is replaced' }),
  filter: filterText.meta({ description: 'As GET /v1/cases takes it; `assignee:me` is whoever looks' }),
  isShared: z.boolean().default(false).meta({ description: 'For everybody: that needs cases:decide' }),
});
const viewPath = z.strictObject({ no: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });
const forgotten = z.strictObject({ v: version, no }).meta({ id: 'ForgottenView' });

export type SavedViews = z.output<typeof views>;
export type NewViewBody = z.input<typeof newView>;

/** Filters of the queue with names: one's own, and the team's. They belong to a name, as cases do that one has. */
export function addViewRoutes(app: FastifyInstance, { db }: LedgerReading): void {
  app.get(
    '/v1/views',
    {
      // It says nothing of cases: who reads those is on record.
      config: { scope: 'cases:read', audit: 'none' },
      schema: {
        summary: `One's saved views of the queue, and the shared ones`,
        response: { 200: views, ...problems() },
      },
    },
    async (request, reply) => {
      refuseKeysOfAccounts(request);
      const who = ownerOf(request);
      return reply.send({ v: 1, views: (await listViews(db, who)).map((each) => viewJson(each, who)) });
    },
  );
  app.post(
    '/v1/views',
    {
      config: { scope: 'cases:read', audit: 'change' },
      schema: {
        summary: 'Keeps a view of the queue, for oneself or for everybody',
        body: newView,
        response: { 200: view, ...problems(400, 404, 409) },
      },
    },
    onceInTransaction(db, async (request, reply, tx) => {
      refuseKeysOfAccounts(request);
      const asked = request.body as z.output<typeof newView>;
      const who = ownerOf(request);
      if (asked.isShared && !who.mayShare) {
        const detail = `Key '${holderOf(request).id}' does not allow 'cases:decide': it can't share views`;
        throw new NotLetInError(httpProblem('forbidden', detail));
      }
      const done = await keepView(tx, asked, who);
      return done.kind === 'refused' ? refuse(reply, done) : viewJson(done.view, who);
    }),
  );
  app.delete(
    '/v1/views/:no',
    {
      config: { scope: 'cases:read', audit: 'change' },
      schema: {
        summary: 'Forgets a view: one of yours, or with cases:decide one that is shared',
        params: viewPath,
        response: { 200: forgotten, ...problems(400, 404, 409) },
      },
    },
    onceInTransaction(db, async (request, reply, tx) => {
      refuseKeysOfAccounts(request);
      const { no: asked } = request.params as z.output<typeof viewPath>;
      const done = await forgetView(tx, asked, ownerOf(request));
      return done.kind === 'refused' ? refuse(reply, done) : { v: 1, no: asked };
    }),
  );
}

function ownerOf(request: FastifyRequest): ViewOwner {
  const { name, scopes } = holderOf(request);
  return { name, mayShare: scopes.has('cases:decide') };
}

function viewJson({ keptAt, ...said }: SavedView, who: ViewOwner): z.output<typeof view> {
  return { ...said, isOwn: said.owner === who.name, keptAt: instantText(keptAt) };
}
