import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type LedgerAccess, quoteCall } from '../../services/index.ts';
import { holderOf } from '../authorise.ts';
import { readInstant } from '../read-instant.ts';
import { refuse } from '../refuse.ts';
import { count, currency, givenInstant, id, instant, money, problems } from '../schemas.ts';

const DEFAULT_SECONDS = 60;
const MOST_SECONDS = 604_800;

const quoteQuery = z.strictObject({
  line: id.meta({ description: 'The line, or a number of it' }),
  number: z.string().min(1).max(60).meta({ description: 'As it would be dialled', example: '+33612345678' }),
  at: givenInstant.optional().meta({
    description:
      'When the call would start; now, where it is left out. A day is its beginning in the zone of the ledger',
  }),
  duration: z.coerce
    .number()
    .int()
    .min(0)
    .max(MOST_SECONDS)
    .default(DEFAULT_SECONDS)
    .meta({ description: 'How long it would last, in seconds' }),
});

const decimal = z.string().regex(/^\d+\.\d{6,9}$/);

const quote = z
  .strictObject({
    line: id,
    account: id,
    number: z.strictObject({ e164: z.string().nullable(), shown: z.string() }),
    destination: z.string(),
    destinationClass: z.string(),
    at: instant,
    durationSeconds: count,
    coverage: z.enum(['included', 'metered', 'free']),
    reason: z.string(),
    why: z.string(),
    offer: id.nullable(),
    currency,
    pricePerMinute: decimal,
    connectionCharge: decimal,
    billedSeconds: count,
    meteredPrice: money,
    price: money.meta({ description: 'What is charged, as things stand' }),
    distinctNumbers: z.strictObject({
      used: count,
      limit: count.nullable(),
      left: count.nullable(),
      isNew: z.boolean(),
    }),
    validUntil: instant.meta({ description: 'Until when this is true if nothing else happens' }),
    asOf: instant.meta({
      description: 'Calls rated up to then are counted: now, or a moment ago where other processes rate',
    }),
  })
  .meta({ id: 'Quote' });

/** What a call would cost: `GET /v1/quote`, as a switch asks before it lets it through. */
export function addQuoteRoute(app: FastifyInstance, ledger: LedgerAccess, now: () => number): void {
  app.get(
    '/v1/quote',
    {
      config: { scope: 'quotes:read' },
      schema: {
        summary: 'What a call would cost if it were made, and why',
        querystring: quoteQuery,
        response: { 200: quote, ...problems(400, 404, 409) },
      },
    },
    async (request, reply) => {
      const { line, number, at, duration } = request.query as z.output<typeof quoteQuery>;
      const quoted = await quoteCall(ledger, {
        line,
        number,
        at: at === undefined ? now() : await readInstant(ledger.db, at),
        durationSeconds: duration,
        account: holderOf(request).account,
      });
      return quoted.kind === 'refused' ? refuse(reply, quoted) : quoted.quote;
    },
  );
}
