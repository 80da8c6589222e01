import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Database } from '../../ledger/index.ts';
import { type ConsumerLag, forgetConsumer, listConsumers, reportConsumer } from '../../services/index.ts';
import { holderOf, refuseAsAbsent } from '../authorise.ts';
import { once } from '../once.ts';
import { refuse } from '../refuse.ts';
import { instant, instantText, problems } from '../schemas.ts';

const name = z.string().min(1).max(100);
const cursor = z.string().min(1).max(2_000);

const consumer = z
  .strictObject({
    name,
    cursor,
    reportedBy: z.string(),
    reportedAt: instant,
    lag: z.int().nullable().meta({ description: 'Entries after its cursor; null: a cursor of another ledger' }),
    asOf: instant,
  })
  .meta({ id: 'Consumer' });

const consumers = z.strictObject({ consumers: z.array(consumer) });
export type Consumers = z.output<typeof consumers>;

/** Programs that read the feed may say how far they are: whoever watches sees when one stops. */
export function addConsumerRoutes(app: FastifyInstance, db: Database): void {
  app.put(
    '/v1/consumers/:name',
    {
      config: { scope: 'usage:read' },
      schema: {
        summary: 'Says how far a reader of the feed is: its lag is shown, and watched',
        params: z.strictObject({ name }),
        body: z.strictObject({ cursor }),
        response: { 200: consumer, ...problems(400, 404, 409) },
      },
    },
    once(db, async (request, reply) => {
      const { id: by, account } = holderOf(request);
      // A lag is that of the whole feed.
      if (account !== null) refuseAsAbsent();
      const asked = { ...(request.params as { name: string }), ...(request.body as { cursor: string }), by };
      const reported = await reportConsumer(db, asked);
      return reported.kind === 'refused' ? refuse(reply, reported) : consumerJson(reported);
    }),
  );
  app.delete(
    '/v1/consumers/:name',
    {
      config: { scope: 'usage:read' },
      schema: {
        summary: 'Forgets a reader that reads the feed no more: it is watched no more; answers how it last was',
        params: z.strictObject({ name }),
        response: { 200: consumer, ...problems(400, 404, 409) },
      },
    },
    once(db, async (request, reply) => {
      if (holderOf(request).account !== null) refuseAsAbsent();
      const forgotten = await forgetConsumer(db, (request.params as { name: string }).name);
      return forgotten.kind === 'refused' ? refuse(reply, forgotten) : consumerJson(forgotten);
    }),
  );
  app.get(
    '/v1/consumers',
    {
      config: { scope: 'usage:read' },
      schema: {
        summary: 'Readers of the feed that report how far they are, and how many entries they have yet to read',
        response: { 200: consumers, ...problems(404) },
      },
    },
    async (request, reply) => {
      if (holderOf(request).account !== null) refuseAsAbsent();
      return reply.send({ consumers: (await listConsumers(db)).map(consumerJson) });
    },
  );
}

function consumerJson({ name: of, cursor: at, reportedBy, reportedAt, lag, asOf }: ConsumerLag) {
  return { name: of, cursor: at, reportedBy, reportedAt: instantText(reportedAt), lag, asOf: instantText(asOf) };
}
