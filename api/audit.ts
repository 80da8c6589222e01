import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuditAction, Database } from '../ledger/index.ts';
import { AuditTrail, type Scope } from '../services/index.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What goes on record when the route answers; what its scope says where nothing is said. `none`: nothing does. */
    audit?: AuditAction | 'none';
  }
}

/**
 * What goes on record by the scope of a route. Switches push and ask for quotes a thousand times a second: what they
 * push is its own record, and a quote tells a switch of its own line.
 */
const BY_SCOPE: Readonly<Record<Scope, AuditAction | 'none'>> = {
  'cdrs:write': 'none',
  'quotes:read': 'none',
  'usage:read': 'read',
  'cases:read': 'read',
  'cases:decide': 'decide',
  'reports:read': 'read',
  'periods:write': 'change',
  'provisioning:read': 'read',
  'provisioning:write': 'change',
  'quarantine:read': 'read',
  'quarantine:write': 'change',
  'decks:read': 'none',
  'decks:write': 'change',
  'numbers:read': 'read',
  'keys:write': 'change',
  'metrics:read': 'none',
  'webhooks:read': 'none',
  'webhooks:write': 'change',
  'audit:read': 'read',
};

/** The longest text of a body's field that is kept: a deck is not. */
const LONGEST_VALUE = 500;

/**
 * Puts on record who read personal data, exported, decided or changed anything, before the answer leaves: an answer
 * that could not be recorded is not given. What is refused changes nothing, and is not recorded.
 */
export function auditAnswers(app: FastifyInstance, db: Database): void {
  const trail = new AuditTrail(db);
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    const { holder } = request;
    if (holder === null || reply.statusCode >= 300) return payload;
    const action = actionOf(request, String(reply.getHeader('content-type') ?? ''));
    if (action === 'none') return payload;
    await trail.keep({
      actor: holder.id,
      name: holder.name,
      action,
      route: `${request.method} ${request.routeOptions.url ?? ''}`,
      subject: subjectOf(request, holder.scopes.has('numbers:read')),
    });
    return payload;
  });
}

function actionOf({ routeOptions, body }: FastifyRequest, type: string): AuditAction | 'none' {
  const { scope, audit } = routeOptions.config;
  if (audit !== undefined) return audit;
  if (scope === undefined || scope === 'open' || scope === 'any-key') return 'none';
  const action = BY_SCOPE[scope];
  // A dry run decides and changes nothing: who asks has seen what it would.
  const isDry = typeof body === 'object' && body !== null && 'dryRun' in body && body.dryRun === true;
  if (isDry && (action === 'decide' || action === 'change')) return 'read';
  const leavesInAFile = /^(?:text\/csv|application\/x-ndjson)\b/.test(type);
  return leavesInAFile && action === 'read' ? 'export' : action;
}

/** Which line, month, call or filter, and whether numbers were shown whole. */
function subjectOf({ params, query, body }: FastifyRequest, seesNumbers: boolean): string {
  const said = { ...fieldsOf(params), ...fieldsOf(query), ...fieldsOf(body) };
  return JSON.stringify({ ...said, numbers: seesNumbers ? 'whole' : 'masked' });
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      const text = JSON.stringify(each) ?? 'null';
      return [name, text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : each];
    }),
  );
}
