import type { KeptNumberRepair, NumberRepair } from '../../ledger/index.ts';
import {
  checkRepair,
  listRepairs,
  type ReadOtherwise,
  readOtherwise,
  repairNumbers as repair,
  tryRepair,
} from '../../services/index.ts';
import { CommandError, EXIT_USAGE } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { refusalError } from '../refusal-error.ts';
import { plural, showCount } from '../show-values.ts';
import { type Terminal, notify, print } from '../terminal.ts';
import { textTable } from '../text-table.ts';
import { userName } from '../user-name.ts';

export interface RepairOptions extends PlaceOptions {
  readonly prefix?: string;
  readonly length?: string;
  readonly destination?: string;
  readonly begins?: string;
  readonly as?: string;
  readonly switch?: string;
  readonly end?: boolean;
  readonly dryRun?: boolean;
  readonly by?: string;
  readonly note?: string;
}

/**
 * `fairtally quarantine repair`: says where numbers lead that the plan refuses, or what a switch writes before its
 * numbers; without either it lists what is in force.
 */
export async function repairNumbers(options: RepairOptions, terminal: Terminal): Promise<void> {
  const wanted = repairOf(options);
  if (wanted === null)
    return withExistingLedger(options, terminal, async (ledger) => {
      const { repairs } = await listRepairs(ledger);
      if (repairs.length === 0) print(terminal, 'Numbers are read by the numbering plan alone: nobody added to it');
      else print(terminal, ...textTable(COLUMNS, repairs.map(rowOf)));
    });
  const { by = userName(), note = '', dryRun = false } = options;
  const fault = checkRepair({ repair: wanted, by, note: dryRun ? '-' : note });
  if (fault !== null) throw refusalError(fault);
  await withExistingLedger(options, terminal, async (ledger) => {
    if (dryRun) {
      const tried = await tryRepair(ledger, wanted);
      if (tried.kind === 'refused') throw refusalError(tried);
      const waiting = `${plural(tried.waiting, 'record')} in quarantine because of a number`;
      print(terminal, `It would read ${showCount(tried.read)} of ${waiting}`);
      print(terminal, ...tried.examples.map((each) => `  ${each.dialled} is ${each.called}, ${each.destination}`));
      notify(terminal, ...otherwiseInWords(tried.otherwise));
      return;
    }
    const done = await repair(ledger, { repair: wanted, by, note });
    if (done.kind === 'refused') throw refusalError(done);
    print(terminal, `Kept: ${plural(done.rated, 'record')} rated that waited`);
    notify(terminal, ...otherwiseInWords(await readOtherwise(ledger, wanted)));
  });
}

const COLUMNS = [
  { heading: 'numbers that begin with', align: 'left' },
  { heading: 'digits', align: 'right' },
  { heading: 'of switch', align: 'left' },
  { heading: 'lead to, or are read as', align: 'left' },
  { heading: 'said by', align: 'left' },
  { heading: 'why', align: 'left' },
] as const;

function rowOf({ repair: said, takenBy, note }: KeptNumberRepair): string[] {
  return said.kind === 'prefix'
    ? [said.prefix, String(said.length), '', said.destination ?? '', takenBy, note]
    : [`'${said.prefix}'`, '', said.switchId ?? 'any', `'${said.replacement ?? ''}'`, takenBy, note];
}

/** A warning of calls that no rule mends; nothing where there are none. */
function otherwiseInWords({ looked, calls, examples }: ReadOtherwise): string[] {
  if (calls === 0) return [];
  return [
    `Warning: of the ${plural(looked, 'call')} rated last, ${showCount(calls)} begin so too and are rated as they ` +
      'stand; a rule changes none of them. Set --dial-prefix where the records of this switch are read:',
    ...examples.map(
      ({ dialled, called, destination, meant, meantDestination }) =>
        `  ${dialled} was rated as ${called}, ${destination}; the rule says ${meant}, ${meantDestination}`,
    ),
  ];
}

/** What the options say; `null`: nothing. */
function repairOf({
  prefix,
  length,
  destination,
  begins,
  as,
  switch: switchId,
  end = false,
}: RepairOptions): NumberRepair | null {
  if (prefix !== undefined && begins !== undefined) throw usage(`'--prefix' and '--begins' say two things`);
  if (prefix !== undefined) {
    const digits = length ?? String(prefix.length);
    if (!/^\d{1,2}$/.test(digits)) throw usage(`Cannot use --length '${digits}': it is no number of digits`);
    if (!end && destination === undefined) throw usage(`'--destination NAME' says where --prefix '${prefix}' leads`);
    const to = end ? null : (destination ?? null);
    return { kind: 'prefix', prefix, length: Number(digits), destination: to };
  }
  if (begins === undefined) return null;
  if (!end && as === undefined) throw usage(`'--as TEXT' says what --begins '${begins}' is read as`);
  return { kind: 'dialled', prefix: begins, switchId: switchId ?? null, replacement: end ? null : (as ?? '') };
}

function usage(message: string): CommandError {
  return new CommandError(message, EXIT_USAGE);
}
