import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Database } from '../../ledger/index.ts';
import { AUDIT_ACTIONS, auditJson, readAudit, verifyAudit } from '../../services/index.ts';
import { refuseKeysOfAccounts } from '../authorise.ts';
import { refuse } from '../refuse.ts';
import { instant, problems } from '../schemas.ts';

const version = z.literal(1);
const action = z.enum(AUDIT_ACTIONS as readonly ['read', 'export', 'decide', 'change']);
const auditQuery = z.strictObject({
  actor: z.string().max(200).optional().meta({ description: 'The id of a key or a person' }),
  action: action.optional(),
  subject: z
    .string()
    .max(400)
    .optional()
    .meta({ description: 'Part of what it was about: the id of a line, say; with digits it needs numbers:read' }),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  before: z.string().max(20).optional(),
});

const record = z
  .strictObject({
    no: z.int(),
    at: instant,
    actor: z.string(),
    name: z.string(),
    action,
    route: z.string(),
    subject: z.record(z.string(), z.unknown()),
    hash: z.string(),
  })
  .meta({ id: 'AuditRecord' });

const auditPage = z
  .strictObject({ v: version, records: z.array(record), next: z.string().nullable() })
  .meta({ id: 'AuditPage' });
export type AuditPage = z.output<typeof auditPage>;

/** Who read personal data, exported, decided or changed anything. */
export function addAuditRoutes(app: FastifyInstance, db: Database): void {
  app.get(
    '/v1/audit',
    {
      config: { scope: 'audit:read' },
      schema: {
        summary: 'Who read personal data, exported, decided or changed anything, latest first',
        querystring: auditQuery,
        response: {
          200: auditPage,
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      refuseKeysOfAccounts(request);
      const page = await readAudit(db, request.query as z.output<typeof auditQuery>);
      if (page.kind === 'refused') return refuse(reply, page);
      return { v: 1, records: page.records.map(auditJson), next: page.next };
    },
  );
  app.get(
    '/v1/audit/verify',
    {
      config: { scope: 'audit:read' },
      schema: {
        summary: 'Whether the chain of the audit is whole, and the hash of its last record, to keep elsewhere',
        response: {
          200: z
            .strictObject({
              v: version,
              records: z.int(),
              head: z.string(),
              faults: z.array(z.strictObject({ no: z.int(), fault: z.enum(['missing', 'changed', 'not-after']) })),
            })
            .meta({ id: 'VerifiedAudit' }),
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      refuseKeysOfAccounts(request);
      const { records, head, faults } = await verifyAudit(db);
      return reply.send({ v: 1, records, head, faults });
    },
  );
}
