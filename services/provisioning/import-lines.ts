import {
  loadOffers,
  type ProvisioningChange,
  type ProvisioningFault as StoredFault,
  provisioningFaultText,
  provisioningFaults,
} from '../../ledger/index.ts';
import type { Line } from '../../rater/index.ts';
import { type CivilTime, type NumberingPlan, compileCivilTime } from '../../tariffs/index.ts';
import type { LedgerAccess } from '../ledger-access.ts';
import { ledgerTimeZone } from '../ledger-civil-time.ts';
import { type Refused, refusedFor } from '../refusals.ts';
import { retroactiveFaults } from '../retroactive.ts';
import { showInstant } from '../value-text.ts';
import { type ParsedProvisioning, parseProvisioning, type ProvisioningTexts } from './parse-provisioning.ts';
import { idAsNumber, storeLines } from './store-lines.ts';

/** Accounts and lines, devices and networks with their dated facts, that somebody imports. */
export interface LinesImport {
  readonly texts: ProvisioningTexts;
  /** What the texts are called in faults; `lines.csv` and the like where nothing is said. */
  readonly names?: Partial<Record<keyof ProvisioningTexts, string>>;
  /** Who imports, and why: kept where facts change what was rated already. */
  readonly by: string;
  readonly note?: string | undefined;
  /** What lines are believed to be: where one is not, nothing is stored. */
  readonly expected?: readonly Line[] | undefined;
  /** Accounts that are named only since lines are of them: whatever their names are, they stay. */
  readonly knownAccounts?: ReadonlySet<string>;
}

export interface ImportedLines {
  readonly kind: 'imported';
  /** How many there were in the files. */
  readonly accounts: number;
  readonly lines: number;
  /** What was new or other than before; the lines are marked, and `rateAgain` judges them. */
  readonly change: ProvisioningChange;
  /** In which its instants are shown. */
  readonly timeZone: string;
}

/** What is wrong with a file, or with its facts beside those of the ledger. */
export interface LinesFault {
  readonly file: string;
  /** Row of the file, from 1; `null` where it is of no one row. */
  readonly line: number | null;
  /** `''`: the whole row. */
  readonly column: string;
  readonly problem: string;
}

/** Nothing was imported: every fault that there is. */
export interface LinesFaults {
  readonly kind: 'faults';
  readonly faults: readonly LinesFault[];
}

/**
 * What is wrong with an import whatever the ledger holds; `null`: nothing.
 *
 * @param offers those that lines may have; the last one's zone is that of plain dates
 */
export function checkLinesImport(
  request: LinesImport,
  plan: NumberingPlan,
  offers: readonly { readonly id: string; readonly timeZone: string }[],
): Refused | LinesFaults | null {
  const wrong = refusedFor(retroactiveFaults('import lines', request));
  if (wrong !== null) return wrong;
  const parsed = parse(request, plan, offers);
  return parsed.kind === 'faults' ? { kind: 'faults', faults: parsed.faults } : null;
}

/**
 * Stores accounts and lines with their dated facts, all or nothing; what they touch is marked to be judged again.
 * Facts that are entered late are not refused (`docs/decisions/0029-what-was-charged-stays.md`): who entered them and
 * over how many rated calls they reach is kept.
 */
export async function importLines(
  ledger: LedgerAccess,
  request: LinesImport,
): Promise<ImportedLines | LinesFaults | Refused> {
  const wrong = refusedFor(retroactiveFaults('import lines', request));
  if (wrong !== null) return wrong;
  const offers = await loadOffers(ledger.db);
  const parsed = parse(
    request,
    ledger.plan,
    offers.map(({ offer }) => offer),
  );
  if (parsed.kind === 'faults') return { kind: 'faults', faults: await allFaults(ledger, request, parsed) };
  const { lines } = parsed;
  const accounts = parsed.accounts.filter(({ id }) => request.knownAccounts?.has(id) !== true);
  const timeZone = await ledgerTimeZone(ledger.db);
  const file = request.names?.lines ?? 'lines.csv';
  const note = request.note ?? 'no note was given';
  const stored = await storeLines(ledger, { accounts, lines }, { file, takenBy: request.by, note }, request.expected);
  if (stored.kind === 'refused') return stored;
  if (stored.kind === 'stored') {
    return { kind: 'imported', accounts: accounts.length, lines: lines.length, change: stored.change, timeZone };
  }
  const civilTime = compileCivilTime(timeZone);
  return { kind: 'faults', faults: stored.faults.map((fault) => faultOfFile(fault, file, parsed, civilTime)) };
}

/** Every fault that there is of an import, also those that the ledger has; nothing is stored. */
export async function findLinesFaults(ledger: LedgerAccess, request: LinesImport): Promise<readonly LinesFault[]> {
  const offers = (await loadOffers(ledger.db)).map(({ offer }) => offer);
  return allFaults(ledger, request, parse(request, ledger.plan, offers));
}

/** The faults of the files, and what the ledger has against that which could be read of them. */
async function allFaults(
  { db, plan }: LedgerAccess,
  { names = {} }: LinesImport,
  parsed: ParsedProvisioning,
): Promise<readonly LinesFault[]> {
  const found = await provisioningFaults(db, parsed, idAsNumber(plan));
  const given = new Set(parsed.lines.map(({ id }) => id));
  // That an account is not among the accounts, and two of the lines have one number, was found in the files.
  const others = found.filter(
    (fault) => fault.code !== 'unknown-account' && !(fault.code === 'number-of-two-lines' && given.has(fault.other)),
  );
  const civilTime = compileCivilTime(await ledgerTimeZone(db));
  const file = names.lines ?? 'lines.csv';
  return [
    ...(parsed.kind === 'faults' ? parsed.faults : []),
    ...others.map((fault) => faultOfFile(fault, file, parsed, civilTime)),
  ];
}

function parse(
  { texts, names = {} }: LinesImport,
  plan: NumberingPlan,
  offers: readonly { readonly id: string; readonly timeZone: string }[],
): ParsedProvisioning {
  const { parseInstant } = compileCivilTime(offers.at(-1)?.timeZone ?? 'Europe/Paris');
  const ids = [...new Set(offers.map(({ id }) => id))];
  return parseProvisioning(texts, { parseInstant, plan, offers: ids, names });
}

/** What the ledger has against what was parsed, with the row of the file. */
function faultOfFile(
  fault: StoredFault,
  file: string,
  { rowOf }: ParsedProvisioning,
  civilTime: CivilTime,
): LinesFault {
  const problem = provisioningFaultText(fault, (instant) => showInstant(instant, civilTime));
  const isOfNumber = 'spanFrom' in fault;
  const line = rowOf(fault.line, isOfNumber ? fault.spanFrom : null);
  return { file, line, column: line === null ? '' : isOfNumber ? 'number' : 'account', problem };
}
