import {
  addDecision,
  countFactChange,
  loadDecisions,
  loadLines,
  loadStandingBreaches,
  lockHeads,
  markLinesStale,
} from '../../ledger/index.ts';
import { loadCatalogue, RatingState } from '../../ingest/index.ts';
import { type Hold, type LineState, sameHolds } from '../../rater/index.ts';
import { CONDITION_IDS } from '../../rules/index.ts';
import type { CivilTime } from '../../tariffs/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { ledgerCivilTime } from '../ledger-civil-time.ts';
import type { Ledger } from '../ledger.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { PROGRAM } from '../program-name.ts';
import { linesReport } from '../report-text.ts';
import { readReport } from '../report-data.ts';
import { holdsAfter } from '../report-holds.ts';
import { parsePeriod, showInstant, showPeriod } from '../show-values.ts';
import { type Terminal, print } from '../terminal.ts';

export interface DecideOptions extends PlaceOptions {
  /** Day or instant from which a reinstated line's calls are included again; now when not given. */
  readonly at?: string;
  readonly by: string;
  readonly note: string;
}

const KINDS = ['confirm', 'dismiss', 'reinstate'] as const;

/**
 * `fairtally decide`: an analyst's decision on a line, a period and a condition. It is kept for good, beside those
 * before it, and the line's calls are charged anew as it says.
 */
export async function decide(
  [line, periodText, condition, kindText]: readonly [string, string, string, string],
  options: DecideOptions,
  terminal: Terminal,
): Promise<void> {
  const period = parsePeriod(periodText);
  const kind = KINDS.find((known) => known === kindText);
  const faults: string[] = [];
  if (period === null) faults.push(`Cannot use period '${periodText}': it is no month such as '2026-11'`);
  if (kind === undefined) faults.push(`Cannot decide '${kindText}': it is none of ${KINDS.join(', ')}`);
  if (!CONDITION_IDS.some((known) => known === condition)) {
    faults.push(`Cannot decide on condition '${condition}': it is none of ${CONDITION_IDS.join(', ')}`);
  }
  if (options.by.trim() === '') faults.push(`Cannot decide for nobody: '--by' is empty`);
  if (faults.length > 0 || period === null || kind === undefined) throw usageError(faults);
  await withExistingLedger(options, terminal, async (ledger) => {
    const { db, engine } = ledger;
    const civilTime = await ledgerCivilTime(db);
    const effectiveAt = options.at === undefined ? Date.now() : civilTime.parseInstant(options.at);
    if (effectiveAt === null) {
      throw usageError(
        `Cannot use --at '${options.at ?? ''}': it is no day or instant such as '2026-11-20' or '2026-11-20T08:00:00+01:00'`,
      );
    }
    // What waits for facts entered since is judged first: a decision is on what the ledger would say today.
    await engine.catchUp();
    const futile =
      kind === 'reinstate' ? await futileReinstatement(ledger, { line, period, condition, effectiveAt }) : null;
    if (futile !== null) return print(terminal, ...futile);
    await db.transaction(async (tx) => {
      const [known] = await loadLines(tx, { ids: [line] });
      if (known === undefined) throw new CommandError(`Cannot decide on line '${line}': the ledger has no such line`);
      await lockHeads(tx, [known.bucket]);
      const finding = (await loadStandingBreaches(tx)).find(
        (breach) => breach.line === known.no && breach.period === period && breach.finding.condition === condition,
      )?.finding;
      const earlier = (await loadDecisions(tx)).filter(
        ({ decision }) => decision.line === line && decision.period === period && decision.condition === condition,
      );
      if (finding === undefined && earlier.length === 0) {
        throw new CommandError(
          `Cannot ${kind} condition '${condition}' for line '${line}' in ${showPeriod(period)}: it is not broken there, and was never decided on`,
        );
      }
      const breachFrom = finding?.breachFrom ?? earlier.at(-1)?.decision.breachFrom ?? null;
      await addDecision(tx, known, {
        period,
        condition,
        kind,
        effectiveAt,
        breachFrom: kind === 'confirm' ? breachFrom : null,
        decidedBy: options.by,
        note: options.note,
      });
      await countFactChange(tx, [known.bucket]);
      await markLinesStale(tx, [known]);
    });
    engine.forget();
    await engine.catchUp();
    const from = kind === 'reinstate' ? `, from ${showInstant(effectiveAt, civilTime)} on` : '';
    print(
      terminal,
      `Decided: ${kind} '${condition}' for line ${line} in ${showPeriod(period)}${from}, by ${options.by}`,
    );
    if (kind === 'reinstate') print(terminal, ...(await stillHeld(ledger, { line, period, condition, effectiveAt })));
    const report = await readReport(ledger, period);
    const own = report.lines.filter((other) => other.line === line);
    if (own.length > 0) print(terminal, ...linesReport(own, report, terminal.columns));
  });
}

interface Reinstatement {
  readonly line: string;
  readonly period: number;
  readonly condition: string;
  /** ms since the epoch. */
  readonly effectiveAt: number;
}

/**
 * What to say instead of keeping a reinstatement that would change nothing: the month's breach does not hold a call
 * from then on. `null`: it would change something, or the line or its breach is unknown, which is said elsewhere.
 */
async function futileReinstatement(ledger: Ledger, what: Reinstatement): Promise<string[] | null> {
  const { line, period, condition, effectiveAt } = what;
  const state = await lineState(ledger, line);
  if (state === null) return null;
  const { known, civilTime } = state;
  const isKnown =
    known.decisions.some((decision) => decision.period === period && decision.condition === condition) ||
    (known.months.get(period)?.findings ?? []).some((finding) => finding.condition === condition);
  if (!isKnown) return null;
  const decision = {
    sequence: Number.MAX_SAFE_INTEGER,
    line,
    period,
    condition,
    kind: 'reinstate',
    effectiveAt,
    breachFrom: null,
  } as const;
  if (!sameHolds(holdsAfter(known, period, [], civilTime), holdsAfter(known, period, [decision], civilTime)))
    return null;
  const from = showInstant(effectiveAt, civilTime);
  const own = known.holds.find((hold) => hold.period === period && hold.condition === condition);
  const others = otherHolds(known, what);
  if (others.length > 0)
    return [`Nothing changed: ${heldBy(others)}`, ...others.map((hold) => toLift(hold, line, ledger))];
  if (own === undefined) {
    return [`Nothing changed: the breach of '${condition}' in ${showPeriod(period)} is not in force and holds no call`];
  }
  const until = showInstant(own.to, civilTime);
  return [
    effectiveAt < own.from
      ? `Nothing changed: it is in force from ${showInstant(own.from, civilTime)} on, and ${from} is before that ('dismiss' takes all of it back)`
      : `Nothing changed: from ${from} on it holds no call; it is in force until ${until}`,
  ];
}

/** What keeps a line's calls metered for the same condition after its breach of one month was lifted. */
async function stillHeld(ledger: Ledger, what: Reinstatement): Promise<string[]> {
  const state = await lineState(ledger, what.line);
  const others = state === null ? [] : otherHolds(state.known, what);
  if (others.length === 0) return [];
  return [
    `Calls after that are still metered: ${heldBy(others)}`,
    ...others.map((hold) => toLift(hold, what.line, ledger)),
  ];
}

function otherHolds({ holds }: LineState, { period, condition, effectiveAt }: Reinstatement): Hold[] {
  return holds.filter((hold) => hold.period !== period && hold.condition === condition && hold.to > effectiveAt);
}

function heldBy(holds: readonly Hold[]): string {
  return `${holds.map(({ period }) => showPeriod(period)).join(', ')} ${holds.length === 1 ? 'holds' : 'hold'} it`;
}

function toLift({ period, condition }: Hold, line: string, { option }: Ledger): string {
  return `  ${PROGRAM} decide ${line} ${showPeriod(period)} ${condition} reinstate --by NAME --note TEXT${option}`;
}

/** The line as the rater sees it now, with its holds of all months; `null` when there is no such line. */
async function lineState(
  { db, plan }: Ledger,
  line: string,
): Promise<{ readonly known: LineState; readonly civilTime: CivilTime } | null> {
  const state = await RatingState.load(db, await loadCatalogue(db, plan));
  const [numbered] = await loadLines(db, { ids: [line] });
  if (numbered === undefined) return null;
  return { known: state.lineOf(numbered.no), civilTime: state.context.civilTime };
}
