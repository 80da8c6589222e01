import { resolve } from 'node:path';
import {
  checkOfferImport,
  formatOfferFault,
  type ImportedOffer,
  importOffer as importOfferText,
  lintOffer as lintOfferText,
  listOffers as readOfferList,
  type OfferFaults,
  type OfferImport,
  rateAgain,
} from '../../services/index.ts';
import type { LintFinding } from '../../tariffs/index.ts';
import { CommandError, EXIT_FAULTS } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { loadNumberingPlan, readNumberingTables } from '../load-numbering-plan.ts';
import { hasLedger, withExistingLedger, withLedger } from '../open-ledger.ts';
import { ratedAgainText } from '../rated-again.ts';
import { readTextFile } from '../read-text-file.ts';
import { refusalError } from '../refusal-error.ts';
import { retroactiveLines } from '../retroactive-lines.ts';
import { readDefaultOffer } from '../set-up-ledger.ts';
import { plural } from '../show-values.ts';
import { type Terminal, print } from '../terminal.ts';
import { textTable } from '../text-table.ts';
import { userName } from '../user-name.ts';

export interface ImportOfferOptions extends PlaceOptions, Pick<OfferImport, 'retroactive' | 'note'> {
  /** Who imports it; the user of the system when not given. */
  readonly by?: string;
}

/** `fairtally offers import FILE`: checks an offer and registers it; lines that have it are judged again by it. */
export async function importOffer(file: string, options: ImportOfferOptions, terminal: Terminal): Promise<void> {
  const { retroactive, note, by = userName() } = options;
  const text = await readTextFile(resolve(terminal.folder, file), file);
  const request: OfferImport = { file, text, retroactive, note, by };
  const plan = loadNumberingPlan();
  // Refused before a ledger is made: a new one has the default offer.
  const fault = checkOfferImport(request, plan, hasLedger(options, terminal) ? [] : [readDefaultOffer(plan)]);
  if (fault !== null) throw importError(file, fault);
  await withLedger(options, terminal, async (ledger) => {
    const imported = await importOfferText(ledger, request);
    if (imported.kind !== 'imported') throw importError(file, imported);
    print(terminal, importedText(imported));
    const { staleLines } = imported;
    if (staleLines === 0) return;
    print(terminal, `Judging ${plural(staleLines, 'line')} again …`);
    print(terminal, ...ratedAgainText(await rateAgain(ledger)));
  });
}

function importError(
  file: string,
  fault: Exclude<Awaited<ReturnType<typeof importOfferText>>, ImportedOffer>,
): CommandError {
  return fault.kind === 'refused' ? refusalError(fault) : offerFaults(file, fault);
}

function importedText({ id, version, name, isInUse, wasKnown }: ImportedOffer): string {
  if (isInUse) return `Offer ${id}@${version} is in use already: nothing changed`;
  const what = `${id}@${version}: ${name}`;
  return wasKnown ? `Offer ${what} is in use again` : `Imported offer ${what}`;
}

/**
 * `fairtally offers lint FILE`: what an offer includes that it should not include unaware. Returns the exit code: 1
 * when there is a costly range that nothing declares, or a name that leads nowhere.
 */
export async function lintOffer(file: string, terminal: Terminal): Promise<number> {
  const text = await readTextFile(resolve(terminal.folder, file), file);
  const linted = lintOfferText(text, loadNumberingPlan(), readNumberingTables());
  if (linted.kind === 'faults') throw offerFaults(file, linted);
  const { offer, findings, grave } = linted;
  print(terminal, ...findings.map(describeFinding));
  const noted = findings.length - grave;
  print(
    terminal,
    findings.length === 0
      ? `${file}: nothing to say against what offer '${offer}' includes`
      : `${file}: ${plural(grave, 'fault')}, ${plural(noted, 'remark')} on what offer '${offer}' includes`,
  );
  return grave > 0 ? EXIT_FAULTS : 0;
}

function describeFinding(finding: LintFinding): string {
  switch (finding.kind) {
    case 'unknown-name':
      return `fault: no prefix leads to '${finding.name}': calls there would never be included`;
    case 'repeated-name':
      return `remark: '${finding.name}' stands twice`;
    case 'catch-all':
      return `remark: '${finding.name}' takes all of +${finding.prefix} that nothing else covers, also ranges that open tomorrow`;
    case 'declared-range':
      return (
        `remark: +${finding.prefix} '${finding.destination}' is a range of kind '${finding.nature}', ` +
        `included by its name (${finding.file}:${finding.line})`
      );
    case 'undeclared-range':
      return (
        `fault: ${finding.pattern}, of kind '${finding.nature}', would be included as part of ` +
        `'${finding.destination}' (${finding.file}:${finding.line})`
      );
    default:
      return finding satisfies never;
  }
}

/** `fairtally offers list`: every version, the one in use of each offer marked. */
export async function listOffers(options: PlaceOptions, terminal: Terminal): Promise<void> {
  await withExistingLedger(options, terminal, async (ledger) => {
    const { offers, retroactive, timeZone } = await readOfferList(ledger);
    const rows = offers.map(({ no, id, version, offer, isInUse }) => [
      String(no),
      `${id}@${version}`,
      offer.name,
      String(offer.conditions.length),
      isInUse ? 'in use' : '',
    ]);
    const headings = ['no', 'offer', 'name', 'conditions', ''];
    print(
      terminal,
      ...textTable(
        headings.map((heading) => ({ heading, align: 'left' })),
        rows,
      ),
      ...retroactiveLines(retroactive, timeZone),
    );
  });
}

function offerFaults(file: string, { faults }: OfferFaults): CommandError {
  return new CommandError(faults.map((fault) => formatOfferFault(file, fault)));
}
