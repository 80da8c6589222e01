import type { FastifyRequest } from 'fastify';
import { isJsonObject } from '../../formats/index.ts';
import {
  type EditFault,
  type LedgerAccess,
  type LinesEdit,
  type LinesFault,
  findEditFaults,
  findLinesFaults,
} from '../../services/index.ts';
import { holderOf } from '../authorise.ts';
import { NotLetInError } from '../not-let-in.ts';
import type { FieldProblem } from '../problem.ts';

/** What a field holds that the schema refuses and that is no text: the facts refuse it too. */
const UNREADABLE = '?';
/** More than a body may hold is not looked at. */
const MOST_ROWS = 100_000;

/**
 * Faults of what is entered, as problems of fields.
 *
 * @param base what stands before the pointers of a body that is a part of what is entered
 */
export function fieldProblems(faults: readonly EditFault[], base: string): FieldProblem[] {
  return faults.map(({ pointer, problem }) => ({
    code: 'invalid-value',
    detail: base === '' ? problem : problem.replaceAll(`'${base}/`, `'/`),
    pointer: pointer.startsWith(`${base}/`) ? pointer.slice(base.length) : pointer,
  }));
}

/** Faults of files in a body, as problems of its fields: `/lines/2/usage_class`. */
export function fileProblems(faults: readonly LinesFault[]): FieldProblem[] {
  return faults.map(({ file, line: row, column, problem }) => ({
    code: 'invalid-value',
    detail: problem,
    pointer: `/${file.replace(/\.csv$/, '')}${row === null ? '' : `/${row}`}${column === '' ? '' : `/${column}`}`,
  }));
}

/** Finds what is wrong with the facts of a body that its schema refuses. */
type FindFaults = (request: FastifyRequest, body: Readonly<Record<string, unknown>>) => Promise<FieldProblem[]>;

/**
 * Options of a route that names every fault in one answer: where the schema refuses the body, the facts in it are
 * checked as well, as far as they can be read. What is wrong with a field twice is told once.
 */
export function namingEveryFault(find: FindFaults) {
  return {
    attachValidation: true,
    preHandler: async (request: FastifyRequest): Promise<void> => {
      const { validationError: refused, body } = request;
      if (refused === undefined) return;
      const isOfBody = (refused as { validationContext?: string }).validationContext === 'body';
      // A key of one account enters nothing, and hears nothing of what others have.
      if (
        !isOfBody ||
        !(refused instanceof NotLetInError) ||
        !isJsonObject(body) ||
        holderOf(request).account !== null
      ) {
        throw refused;
      }
      const { errors: known = [] } = refused.problem;
      const found = (await find(request, body)).filter(({ pointer = '' }) => !isUnderOneOf(pointer, known));
      throw new NotLetInError({ ...refused.problem, errors: [...known, ...found] });
    },
  };
}

function isUnderOneOf(pointer: string, faults: readonly FieldProblem[]): boolean {
  return faults.some(({ pointer: above = '' }) => pointer === above || pointer.startsWith(`${above}/`));
}

/** The faults of the facts in a body of many accounts and lines. */
export async function factFaults(
  ledger: LedgerAccess,
  body: Readonly<Record<string, unknown>>,
  base: string,
): Promise<FieldProblem[]> {
  return fieldProblems(await findEditFaults(ledger, asEdit(body)), base);
}

/** The faults of the files in a body, where they are texts. */
export async function factFaultsOfFiles(
  ledger: LedgerAccess,
  { accounts, lines, devices, networks }: Readonly<Record<string, unknown>>,
): Promise<FieldProblem[]> {
  if (typeof accounts !== 'string' || typeof lines !== 'string') return [];
  const texts = {
    accounts,
    lines,
    ...(typeof devices === 'string' ? { devices } : {}),
    ...(typeof networks === 'string' ? { networks } : {}),
  };
  return fileProblems(await findLinesFaults(ledger, { texts, by: '' }));
}

/** What can be read of a body of whatever shape, each thing at its place. */
function asEdit({ accounts, lines }: Readonly<Record<string, unknown>>): Pick<LinesEdit, 'accounts' | 'lines'> {
  return {
    accounts: records(accounts).map(({ id, name }, at) => ({ id: idOf(id, at), name: text(name) ?? '' })),
    lines: records(lines).map(({ id, account, spans, devices, networks }, at) => ({
      id: idOf(id, at),
      account: idOf(account, at),
      // Without any, the line would be unknown to its devices.
      spans: (records(spans).length === 0 ? [{}] : records(spans)).map((span) => ({
        ...interval(span),
        number: text(span['number']),
        offer: text(span['offer']),
        usageClass: text(span['usageClass']) ?? UNREADABLE,
        mobility: text(span['mobility']),
        equipment: text(span['equipment']),
      })),
      devices: records(devices).map((each) => ({ ...interval(each), userAgent: text(each['userAgent']) ?? '' })),
      networks: records(networks).map((each) => ({ ...interval(each), cidr: text(each['cidr']) ?? '' })),
    })),
  };
}

function interval({ from, to }: Readonly<Record<string, unknown>>): { from: string; to: string | undefined } {
  return { from: text(from) ?? UNREADABLE, to: text(to) };
}

/** One that nothing else has, for what has none. */
function idOf(id: unknown, at: number): string {
  return typeof id === 'string' && id !== '' ? (text(id) ?? '') : `${UNREADABLE}${at}`;
}

/** A text on one line, as the rows of an import are; nothing for what is left out. */
function text(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value.replaceAll(/[\r\n\0]/g, ' ') : UNREADABLE;
}

function records(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value) || value.length > MOST_ROWS) return [];
  return value.map((each: unknown) => (isJsonObject(each) ? each : {}));
}
