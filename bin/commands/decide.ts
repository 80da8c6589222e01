import {
  addDecision,
  countFactChange,
  loadDecisionsOn,
  loadFinding,
  loadLines,
  lockHeads,
  markLinesStale,
  repeatUnlessInDoubt,
  repeatWhileCut,
  type Transaction,
} from '../../ledger/index.ts';
import { type LineVerdicts, loadLineVerdicts, loadOfferTerms, type OfferTerms } from '../../engine/index.ts';
import {
  DECISION_KINDS,
  type DecisionKind,
  type Hold,
  isDecisionKind,
  isReinstatement,
  sameHolds,
} from '../../rater/index.ts';
import { CONDITION_IDS } from '../../rules/index.ts';
import type { CivilTime } from '../../tariffs/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { ledgerCivilTime } from '../ledger-civil-time.ts';
import type { Ledger } from '../ledger.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { PROGRAM } from '../program-name.ts';
import { linesReport } from '../report-text.ts';
import { readLineReport } from '../report-data.ts';
import { holdsOfLineAfter } from '../report-holds.ts';
import { parsePeriod, showInstant, showPeriod } from '../show-values.ts';
import { type Terminal, print } from '../terminal.ts';

export interface DecideOptions extends PlaceOptions {
  /** Day or instant from which a reinstated line's calls are included again; now when not given. */
  readonly at?: string;
  readonly by: string;
  readonly note: string;
}

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
  const kind = isDecisionKind(kindText) ? kindText : undefined;
  const faults: string[] = [];
  if (period === null) faults.push(`Cannot use period '${periodText}': it is no month such as '2026-11'`);
  if (kind === undefined) faults.push(`Cannot decide '${kindText}': it is none of ${DECISION_KINDS.join(', ')}`);
  if (!CONDITION_IDS.some((known) => known === condition)) {
    faults.push(`Cannot decide on condition '${condition}': it is none of ${CONDITION_IDS.join(', ')}`);
  }
  if (options.by.trim() === '') faults.push(`Cannot decide for nobody: '--by' is empty`);
  if (faults.length > 0 || period === null || kind === undefined) throw usageError(faults);
  const takenAt = Date.now();
  await withExistingLedger(options, terminal, async (ledger) => {
    const { db, engine } = ledger;
    const civilTime = await ledgerCivilTime(db);
    const effectiveAt = effectiveInstant(options.at, { kind, period, takenAt }, civilTime);
    // What waits for facts entered since is judged first: a decision is on what the ledger would say today.
    await engine.catchUp();
    const what = { line, period, condition, effectiveAt };
    const lifts = isReinstatement(kind);
    const futile = lifts ? await repeatWhileCut(() => futileReinstatement(ledger, what)) : null;
    if (futile !== null) return print(terminal, ...futile);
    const no = await keepDecision(ledger, { ...what, kind, takenAt, by: options.by, note: options.note });
    engine.forget();
    await engine.catchUp();
    const from = lifts ? `, from ${showInstant(effectiveAt, civilTime)} on` : '';
    print(
      terminal,
      `Decided: ${kind} '${condition}' for line ${line} in ${showPeriod(period)}${from}, by ${options.by}`,
    );
    if (lifts) print(terminal, ...(await repeatWhileCut(() => stillHeld(ledger, what))));
    const report = await readLineReport(ledger, period, { id: line, no });
    if (report.lines.length > 0) print(terminal, ...linesReport(report.lines, report, terminal.columns));
  });
}

/** How long a reinstatement may be planned ahead: a later one is more likely a slip of the pen. */
const MAX_AHEAD_MS = 366 * 24 * 60 * 60 * 1000;

/**
 * When a decision takes effect: the instant of `--at`, or now. Refused where no call of the breach could be meant:
 * before its month, or more than a year ahead.
 */
function effectiveInstant(
  at: string | undefined,
  { kind, period, takenAt }: { readonly kind: DecisionKind; readonly period: number; readonly takenAt: number },
  civilTime: CivilTime,
): number {
  if (at === undefined) return takenAt;
  const effectiveAt = civilTime.parseInstant(at);
  if (effectiveAt === null) {
    throw usageError(
      `Cannot use --at '${at}': it is no day or instant such as '2026-11-20' or '2026-11-20T08:00:00+01:00'`,
    );
  }
  const start = civilTime.periodStart(period);
  if (effectiveAt < start) {
    throw usageError(
      `Cannot ${kind} with effect from '${at}': the breach is of ${showPeriod(period)}, which begins at ${showInstant(start, civilTime)}`,
    );
  }
  if (effectiveAt > Math.max(takenAt, civilTime.periodEnd(period)) + MAX_AHEAD_MS) {
    throw usageError(`Cannot ${kind} with effect from '${at}': that is more than a year ahead`);
  }
  return effectiveAt;
}

interface DecisionToKeep extends Reinstatement {
  readonly kind: DecisionKind;
  readonly takenAt: number;
  readonly by: string;
  readonly note: string;
}

/**
 * Keeps a decision and marks the line to be judged again; returns the ledger's number of the line. It is kept once:
 * where that is in doubt, a person looks first.
 */
function keepDecision({ db }: Ledger, what: DecisionToKeep): Promise<number> {
  const { line, period, condition, kind } = what;
  const keep = async (tx: Transaction): Promise<number> => {
    const [known] = await loadLines(tx, { ids: [line] });
    if (known === undefined) throw new CommandError(`Cannot decide on line '${line}': the ledger has no such line`);
    await lockHeads(tx, [known.bucket]);
    const finding = await loadFinding(tx, known, period, condition);
    const earlier = (await loadDecisionsOn(tx, [known])).filter(
      ({ decision }) => decision.period === period && decision.condition === condition,
    );
    if (finding === null && earlier.length === 0) {
      throw new CommandError(
        `Cannot ${kind} condition '${condition}' for line '${line}' in ${showPeriod(period)}: it is not broken there, and was never decided on`,
      );
    }
    const breachFrom = finding?.breachFrom ?? earlier.at(-1)?.decision.breachFrom ?? null;
    await addDecision(tx, known, {
      period,
      condition,
      kind,
      effectiveAt: what.effectiveAt,
      breachFrom: kind === 'confirm' ? breachFrom : null,
      decidedBy: what.by,
      note: what.note,
      decidedAt: what.takenAt,
    });
    await countFactChange(tx, [known.bucket]);
    await markLinesStale(tx, [known]);
    return known.no;
  };
  return repeatUnlessInDoubt(() => db.transaction(keep));
}

interface Reinstatement {
  readonly line: string;
  readonly period: number;
  readonly condition: string;
  /** ms since the epoch. */
  readonly effectiveAt: number;
}

/**
 * What to say instead of keeping a reinstatement that would change nothing: no breach of the condition holds a call
 * from then on that began before. `null`: it would change something, or the line or its breach is unknown, which is
 * said elsewhere.
 */
async function futileReinstatement(ledger: Ledger, what: Reinstatement): Promise<string[] | null> {
  const { line, period, condition, effectiveAt } = what;
  const terms = await loadOfferTerms(ledger.db, ledger.plan);
  const { civilTime } = terms;
  const known = await verdictsOf(ledger, line, terms);
  if (known === null) return null;
  const isKnown =
    known.decisions.some((decision) => decision.period === period && decision.condition === condition) ||
    (known.findings.get(period) ?? []).some((finding) => finding.condition === condition);
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
  // Of all months: a reinstatement ends every hold of the condition that began before it.
  if (!sameHolds(known.holds, holdsOfLineAfter(known, [decision], civilTime))) return null;
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

/** What keeps a line's calls metered for the same condition after it was reinstated: breaches that began after that. */
async function stillHeld(ledger: Ledger, what: Reinstatement): Promise<string[]> {
  const known = await verdictsOf(ledger, what.line, await loadOfferTerms(ledger.db, ledger.plan));
  const others = known === null ? [] : otherHolds(known, what);
  if (others.length === 0) return [];
  return [
    `Calls after that are still metered: ${heldBy(others)}`,
    ...others.map((hold) => toLift(hold, what.line, ledger)),
  ];
}

function otherHolds({ holds }: LineVerdicts, { period, condition, effectiveAt }: Reinstatement): Hold[] {
  return holds.filter((hold) => hold.period !== period && hold.condition === condition && hold.to > effectiveAt);
}

function heldBy(holds: readonly Hold[]): string {
  return `${holds.map(({ period }) => showPeriod(period)).join(', ')} ${holds.length === 1 ? 'holds' : 'hold'} it`;
}

function toLift({ period, condition }: Hold, line: string, { option }: Ledger): string {
  return `  ${PROGRAM} decide ${line} ${showPeriod(period)} ${condition} reinstate --by NAME --note TEXT${option}`;
}

/** The line as the rater sees it now, with its holds of all months; `null` when there is no such line. */
async function verdictsOf({ db }: Ledger, line: string, terms: OfferTerms): Promise<LineVerdicts | null> {
  const [known] = await loadLineVerdicts(db, terms, { ids: [line] });
  return known ?? null;
}
