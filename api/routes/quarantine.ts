import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { QuarantineCount } from '../../ledger/index.ts';
import {
  acceptStarts,
  type LedgerAccess,
  type ListedRecord,
  listQuarantine,
  QUARANTINE_REASONS,
  recordJson,
  replayQuarantine,
  reopenRecords,
  showRecord,
  writeOffJson,
  type WriteOffRequest,
  writeOffRecords,
} from '../../services/index.ts';
import { holderOf, refuseKeysOfAccounts } from '../authorise.ts';
import { once } from '../once.ts';
import { refuse } from '../refuse.ts';
import { problems } from '../schemas.ts';

const version = z.literal(1);
const reason = z
  .string()
  .max(60)
  .meta({ description: QUARANTINE_REASONS.join(', ') });
const counts = z.array(z.strictObject({ reason: z.string(), state: z.string(), records: z.int() }));
const listed = z
  .strictObject({
    no: z.int(),
    state: z.string(),
    source: z.string(),
    position: z.number(),
    format: z.string(),
    reason: z.string(),
    detail: z.string(),
    line: z.string().nullable(),
    dialled: z.string().nullable(),
    call: z.string().nullable().meta({ description: 'The id of the call that it tells of' }),
    startedAt: z.string().nullable().meta({ description: 'When the call began, UTC; null where it can not be read' }),
    switch: z.string().nullable().meta({ description: 'The switch that wrote it' }),
    record: z.string().meta({ description: 'The record as it came' }),
    encoding: z.enum(['utf8', 'base64']),
    writeOffs: z
      .array(
        z.strictObject({ act: z.enum(['written-off', 'reopened']), by: z.string(), note: z.string(), at: z.string() }),
      )
      .meta({ description: 'Who wrote it off or opened it again, and why, oldest first' }),
  })
  .meta({ id: 'QuarantinedRecord' });

const listQuery = z.strictObject({
  state: z
    .enum(['waiting', 'written-off'])
    .default('waiting')
    .meta({ description: 'What waits, or what people wrote off since nothing mends it' }),
  reason: reason.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(20),
  after: z.string().max(20).optional(),
});
const note = z.string().max(10_000).meta({ description: 'Why: it is kept for good' });
const accept = z.strictObject({ records: z.array(z.int().min(1)).min(1).max(1_000), note });
const writeOff = z.strictObject({ records: z.array(z.int().min(1)).min(1).max(1_000), note });
const replay = z.strictObject({
  reason: reason.optional().meta({ description: 'Every record where nothing is said' }),
});

const quarantinePage = z
  .strictObject({ v: version, counts, records: z.array(listed), next: z.string().nullable() })
  .meta({ id: 'QuarantinePage' });
export type QuarantinePage = z.output<typeof quarantinePage>;

const acceptedStarts = z.strictObject({ v: version, accepted: z.int(), rated: z.int() }).meta({ id: 'AcceptedStarts' });
export type AcceptedStarts = z.output<typeof acceptedStarts>;

const writtenOff = z.strictObject({ v: version, writtenOff: z.int() }).meta({ id: 'WrittenOff' });
export type WrittenOffRecords = z.output<typeof writtenOff>;

const reopened = z
  .strictObject({ v: version, reopened: z.int(), rated: z.int().meta({ description: 'Of these; the others wait' }) })
  .meta({ id: 'Reopened' });
export type ReopenedRecords = z.output<typeof reopened>;

const replayed = z.strictObject({ v: version, tried: z.int(), rated: z.int(), counts }).meta({ id: 'Replayed' });
export type Replayed = z.output<typeof replayed>;

/** What could not be rated: look at it, say that a start is right after all, try it again once it was repaired. */
export function addQuarantineRoutes(app: FastifyInstance, ledger: LedgerAccess): void {
  app.get(
    '/v1/quarantine',
    {
      config: { scope: 'quarantine:read' },
      schema: {
        summary:
          'How many records there are, by reason and state, and which wait or are written off, in the order in which they came',
        querystring: listQuery,
        response: {
          200: quarantinePage,
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      refuseKeysOfAccounts(request);
      const { limit, ...asked } = request.query as z.output<typeof listQuery>;
      const found = await listQuarantine(ledger, { ...asked, limit: String(limit) });
      if (found.kind === 'refused') return refuse(reply, found);
      return { v: 1, counts: found.counts.map(countJson), records: found.records.map(listedJson), next: found.next };
    },
  );
  app.get(
    '/v1/quarantine/:no',
    {
      config: { scope: 'quarantine:read' },
      schema: {
        summary: 'A record of quarantine: as it came, as it was read, and where it stands',
        params: z.strictObject({ no: z.string().max(16) }),
        response: {
          200: z.looseObject({ v: version, no: z.int() }).meta({ id: 'ShownRecord' }),
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      refuseKeysOfAccounts(request);
      const shown = await showRecord(ledger, (request.params as { no: string }).no);
      if (shown.kind === 'refused') return refuse(reply, shown);
      const { canonical, places } = shown;
      const read: unknown = canonical === null ? null : JSON.parse(canonical);
      return { v: 1, ...listedJson(shown), canonical: read, places };
    },
  );
  app.post(
    '/v1/quarantine/accept',
    {
      config: { scope: 'quarantine:write' },
      schema: {
        summary: 'Says that the starts of records are right though they are implausible: all of them, or none',
        body: accept,
        response: {
          200: acceptedStarts,
          ...problems(400, 404, 409),
        },
      },
    },
    once(ledger.db, async (request, reply) => {
      refuseKeysOfAccounts(request);
      const { records, note: why } = request.body as z.output<typeof accept>;
      const asked = { records: records.map(String), by: holderOf(request).name, note: why };
      const accepted = await acceptStarts(ledger, asked);
      if (accepted.kind === 'refused') return refuse(reply, accepted);
      return { v: 1, accepted: accepted.accepted, rated: accepted.rated };
    }),
  );
  app.post(
    '/v1/quarantine/write-off',
    {
      config: { scope: 'quarantine:write' },
      schema: {
        summary: 'Writes off records that nothing mends, all of them or none: they stay, and wait no longer',
        body: writeOff,
        response: { 200: writtenOff, ...problems(400, 404, 409) },
      },
    },
    once(ledger.db, async (request, reply) => {
      const done = await writeOffRecords(ledger, writeOffAsked(request));
      return done.kind === 'refused' ? refuse(reply, done) : { v: 1, writtenOff: done.records };
    }),
  );
  app.post(
    '/v1/quarantine/reopen',
    {
      config: { scope: 'quarantine:write' },
      schema: {
        summary:
          'Opens records again that were written off, all of them or none: they are rated if they can be, or wait',
        body: writeOff,
        response: { 200: reopened, ...problems(400, 404, 409) },
      },
    },
    once(ledger.db, async (request, reply) => {
      const done = await reopenRecords(ledger, writeOffAsked(request));
      return done.kind === 'refused' ? refuse(reply, done) : { v: 1, reopened: done.records, rated: done.rated };
    }),
  );
  app.post(
    '/v1/quarantine/replay',
    {
      config: { scope: 'quarantine:write' },
      schema: {
        summary: 'Rates what can be rated now, after what was missing was imported, say; and says what came of it',
        body: replay,
        response: {
          200: replayed,
          ...problems(400, 404),
        },
      },
    },
    once(ledger.db, async (request, reply) => {
      refuseKeysOfAccounts(request);
      const done = await replayQuarantine(ledger, request.body as z.output<typeof replay>);
      if (done.kind === 'refused') return refuse(reply, done);
      return { v: 1, tried: done.tried, rated: done.rated, counts: done.counts.map(countJson) };
    }),
  );
}

function writeOffAsked(request: FastifyRequest): WriteOffRequest {
  refuseKeysOfAccounts(request);
  const { records, note: why } = request.body as z.output<typeof writeOff>;
  return { records: records.map(String), by: holderOf(request).name, note: why };
}

function countJson({ reason: why, state, records }: QuarantineCount) {
  return { reason: why, state, records };
}

function listedJson(record: ListedRecord) {
  const { state, line, dialled, callId, switchId, startedAt, writeOffs } = record;
  const call = { call: callId, switch: switchId, startedAt: instantOrNull(startedAt) };
  return { ...recordJson(record), state, line, dialled, ...call, writeOffs: writeOffs.map(writeOffJson) };
}

/** What a clock gone wrong wrote may be no instant. */
function instantOrNull(ms: number | null): string | null {
  return ms === null || Math.abs(ms) > LAST_INSTANT ? null : new Date(ms).toISOString();
}

const LAST_INSTANT = 8_640_000_000_000_000;
