import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type Queryable,
  type WebhookDelivery,
  type WebhookEndpoint,
  listDeliveries,
  readWebhookEndpoints,
} from '../../ledger/index.ts';
import {
  type LedgerReading,
  WEBHOOK_EVENTS,
  type WebhookSettings,
  createWebhook,
  findWebhook,
  findWebhookEvent,
  periodText,
  replayWebhook,
  rotateWebhookSecret,
  showWebhookSecret,
  switchWebhook,
  webhookId,
} from '../../services/index.ts';
import { holderOf, refuseAsAbsent, refuseOthers } from '../authorise.ts';
import { NotLetInError } from '../not-let-in.ts';
import { onceInTransaction } from '../once.ts';
import { type FieldProblem, httpProblem } from '../problem.ts';
import { readInstant } from '../read-instant.ts';
import { refuse } from '../refuse.ts';
import { givenInstant, id, instant, instantText, period, problems } from '../schemas.ts';

const eventType = z.enum(WEBHOOK_EVENTS);
const eventId = z
  .string()
  .regex(/^\d{1,2}-\d{1,18}$/, `it is no id of an event such as '12-345'`)
  .meta({ description: 'The id of an event, as deliveries have it', example: '12-345' });
const path = z.strictObject({ id: z.string().min(1).max(20) });

const newWebhook = z.strictObject({
  url: z.string().min(1).max(2_000).meta({ description: 'https, at an address of the open internet' }),
  events: z.array(eventType).min(1).max(20),
  scheme: z.enum(['hmac', 'ed25519']).default('hmac'),
});

const webhookFields = {
  id,
  url: z.string(),
  events: z.array(eventType),
  account: id.nullable(),
  scheme: z.enum(['hmac', 'ed25519']),
  createdBy: z.string(),
  createdAt: instant,
  rotatedAt: instant.nullable(),
  disabledAt: instant.nullable(),
  disabledWhy: z.string().nullable(),
};
const webhook = z.strictObject(webhookFields).meta({ id: 'Webhook' });
const secret = z
  .strictObject({
    secret: z.string().meta({ description: `'whsec_…', to be kept secret, or the public key 'whpk_…'` }),
  })
  .meta({ id: 'WebhookSecret' });

const delivery = z
  .strictObject({
    event: eventId,
    type: eventType,
    happenedAt: instant,
    state: z.enum(['waiting', 'delivered', 'failed', 'given-up']),
    attempts: z.int().min(0),
    status: z.int().nullable().meta({ description: 'The HTTP status of the last answer' }),
    fault: z.string().nullable().meta({ description: 'Why there was no answer, as a code' }),
    triedAt: instant.nullable(),
    nextAt: instant.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });
const deliveriesQuery = z.strictObject({
  state: z.enum(['waiting', 'delivered', 'failed', 'given-up']).optional(),
  before: z.coerce.number().int().min(1).max(9_000_000_000_000_000).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
const deliveryPage = z
  .strictObject({ deliveries: z.array(delivery), before: z.int().nullable() })
  .meta({ id: 'WebhookDeliveryPage' });

const replay = z.strictObject({ from: givenInstant, to: givenInstant });

const event = z
  .strictObject({
    event: eventId,
    type: eventType,
    happenedAt: instant,
    account: id,
    line: id,
    period: period.nullable(),
  })
  .meta({ id: 'Event' });

/** What endpoints are called: letters and digits at random. */
const OURS = ['id', 'webhooks/id'];

/** Who is told of events by HTTP, what became of that, and what the events were. */
export function addWebhookRoutes(app: FastifyInstance, { db }: LedgerReading, settings: WebhookSettings | null): void {
  const reads = { config: { scope: 'webhooks:read', ours: OURS } } as const;
  const writes = { config: { scope: 'webhooks:write', ours: OURS } } as const;
  /** A key of one account sees the endpoints of that account. */
  const sought = async (request: FastifyRequest, q: Queryable = db): ReturnType<typeof findWebhook> => {
    const { id: asked } = request.params as z.output<typeof path>;
    const found = await findWebhook(q, asked);
    const { account } = holderOf(request);
    if (found.kind === 'webhook' && account !== null && found.endpoint.account !== account) refuseAsAbsent();
    return found;
  };

  app.get(
    '/v1/webhooks',
    {
      ...reads,
      schema: {
        summary: 'Who is told of events',
        response: { 200: z.strictObject({ webhooks: z.array(webhook) }), ...problems() },
      },
    },
    async (request, reply) => {
      const { account } = holderOf(request);
      const all = await readWebhookEndpoints(db);
      const own = all.filter((each) => account === null || each.account === account);
      return reply.send({ webhooks: own.map(webhookJson) });
    },
  );
  app.post(
    '/v1/webhooks',
    {
      ...writes,
      schema: {
        summary: 'Has events told from now on, as Standard Webhooks 1.0.0 has it',
        description: 'Deliveries say that something happened, and nothing of whom: ask for the event by its id.',
        body: newWebhook,
        response: { 201: webhook, ...problems(400, 409) },
      },
    },
    onceInTransaction(db, async (request, reply, tx) => {
      const { name, account } = holderOf(request);
      const asked = request.body as z.output<typeof newWebhook>;
      const made = await createWebhook(tx, settings, { ...asked, account: account ?? undefined, by: name });
      if (made.kind === 'refused') return refuse(reply, made);
      void reply.code(201);
      return webhookJson(made.endpoint);
    }),
  );
  app.patch(
    '/v1/webhooks/:id',
    {
      ...writes,
      schema: {
        summary: 'Stops telling, or goes on: then what happened meanwhile is told',
        params: path,
        body: z.strictObject({ disabled: z.boolean() }),
        response: { 200: webhook, ...problems(400, 404) },
      },
    },
    onceInTransaction(db, async (request, reply, tx) => {
      const found = await sought(request, tx);
      if (found.kind === 'refused') return refuse(reply, found);
      const { disabled } = request.body as { disabled: boolean };
      const changed = await switchWebhook(tx, found.endpoint.id, { disabled, by: holderOf(request).name });
      return changed.kind === 'refused' ? refuse(reply, changed) : webhookJson(changed.endpoint);
    }),
  );
  app.post(
    '/v1/webhooks/:id/rotations',
    {
      ...writes,
      schema: {
        summary: 'Gives it another secret; for a day both sign',
        params: path,
        response: { 200: webhook, ...problems(400, 404, 409) },
      },
    },
    onceInTransaction(db, async (request, reply, tx) => {
      const found = await sought(request, tx);
      if (found.kind === 'refused') return refuse(reply, found);
      const made = await rotateWebhookSecret(tx, settings, found.endpoint.id);
      return made.kind === 'refused' ? refuse(reply, made) : webhookJson(made.endpoint);
    }),
  );
  app.get(
    '/v1/webhooks/:id/secret',
    {
      ...writes,
      schema: {
        summary: 'What deliveries are checked with',
        params: path,
        response: { 200: secret, ...problems(400, 404, 409) },
      },
    },
    async (request, reply) => {
      const found = await sought(request);
      if (found.kind === 'refused') return refuse(reply, found);
      const shown = showWebhookSecret(settings, found.endpoint);
      return shown.kind === 'refused' ? refuse(reply, shown) : { secret: shown.secret };
    },
  );
  app.get(
    '/v1/webhooks/:id/deliveries',
    {
      ...reads,
      schema: {
        summary: 'What was told, newest first, and what became of it',
        params: path,
        querystring: deliveriesQuery,
        response: { 200: deliveryPage, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const found = await sought(request);
      if (found.kind === 'refused') return refuse(reply, found);
      const { state = null, before = null, limit } = request.query as z.output<typeof deliveriesQuery>;
      const listed = await listDeliveries(db, found.endpoint.id, { state, before, limit });
      return {
        deliveries: listed.map(deliveryJson),
        before: listed.length < limit ? null : (listed.at(-1)?.event ?? null),
      };
    },
  );
  app.post(
    '/v1/webhooks/:id/replays',
    {
      ...writes,
      schema: {
        summary: 'Has the events of a span of time told anew',
        params: path,
        body: replay,
        response: { 200: z.strictObject({ deliveries: z.int().min(0) }), ...problems(400, 404) },
      },
    },
    onceInTransaction(db, async (request, reply, tx) => {
      const found = await sought(request, tx);
      if (found.kind === 'refused') return refuse(reply, found);
      const { from, to } = request.body as z.output<typeof replay>;
      const span = { from: await readInstant(tx, from), to: await readInstant(tx, to) };
      if (span.to < span.from) throw new NotLetInError(httpProblem('invalid-request', WRONG_SPAN, [backwards(to)]));
      const told = await replayWebhook(tx, found.endpoint.id, span);
      return told.kind === 'refused' ? refuse(reply, told) : { deliveries: told.deliveries };
    }),
  );
  app.get(
    '/v1/events/:event',
    {
      config: { scope: 'cases:read' },
      schema: {
        summary: 'What a delivery told of',
        params: z.strictObject({ event: eventId }),
        response: { 200: event, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { event: asked } = request.params as { event: string };
      const found = await findWebhookEvent(db, asked);
      if (found.kind === 'refused') return refuse(reply, found);
      const { type, account, line, period: month, happenedAt } = found.event;
      refuseOthers(request, account);
      const when = { happenedAt: instantText(happenedAt), period: month === null ? null : periodText(month) };
      return { event: asked, type, account, line, ...when };
    },
  );
}

const WRONG_SPAN = 'Fields or parameters are wrong: see errors';

function backwards(to: string): FieldProblem {
  return { code: 'invalid-value', detail: `Cannot use '${to}' as to: it is before from`, pointer: '/to' };
}

function deliveryJson(told: WebhookDelivery): object {
  const { type, state, attempts, status, fault, happenedAt, triedAt, nextAt } = told;
  return {
    event: webhookId(told),
    type,
    happenedAt: instantText(happenedAt),
    state,
    attempts,
    status,
    fault,
    triedAt: textOrNull(triedAt),
    nextAt: textOrNull(nextAt),
  };
}

function webhookJson(endpoint: WebhookEndpoint): object {
  const { id: own, url, events, account, scheme, createdBy, createdAt, rotatedAt, disabledAt, disabledWhy } = endpoint;
  return {
    id: own,
    url,
    events,
    account,
    scheme,
    createdBy,
    createdAt: instantText(createdAt),
    rotatedAt: textOrNull(rotatedAt),
    disabledAt: textOrNull(disabledAt),
    disabledWhy,
  };
}

function textOrNull(ms: number | null): string | null {
  return ms === null ? null : instantText(ms);
}
