import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type EditFaults,
  type LedgerAccess,
  type Refused,
  changeLine,
  editLines,
  importLines,
  readAccount,
  readAccounts,
  readLine,
  readAccountHistory,
  readLineHistory,
  readLineVersion,
  readLines,
  type VersionedLine,
} from '../../services/index.ts';
import { holderOf, refuseOthers } from '../authorise.ts';
import { guardedHeaders, isGuarded, isMeant, overtaken, tellVersion } from '../if-match.ts';
import { NotLetInError } from '../not-let-in.ts';
import { once } from '../once.ts';
import { type FieldProblem, httpProblem } from '../problem.ts';
import { readInstant } from '../read-instant.ts';
import { refuse } from '../refuse.ts';
import { count, id, instant, instantText, problems } from '../schemas.ts';
import { factFaults, factFaultsOfFiles, fieldProblems, fileProblems, namingEveryFault } from './line-faults.ts';
import { account, givenAccount, givenLine, line, lineBody, lineChange, note, page, stored } from './line-shapes.ts';

const READ = { config: { scope: 'provisioning:read' } } as const;
const WRITE = { config: { scope: 'provisioning:write' } } as const;
const MOST_IMPORT_BYTES = 67_108_864;

const accountPath = z.strictObject({ account: id });
const linePath = z.strictObject({ line: id });
const accountsQuery = z.strictObject(page);
const linesQuery = z.strictObject({
  ...page,
  account: id.optional(),
  line: z
    .union([id, z.array(id).max(100)])
    .optional()
    .meta({ description: 'These alone, those of them that there are: may be said several times' }),
  number: z
    .string()
    .min(1)
    .max(60)
    .optional()
    .meta({ description: 'Lines that have or had this number: needs numbers:read' }),
});
const historyQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  before: z.coerce.number().int().min(1).optional().meta({ description: '`no` of the last change of the page before' }),
});
const accountBody = z.strictObject({ name: givenAccount.shape.name, note });
const accountList = z.strictObject({ accounts: z.array(account), next: id.nullable() });
export type AccountList = z.output<typeof accountList>;
const lineList = z.strictObject({ lines: z.array(line), next: id.nullable() });
export type LineList = z.output<typeof lineList>;
const oneLine = z.strictObject({ ...lineBody, note });
const manyLines = z.strictObject({
  accounts: z.array(givenAccount).max(100_000).default([]),
  lines: z.array(givenLine).max(100_000).default([]),
  note,
});
const file = z.string().max(MOST_IMPORT_BYTES);
export type NewLines = z.input<typeof manyLines>;
export type LinesStored = z.output<typeof stored>;
const files = z.strictObject({
  accounts: file,
  lines: file,
  devices: file.optional(),
  networks: file.optional(),
  note,
});
const change = z.strictObject({
  no: count,
  at: instant,
  by: z.string(),
  note: z.string(),
  before: line.nullable(),
  after: line,
});
const renaming = z.strictObject({
  no: count,
  at: instant,
  by: z.string(),
  note: z.string(),
  before: givenAccount.shape.name.nullable().meta({ description: '`null`: the account was new' }),
  after: givenAccount.shape.name,
});

/** Accounts, lines, devices and networks: read, entered, changed from a date on, imported, and who did. */
export function addLineRoutes(app: FastifyInstance, ledger: LedgerAccess): void {
  const { db } = ledger;
  app.get(
    '/v1/accounts',
    {
      ...READ,
      schema: {
        summary: 'Accounts, by id',
        querystring: accountsQuery,
        response: {
          200: accountList,
          ...problems(400),
        },
      },
    },
    async (request, reply) => {
      const asked = request.query as z.output<typeof accountsQuery>;
      const found = await readAccounts(ledger, { ...asked, id: holderOf(request).account });
      return found.kind === 'refused' ? refuse(reply, found) : { accounts: found.accounts, next: found.next };
    },
  );
  app.get(
    '/v1/accounts/:account',
    {
      ...READ,
      schema: { summary: 'An account', params: accountPath, response: { 200: account, ...problems(404) } },
    },
    async (request, reply) => {
      const { account: asked } = request.params as z.output<typeof accountPath>;
      refuseOthers(request, asked);
      const found = await readAccount(ledger, asked);
      return found.kind === 'refused' ? refuse(reply, found) : found.account;
    },
  );
  app.get(
    '/v1/accounts/:account/history',
    {
      ...READ,
      schema: {
        summary: 'Who entered an account or named it otherwise, newest first',
        params: accountPath,
        querystring: historyQuery,
        response: { 200: z.strictObject({ changes: z.array(renaming) }), ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { account: own } = request.params as z.output<typeof accountPath>;
      const { limit, before = null } = request.query as z.output<typeof historyQuery>;
      refuseOthers(request, own);
      const found = await readAccount(ledger, own);
      if (found.kind === 'refused') return refuse(reply, found);
      return { changes: await readAccountHistory(ledger, own, limit, before) };
    },
  );
  app.put(
    '/v1/accounts/:account',
    {
      ...WRITE,
      schema: {
        summary: 'Enters an account, or names it otherwise',
        params: accountPath,
        body: accountBody,
        response: { 200: stored, ...problems(400, 409) },
      },
    },
    once(db, async (request, reply) => {
      refuseOfOneAccount(request);
      const { account: own } = request.params as z.output<typeof accountPath>;
      const { name, note: why } = request.body as z.output<typeof accountBody>;
      const { name: by } = holderOf(request);
      return answer(
        reply,
        ledger,
        await editLines(ledger, { accounts: [{ id: own, name }], lines: [], by, note: why }),
      );
    }),
  );
  app.get(
    '/v1/lines',
    {
      ...READ,
      schema: {
        summary: 'Lines with all their dated facts, by id',
        querystring: linesQuery,
        response: { 200: lineList, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { account: asked, line: named, ...others } = request.query as z.output<typeof linesQuery>;
      const own = holderOf(request).account;
      if (asked !== undefined) refuseOthers(request, asked);
      const ids = named === undefined ? undefined : [named].flat();
      const found = await readLines(ledger, { ...others, ids, account: own ?? asked ?? null });
      return found.kind === 'refused' ? refuse(reply, found) : { lines: found.lines, next: found.next };
    },
  );
  app.get(
    '/v1/lines/:line',
    {
      ...READ,
      schema: {
        summary: 'A line with all its dated facts',
        params: linePath,
        response: { 200: line, ...problems(404) },
      },
    },
    async (request, reply) => {
      const read = await readLineVersion(db, (request.params as z.output<typeof linePath>).line);
      if (read.kind === 'refused') return refuse(reply, read);
      refuseOthers(request, read.line.account);
      tellVersion(reply, read.version);
      return read.line;
    },
  );
  app.get(
    '/v1/lines/:line/history',
    {
      ...READ,
      schema: {
        summary: 'Who changed what of a line, newest first',
        params: linePath,
        querystring: historyQuery,
        response: { 200: z.strictObject({ changes: z.array(change) }), ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { line: own } = request.params as z.output<typeof linePath>;
      const { limit, before = null } = request.query as z.output<typeof historyQuery>;
      const read = await readLine(ledger, own);
      if (read.kind === 'refused') return refuse(reply, read);
      refuseOthers(request, read.line.account);
      return { changes: await readLineHistory(ledger, own, limit, before) };
    },
  );
  app.put(
    '/v1/lines/:line',
    {
      ...WRITE,
      ...namingEveryFault((request, body) => {
        const { line: own } = request.params as z.output<typeof linePath>;
        return factFaults(ledger, { lines: [{ ...body, id: own }] }, '/lines/0');
      }),
      schema: {
        summary: 'Enters a line with all its dated facts, in place of those that it had',
        params: linePath,
        headers: guardedHeaders,
        body: oneLine,
        response: { 200: stored, ...problems(400, 404, 409, 412) },
      },
    },
    once(db, async (request, reply) => {
      refuseOfOneAccount(request);
      const { line: own } = request.params as z.output<typeof linePath>;
      const { note: why, ...given } = request.body as z.output<typeof oneLine>;
      const { name: by } = holderOf(request);
      const seen = await seenLine(request, reply, ledger, own);
      const expected = seen === null ? [] : [seen.seen];
      const edit = { accounts: [], lines: [{ id: own, ...given }], by, note: why, expected };
      return answerOfLine(request, reply, ledger, own, await editLines(ledger, edit), '/lines/0');
    }),
  );
  app.post(
    '/v1/lines/:line/changes',
    {
      ...WRITE,
      schema: {
        summary: 'Changes facts of a line from an instant on',
        params: linePath,
        headers: guardedHeaders,
        body: lineChange,
        response: { 200: stored, ...problems(400, 404, 409, 412) },
      },
    },
    once(db, async (request, reply) => {
      refuseOfOneAccount(request);
      const { line: own } = request.params as z.output<typeof linePath>;
      const { from, ...facts } = request.body as z.output<typeof lineChange>;
      const { name: by } = holderOf(request);
      const seen = await seenLine(request, reply, ledger, own);
      const dated = { line: own, from: await readInstant(db, from), ...facts, by, seen: seen?.seen };
      return answerOfLine(request, reply, ledger, own, await changeLine(ledger, dated));
    }),
  );
  app.post(
    '/v1/lines',
    {
      ...WRITE,
      bodyLimit: MOST_IMPORT_BYTES,
      ...namingEveryFault((_, body) => factFaults(ledger, body, '')),
      schema: {
        summary: 'Enters accounts and lines, all or nothing; every fault is named',
        body: manyLines,
        response: { 200: stored, ...problems(400, 409) },
      },
    },
    once(db, async (request, reply) => {
      refuseOfOneAccount(request);
      const given = request.body as z.output<typeof manyLines>;
      const { name: by } = holderOf(request);
      return answer(reply, ledger, await editLines(ledger, { ...given, by }));
    }),
  );
  app.post(
    '/v1/lines/imports',
    {
      ...WRITE,
      bodyLimit: MOST_IMPORT_BYTES,
      ...namingEveryFault((_, body) => factFaultsOfFiles(ledger, body)),
      schema: {
        summary: 'The same from the texts of CSV files, as `fairtally lines import` takes them',
        body: files,
        response: { 200: stored, ...problems(400, 409) },
      },
    },
    once(db, async (request, reply) => {
      refuseOfOneAccount(request);
      const { note: why, ...texts } = request.body as z.output<typeof files>;
      const given = Object.fromEntries(Object.entries(texts).filter(([, csv]) => csv !== undefined)) as typeof texts;
      const { name: by } = holderOf(request);
      const imported = await importLines(ledger, {
        texts: given as Parameters<typeof importLines>[1]['texts'],
        by,
        note: why,
      });
      if (imported.kind !== 'faults') return answer(reply, ledger, imported);
      throw notStored(fileProblems(imported.faults));
    }),
  );
}

/** A key of one account enters nothing: a number that it gave a line would be taken from others. */
function refuseOfOneAccount(request: FastifyRequest): void {
  const { id: key, account: own } = holderOf(request);
  if (own !== null) throw new NotLetInError(httpProblem('forbidden', `Key '${key}' is of one account, and only reads`));
}

/** The line that `If-Match` says is meant; `null`: it says nothing. Throws where another state is there. */
async function seenLine(
  request: FastifyRequest,
  reply: FastifyReply,
  { db }: LedgerAccess,
  own: string,
): Promise<VersionedLine | null> {
  if (!isGuarded(request)) return null;
  const read = await readLineVersion(db, own);
  if (read.kind === 'line' && isMeant(request, read.version)) return read;
  throw overtaken(reply, `line '${own}'`, read.kind === 'line' ? { ...read, body: read.line } : null);
}

/** As `answer`, of one line: 412 where another change came first. */
async function answerOfLine(
  request: FastifyRequest,
  reply: FastifyReply,
  ledger: LedgerAccess,
  own: string,
  outcome: Parameters<typeof answer>[2],
  base = '',
): Promise<unknown> {
  if (outcome.kind === 'refused' && outcome.code === 'line-changed' && isGuarded(request)) {
    const now = await readLineVersion(ledger.db, own);
    throw overtaken(reply, `line '${own}'`, now.kind === 'line' ? { ...now, body: now.line } : null);
  }
  return answer(reply, ledger, outcome, base);
}

/**
 * What was stored, or every fault. What it touches is judged again before the answer: whoever asks next sees it.
 *
 * @param base what stands before the pointers of a body that is a part of what is entered
 */
async function answer(
  reply: FastifyReply,
  { engine }: LedgerAccess,
  outcome: Awaited<ReturnType<typeof editLines>> | EditFaults | Refused,
  base = '',
): Promise<unknown> {
  if (outcome.kind === 'refused') return refuse(reply, outcome);
  if (outcome.kind === 'edit-faults') {
    throw notStored(fieldProblems(outcome.faults, base));
  }
  await engine.catchUp();
  const { newAccounts, renamedAccounts, changedLines, reach } = outcome.change;
  return {
    accounts: { new: newAccounts, renamed: renamedAccounts },
    lines: { changed: changedLines },
    reachesBack: reach === null ? null : { from: instantText(reach.from), calls: reach.calls },
  };
}

function notStored(errors: readonly FieldProblem[]): NotLetInError {
  return new NotLetInError(httpProblem('invalid-request', 'Nothing was stored: see errors', errors));
}
