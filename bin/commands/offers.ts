import { resolve } from 'node:path';
import { formatOfferFault, parseOffer } from '../../services/index.ts';
import {
  callsUnderOffer,
  countStaleLines,
  type Head,
  loadOffers,
  markLinesOfOfferStale,
  offerVersion,
  type Queryable,
  readHeads,
  registerOffer,
} from '../../ledger/index.ts';
import type { Offer } from '../../rules/index.ts';
import { type LintFinding, type NumberingPlan, compileCivilTime, lintIncluded } from '../../tariffs/index.ts';
import { CommandError, EXIT_FAULTS } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { loadNumberingPlan, readNumberingTables } from '../load-numbering-plan.ts';
import type { Ledger } from '../ledger.ts';
import { hasLedger, withExistingLedger, withLedger } from '../open-ledger.ts';
import { rateAgain } from '../rated-again.ts';
import {
  checkRetroactive,
  keepReachBack,
  type ReachBack,
  refuseReachBack,
  retroactiveLines,
  type RetroactiveOptions,
} from '../retroactive.ts';
import { readTextFile } from '../read-text-file.ts';
import { readDefaultOffer } from '../set-up-ledger.ts';
import { plural, showInstant } from '../show-values.ts';
import { type Terminal, print } from '../terminal.ts';
import { textTable } from '../text-table.ts';

export interface ImportOfferOptions extends PlaceOptions, RetroactiveOptions {}

/**
 * `fairtally offers import FILE`: checks an offer and registers it; lines that have it are judged again by it. An
 * offer has no dates: another version of one that calls were rated under changes what is rated, and is refused unless
 * asked for.
 */
export async function importOffer(file: string, options: ImportOfferOptions, terminal: Terminal): Promise<void> {
  checkRetroactive(options);
  const plan = loadNumberingPlan();
  const offer = await readOffer(file, terminal, plan);
  const version = offerVersion(offer);
  // Refused before a ledger is made: a new one has the default offer.
  if (!hasLedger(options, terminal)) refuseOtherZone(offer, [readDefaultOffer(plan)]);
  await withLedger(options, terminal, async (ledger) => {
    const known = await loadOffers(ledger.db);
    if (known.findLast(({ id }) => id === offer.id)?.version === version) {
      print(terminal, `Offer ${offer.id}@${version} is in use already: nothing changed`);
      // What a process that was killed in between has left waits still.
      return judgeAgain(ledger, await countStaleLines(ledger.db), terminal);
    }
    refuseOtherZone(
      offer,
      known.map((other) => other.offer),
    );
    const subject = `import offer '${file}'`;
    const inUse = known.findLast(({ id }) => id === offer.id)?.offer ?? null;
    const heads = await readHeads(ledger.db);
    const reach = isJudgedAlike(inUse, offer) ? null : await offerReachBack(ledger.db, offer);
    refuseReachBack(subject, reach, options);
    const lines = await ledger.engine.changeCatalogue(async (tx) => {
      const reached = isJudgedAlike(inUse, offer) ? null : (reach ?? (await offerReachBack(tx, offer, heads)));
      refuseReachBack(subject, reached, options);
      await keepReachBack(tx, 'offer', `${offer.id}@${version}`, reached, options);
      await registerOffer(tx, offer);
      return markLinesOfOfferStale(tx, offer.id);
    });
    const wasKnown = known.some((other) => other.version === version);
    const what = `${offer.id}@${version}: ${offer.name}`;
    print(terminal, wasKnown ? `Offer ${what} is in use again` : `Imported offer ${what}`);
    await judgeAgain(ledger, lines, terminal);
  });
}

async function judgeAgain(ledger: Ledger, lines: number, terminal: Terminal): Promise<void> {
  if (lines === 0) return;
  print(terminal, `Judging ${plural(lines, 'line')} again …`);
  print(terminal, ...(await rateAgain(ledger)));
}

/** Whether two versions of an offer judge every call alike: only what it is called differs. */
function isJudgedAlike(before: Offer | null, after: Offer): boolean {
  return before !== null && offerVersion({ ...before, name: '' }) === offerVersion({ ...after, name: '' });
}

/** The calls that were rated under the offer, all of them or those after `heads`: another version judges them again. */
async function offerReachBack(
  q: Queryable,
  { id, timeZone }: Offer,
  heads?: readonly Head[],
): Promise<ReachBack | null> {
  const rated = await callsUnderOffer(q, id, heads);
  if (rated === null) return null;
  const { calls, from } = rated;
  const since = showInstant(from, compileCivilTime(timeZone));
  const what = `${plural(calls, 'call')} ${calls === 1 ? 'is' : 'are'} rated under '${id}' already, from ${since} on, and would be judged anew`;
  return { ...rated, what };
}

/** Periods are one calendar for the whole ledger. */
function refuseOtherZone(offer: Offer, known: readonly Offer[]): void {
  const other = known.find(({ timeZone }) => timeZone !== offer.timeZone);
  if (other === undefined) return;
  throw new CommandError(
    `Cannot import offer '${offer.id}' in time zone '${offer.timeZone}': offer '${other.id}' of this ledger is in '${other.timeZone}'`,
  );
}

/**
 * `fairtally offers lint FILE`: what an offer includes that it should not include unaware. Returns the exit code: 1
 * when there is a costly range that nothing declares, or a name that leads nowhere.
 */
export async function lintOffer(file: string, terminal: Terminal): Promise<number> {
  const offer = await readOffer(file, terminal, loadNumberingPlan());
  const findings = lintIncluded(readNumberingTables(), offer.included);
  print(terminal, ...findings.map(describeFinding));
  const grave = findings.filter(({ kind }) => kind === 'unknown-name' || kind === 'undeclared-range').length;
  const noted = findings.length - grave;
  print(
    terminal,
    findings.length === 0
      ? `${file}: nothing to say against what offer '${offer.id}' includes`
      : `${file}: ${plural(grave, 'fault')}, ${plural(noted, 'remark')} on what offer '${offer.id}' includes`,
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
    const offers = await loadOffers(ledger.db);
    const rows = offers.map(({ no, id, version, offer }) => [
      String(no),
      `${id}@${version}`,
      offer.name,
      String(offer.conditions.length),
      offers.findLast((other) => other.id === id)?.no === no ? 'in use' : '',
    ]);
    const headings = ['no', 'offer', 'name', 'conditions', ''];
    print(
      terminal,
      ...textTable(
        headings.map((heading) => ({ heading, align: 'left' })),
        rows,
      ),
      ...(await retroactiveLines(ledger, 'offer')),
    );
  });
}

async function readOffer(file: string, terminal: Terminal, plan: NumberingPlan): Promise<Offer> {
  const text = await readTextFile(resolve(terminal.folder, file), file);
  const parsed = parseOffer(text, new Set(plan.destinations.map(({ name }) => name)));
  if (parsed.kind === 'offer') return parsed.offer;
  throw new CommandError(parsed.faults.map((fault) => formatOfferFault(file, fault)));
}
