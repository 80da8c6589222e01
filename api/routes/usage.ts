import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Database } from '../../ledger/index.ts';
import { EVENT_SCHEMAS } from '../../relay/index.ts';
import { type UsageFilter, UsageReader, type UsageStream, streamUsage, usageTotals } from '../../services/index.ts';
import { wants } from '../accept.ts';
import { holderOf } from '../authorise.ts';
import { gzipWhereTaken } from '../gzip-answers.ts';
import { refuse } from '../refuse.ts';
import { currency, id, instant, instantText, money, moneyText, period, problems } from '../schemas.ts';

const LONGEST_PAGE = 10_000;
const USUAL_PAGE = 1_000;
const COMMA = 0x2c;
const LINE_END = 0x0a;
const NDJSON = 'application/x-ndjson; charset=utf-8';
const cursor = z.string().min(1).max(2_000).meta({ description: 'A cursor, as an answer gave it' });

const filter = {
  account: id.optional(),
  line: id.optional(),
  period: period.optional().meta({ description: 'The month that the call belongs to' }),
  billedPeriod: period.optional().meta({ description: 'The month in which the entry is billed' }),
  kind: z.enum(['usage', 'rerate', 'reversal', 'reprice']).optional(),
  destination: z.string().min(1).max(200).optional().meta({ description: 'By its name' }),
};

const usageQuery = z.strictObject({
  ...filter,
  after: cursor.optional(),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(LONGEST_PAGE)
    .optional()
    .meta({
      description: `Most entries of an answer; left out, ${USUAL_PAGE} of a page, and as NDJSON all that there are`,
    }),
});

const totalsQuery = z.strictObject({
  ...filter,
  after: cursor.optional(),
  until: cursor.optional(),
  groupBy: z.enum(['day', 'line', 'destination']).optional().meta({
    description: 'Also by the civil day of the start of the call, by line, or by destination',
  }),
});

const sums = { currency, entries: z.int(), billedSeconds: z.int(), charge: money };

/** As events on usage have it, one shape for all kinds. */
const entry = z
  .looseObject({
    ...EVENT_SCHEMAS['usage.corrected'].shape,
    account: id,
    line: id,
    bucket: z.int(),
    position: z.int(),
    kind: z.enum(['usage', 'rerate', 'reversal', 'reprice']),
    revision: z.int().min(0).meta({ description: '0 for the first entry of a call, the usage' }),
    startedAt: instant,
    record: EVENT_SCHEMAS['usage.rated'].shape.record.optional(),
    corrects: EVENT_SCHEMAS['usage.corrected'].shape.corrects.optional(),
  })
  .meta({
    id: 'UsageEntry',
    description: 'What a call costs, or what corrects it: a charge is the sum of its entries',
  });

const page = z
  .object({
    entries: z.array(entry),
    next: cursor,
    caughtUp: z.boolean().meta({ description: 'Whether nothing came after this page, as of `asOf`' }),
    asOf: instant,
  })
  .meta({ id: 'UsagePage' });

/** A line of the stream; the last one has `next` instead. */
const line = z
  .looseObject({ next: cursor.optional(), caughtUp: z.boolean().optional(), asOf: instant.optional() })
  .meta({
    id: 'UsageLine',
    description: 'An entry (`UsageEntry`); the last line has `next`, `caughtUp`, `asOf` instead',
  });

const totals = z
  .strictObject({
    until: cursor,
    asOf: instant,
    totals: z.array(
      z.strictObject({
        kind: z.enum(['usage', 'rerate', 'reversal', 'reprice']),
        ...sums,
      }),
    ),
    timeZone: z.string().meta({ description: 'In which days begin' }),
    groups: z.array(z.strictObject({ group: z.string(), ...sums })).meta({ description: 'Empty without `groupBy`' }),
  })
  .meta({ id: 'UsageTotals' });

/** Billing's way in: the feed of entries, and what it comes to up to a cursor. */
export function addUsageRoutes(app: FastifyInstance, db: Database): void {
  app.get(
    '/v1/usage',
    {
      config: { scope: 'usage:read' },
      onSend: gzipWhereTaken,
      schema: {
        summary: 'The feed of entries after a cursor: none is skipped or repeated, also while others write',
        description:
          'Follow `next` for ever. As `application/x-ndjson` (header `Accept`) all entries up to now come at once, one a line; the last line has the cursor. A cursor goes on with the filters of the request that gave it: with others it leaves out what those did not ask for. Compressed by gzip where `Accept-Encoding` takes it.',
        querystring: usageQuery,
        response: {
          200: {
            description: 'Entries, in the order of the feed in each bucket',
            content: {
              'application/json': { schema: page },
              'application/x-ndjson': { schema: line },
            },
          },
          ...problems(400, 404, 409),
        },
      },
    },
    async (request, reply) => {
      const { after = null, limit, ...asked } = request.query as z.output<typeof usageQuery>;
      const isLines = wants(request.headers.accept, 'application/x-ndjson');
      const own = onlyOwn(asked, holderOf(request).account);
      if (isLines && limit === undefined) {
        const stream = await streamUsage(db, after, own);
        return stream.kind === 'refused' ? refuse(reply, stream) : streamed(reply, stream);
      }
      const read = await new UsageReader(db).read(after, limit ?? USUAL_PAGE, own, isLines ? LINE_END : COMMA);
      if (read.kind === 'refused') return refuse(reply, read);
      const { entries, next, isCaughtUp, asOf } = read;
      const end = JSON.stringify({ next, caughtUp: isCaughtUp, asOf: instantText(asOf) });
      if (isLines) {
        const lines = entries.length === 0 ? [] : [entries, Buffer.from('\n')];
        return reply.type(NDJSON).send(Buffer.concat([...lines, Buffer.from(`${end}\n`)]));
      }
      return reply
        .type('application/json; charset=utf-8')
        .send(Buffer.concat([Buffer.from('{"entries":['), entries, Buffer.from(`],${end.slice(1)}`)]));
    },
  );
  app.get(
    '/v1/usage/totals',
    {
      config: { scope: 'usage:read' },
      schema: {
        summary: 'How many entries there are up to a cursor, and what they come to: what a reader must have',
        querystring: totalsQuery,
        response: { 200: totals, ...problems(400, 404, 409) },
      },
    },
    async (request, reply) => {
      const { after, until, groupBy, ...asked } = request.query as z.output<typeof totalsQuery>;
      const read = await usageTotals(db, { after, until, groupBy }, onlyOwn(asked, holderOf(request).account));
      if (read.kind === 'refused') return refuse(reply, read);
      return {
        until: read.until,
        asOf: instantText(read.asOf),
        totals: read.totals.map((total) => ({ ...total, charge: moneyText(total.charge) })),
        timeZone: read.timeZone,
        groups: read.groups.map((total) => ({ ...total, charge: moneyText(total.charge) })),
      };
    },
  );
}

/** A key of one account sees that account alone. */
function onlyOwn(asked: UsageFilter, account: string | null): UsageFilter {
  return account === null ? asked : { ...asked, onlyAccount: account };
}

/** Everything up to now; the last line says how far it came. */
function streamed(reply: FastifyReply, { pieces }: UsageStream): FastifyReply {
  const lines = async function* (): AsyncGenerator<Buffer> {
    const { next, asOf } = yield* pieces;
    yield Buffer.from(`${JSON.stringify({ next, caughtUp: true, asOf: instantText(asOf) })}\n`);
  };
  return reply.type(NDJSON).send(Readable.from(lines()));
}
