import { listAccounts } from '../../ledger/index.ts';
import type { Line } from '../../rater/index.ts';
import type { LedgerAccess } from '../ledger-access.ts';
import type { Refused } from '../refusals.ts';
import { type ImportedLines, findLinesFaults, importLines, type LinesFault } from './import-lines.ts';

interface GivenSpan {
  /** A civil day, or an instant with its offset. */
  readonly from: string;
  readonly to?: string | null | undefined;
}

/** Facts of a line as somebody enters them. */
export interface GivenFacts extends GivenSpan {
  /** E.164. */
  readonly number?: string | null | undefined;
  readonly offer?: string | null | undefined;
  readonly usageClass: string;
  readonly mobility?: string | undefined;
  readonly equipment?: string | undefined;
}

export interface GivenLine {
  readonly id: string;
  readonly account: string;
  readonly spans: readonly GivenFacts[];
  readonly devices?: readonly (GivenSpan & { readonly userAgent: string })[] | undefined;
  readonly networks?: readonly (GivenSpan & { readonly cidr: string })[] | undefined;
}

/** Accounts and lines that somebody enters: a line with all its facts, in place of those that it had. */
export interface LinesEdit {
  readonly accounts: readonly { readonly id: string; readonly name: string }[];
  readonly lines: readonly GivenLine[];
  readonly by: string;
  readonly note?: string | undefined;
  /** What the lines are believed to be: where one is not, nothing is stored. */
  readonly expected?: readonly Line[];
}

/** What is wrong with one field of what was entered. */
export interface EditFault {
  /** JSON pointer: `/lines/0/spans/1/number`. */
  readonly pointer: string;
  readonly problem: string;
}

export interface EditFaults {
  readonly kind: 'edit-faults';
  readonly faults: readonly EditFault[];
}

/** Stores accounts and lines, all or nothing, as an import of files does; every fault is named by its field. */
export async function editLines(
  ledger: LedgerAccess,
  { accounts, lines, by, note, expected }: LinesEdit,
): Promise<ImportedLines | EditFaults | Refused> {
  const { tables, knownAccounts } = await tablesOf(ledger, accounts, lines);
  const imported = await importLines(ledger, { texts: tables.texts, by, note, expected, knownAccounts });
  if (imported.kind !== 'faults') return imported;
  return { kind: 'edit-faults', faults: imported.faults.map((fault) => tables.faultOf(fault)) };
}

/** Everything that stands against accounts and lines, by its field, as `editLines` would find it; nothing is stored. */
export async function findEditFaults(
  ledger: LedgerAccess,
  { accounts, lines }: Pick<LinesEdit, 'accounts' | 'lines'>,
): Promise<readonly EditFault[]> {
  const { tables } = await tablesOf(ledger, accounts, lines);
  const faults = await findLinesFaults(ledger, { texts: tables.texts, by: '' });
  return faults.map((fault) => tables.faultOf(fault));
}

async function tablesOf(
  { db }: LedgerAccess,
  accounts: LinesEdit['accounts'],
  lines: LinesEdit['lines'],
): Promise<{ readonly tables: Tables; readonly knownAccounts: ReadonlySet<string> }> {
  const named = new Set(accounts.map(({ id }) => id));
  const others = [...new Set(lines.map(({ account }) => account))].filter((id) => !named.has(id));
  // The accounts that lines have already are as they are.
  const known = (await Promise.all(others.map((id) => listAccounts(db, { after: null, limit: 1, id })))).flat();
  const tables = new Tables();
  for (const [at, { id, name }] of accounts.entries()) tables.add('accounts', `/accounts/${at}`, [id, name]);
  for (const { id, name } of known) tables.add('accounts', '/accounts', [id, name]);
  for (const [at, line] of lines.entries()) tables.addLine(line, `/lines/${at}`);
  return { tables, knownAccounts: new Set(known.map(({ id }) => id)) };
}

const HEADERS = {
  accounts: ['account', 'name'],
  lines: ['line', 'account', 'number', 'offer', 'usage_class', 'mobility', 'equipment', 'from', 'to'],
  devices: ['line', 'user_agent', 'from', 'to'],
  networks: ['line', 'cidr', 'from', 'to'],
} as const;
type Table = keyof typeof HEADERS;

/** Columns of the files, by what the fields of data are called. */
const FIELDS: Readonly<Record<string, string>> = { usage_class: 'usageClass', user_agent: 'userAgent' };

/** The four files of an import, and where each of their rows stands in what was entered. */
class Tables {
  readonly #rows: Readonly<Record<Table, string[]>> = {
    accounts: [HEADERS.accounts.join(',')],
    lines: [HEADERS.lines.join(',')],
    devices: [HEADERS.devices.join(',')],
    networks: [HEADERS.networks.join(',')],
  };
  readonly #pointers: Readonly<Record<Table, string[]>> = {
    accounts: [''],
    lines: [''],
    devices: [''],
    networks: [''],
  };

  get texts(): Readonly<Record<Table, string>> {
    const { accounts, lines, devices, networks } = this.#rows;
    return {
      accounts: accounts.join('\n'),
      lines: lines.join('\n'),
      devices: devices.join('\n'),
      networks: networks.join('\n'),
    };
  }

  add(table: Table, pointer: string, fields: readonly string[]): void {
    this.#rows[table].push(fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(','));
    this.#pointers[table].push(pointer);
  }

  addLine({ id, account, spans, devices = [], networks = [] }: GivenLine, pointer: string): void {
    for (const [at, span] of spans.entries()) {
      const { number, offer, usageClass, mobility, equipment, from, to } = span;
      this.add('lines', `${pointer}/spans/${at}`, [
        id,
        account,
        number ?? '',
        offer ?? '',
        usageClass,
        unlessUnknown(mobility),
        unlessUnknown(equipment),
        from,
        to ?? '',
      ]);
    }
    for (const [at, { userAgent, from, to }] of devices.entries()) {
      this.add('devices', `${pointer}/devices/${at}`, [id, userAgent, from, to ?? '']);
    }
    for (const [at, { cidr, from, to }] of networks.entries()) {
      this.add('networks', `${pointer}/networks/${at}`, [id, cidr, from, to ?? '']);
    }
  }

  faultOf({ file, line, column, problem: told }: LinesFault): EditFault {
    // Rows are those of an import, which nobody sees here.
    const problem = told.replaceAll(/in row (\d+)/g, (_, row) => `at '${this.#pointers.lines[Number(row) - 1] ?? ''}'`);
    const table = file.replace(/\.csv$/, '') as Table;
    const row = line === null ? '' : (this.#pointers[table][line - 1] ?? '');
    const field = column === '' ? '' : `/${FIELDS[column] ?? column}`;
    // Ids stand above the spans.
    const above = row.replace(/\/(?:spans|devices|networks)\/\d+$/, '');
    if (column === 'line') return { pointer: `${above}/id`, problem };
    if (column === 'account') return { pointer: table === 'accounts' ? `${row}/id` : `${above}/account`, problem };
    return { pointer: `${row}${field}`, problem };
  }
}

/** Empty in the files. */
function unlessUnknown(value: string | undefined): string {
  return value === undefined || value === 'unknown' ? '' : value;
}
