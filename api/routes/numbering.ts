import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { KeptNumberRepair, NumberRepair } from '../../ledger/index.ts';
import { type LedgerAccess, listRepairs, repairNumbers, tryRepair } from '../../services/index.ts';
import { holderOf, refuseKeysOfAccounts } from '../authorise.ts';
import { once } from '../once.ts';
import { refuse } from '../refuse.ts';
import { instant, instantText, problems } from '../schemas.ts';

const version = z.literal(1);
const beginning = z.string().max(15);
const destination = z.string().min(1).max(200);

const prefixRepair = z.strictObject({
  kind: z.literal('prefix'),
  prefix: beginning.meta({ description: 'E.164 digits without +, or all digits of a short code', example: '33701' }),
  length: z.int().min(2).max(15).meta({ description: 'How many digits the whole number has, country code included' }),
  destination: destination.nullable().meta({ description: 'One of the plan; null takes back what was said before' }),
});
const dialRule = z.strictObject({
  kind: z.literal('dialled'),
  switch: z.string().min(1).max(200).nullable().meta({ description: 'Whose numbers; null: those of every switch' }),
  prefix: beginning.meta({ description: 'What the switch writes first; empty: numbers without + or 0', example: '9' }),
  replacement: beginning.nullable().meta({ description: 'What takes its place; null takes the rule back' }),
});
const repair = z.discriminatedUnion('kind', [prefixRepair, dialRule]);

const repairBody = z.strictObject({
  repair,
  note: z.string().max(10_000).meta({ description: 'Why: it is kept for good' }),
  dryRun: z.boolean().optional().meta({ description: 'Says what it would do, and keeps nothing' }),
});
export type NumberRepairBody = z.input<typeof repairBody>;

const kept = z
  .strictObject({ no: z.int(), repair, takenBy: z.string(), note: z.string(), takenAt: instant })
  .meta({ id: 'NumberRepair' });

const numbering = z
  .strictObject({
    v: version,
    destinations: z.array(z.strictObject({ name: destination, class: z.string() })),
    repairs: z.array(kept).meta({ description: 'Those in force' }),
  })
  .meta({ id: 'Numbering' });
export type Numbering = z.output<typeof numbering>;

const counts = z.array(z.strictObject({ reason: z.string(), state: z.string(), records: z.int() }));
const repaired = z
  .strictObject({
    v: version,
    dryRun: z.boolean(),
    waiting: z.int().optional().meta({ description: 'Of a dry run: records that wait because of their number' }),
    read: z.int().optional().meta({ description: 'Of a dry run: those whose number it would read' }),
    examples: z
      .array(z.strictObject({ dialled: z.string(), called: z.string(), destination }))
      .optional()
      .meta({ description: 'Of a dry run: some of them' }),
    otherwise: z
      .strictObject({
        looked: z.int(),
        calls: z.int(),
        examples: z.array(
          z.strictObject({
            dialled: z.string(),
            called: z.string(),
            destination,
            meant: z.string(),
            meantDestination: destination,
          }),
        ),
      })
      .optional()
      .meta({
        description:
          'Of a dry run: calls among those rated last that the plan reads as they stand, and the rule would read ' +
          'otherwise. No rule mends them: the setting `dial-prefix` of their source does',
      }),
    rated: z.int().optional().meta({ description: 'Records that waited because of their number, and are rated now' }),
    counts: counts.optional(),
  })
  .meta({ id: 'NumbersRepaired' });
export type NumbersRepaired = z.output<typeof repaired>;

/** What people say of numbers that the plan refuses: what is in force, what more would do, and to say more. */
export function addNumberingRoutes(app: FastifyInstance, ledger: LedgerAccess): void {
  app.get(
    '/v1/numbering',
    {
      config: { scope: 'quarantine:read', audit: 'none' },
      schema: {
        summary: 'The destinations of the numbering plan, and what people added for numbers that it refuses',
        response: { 200: numbering, ...problems() },
      },
    },
    async (request, reply) => {
      refuseKeysOfAccounts(request);
      const { repairs, destinations } = await listRepairs(ledger);
      return reply.send({
        v: 1,
        destinations: destinations.map(({ name, class: of }) => ({ name, class: of })),
        repairs: repairs.map(keptJson),
      });
    },
  );
  app.post(
    '/v1/numbering/repairs',
    {
      config: { scope: 'quarantine:write' },
      schema: {
        summary:
          'Says where numbers lead that the plan refuses, or what a switch writes before numbers that it refuses; ' +
          'what waits is rated at once',
        body: repairBody,
        response: { 200: repaired, ...problems(400, 404, 409) },
      },
    },
    once(ledger.db, async (request, reply) => {
      refuseKeysOfAccounts(request);
      const { repair: asked, note, dryRun = false } = request.body as z.output<typeof repairBody>;
      const wanted = repairOf(asked);
      if (dryRun) {
        const tried = await tryRepair(ledger, wanted);
        if (tried.kind === 'refused') return refuse(reply, tried);
        const { waiting, read, examples, otherwise } = tried;
        return { v: 1, dryRun, waiting, read, examples, otherwise };
      }
      const done = await repairNumbers(ledger, { repair: wanted, by: holderOf(request).name, note });
      if (done.kind === 'refused') return refuse(reply, done);
      const { rated, counts: left } = done;
      return { v: 1, dryRun, rated, counts: left.map(({ reason, state, records }) => ({ reason, state, records })) };
    }),
  );
}

function repairOf(asked: z.output<typeof repair>): NumberRepair {
  if (asked.kind === 'prefix') return asked;
  const { kind, switch: switchId, prefix, replacement } = asked;
  return { kind, switchId, prefix, replacement };
}

function keptJson({ no, repair: said, takenBy, note, takenAt }: KeptNumberRepair) {
  const shown =
    said.kind === 'prefix'
      ? { kind: said.kind, prefix: said.prefix, length: said.length, destination: said.destination }
      : { kind: said.kind, switch: said.switchId, prefix: said.prefix, replacement: said.replacement };
  return { no, repair: shown, takenBy, note, takenAt: instantText(takenAt) };
}
