import { loadCatalogue, RatingState } from '../ingest/index.ts';
import { type linesInBreach, loadDecisions, loadStandingBreaches } from '../ledger/index.ts';
import { type Decision, type Finding, type Hold, type LineState, holdsOf, offersBetween } from '../rater/index.ts';
import type { CivilTime } from '../tariffs/index.ts';
import type { Ledger } from './ledger.ts';

type BreachSearch = NonNullable<Parameters<typeof linesInBreach>[2]>;
type LineSpanInPeriod = NonNullable<BreachSearch['held']>[number];

/** What breaches and decisions hold in a period, as the rater says it: what holds a call must have one definition. */
export interface PeriodHolds {
  /** Holds of breaches of earlier months that reach into the period. */
  readonly held: readonly LineSpanInPeriod[];
  /** What the period's breaches that wait for a decision would hold if they were confirmed. */
  readonly undecided: readonly LineSpanInPeriod[];
  /** The hold of the period's own breach, by the ledger's number of the line. */
  own(line: number, condition: string): Hold | null;
}

const NOTHING_HELD: PeriodHolds = { held: [], undecided: [], own: () => null };

/** Reads what is held in a period. Only a ledger with breaches or decisions has its lines loaded. */
export async function holdsInPeriod({ db, plan }: Pick<Ledger, 'db' | 'plan'>, period: number): Promise<PeriodHolds> {
  const breaches = await loadStandingBreaches(db);
  const decisions = await loadDecisions(db);
  const concerned = new Set([
    ...breaches.filter((breach) => breach.period <= period).map(({ line }) => line),
    ...decisions.filter(({ decision }) => decision.period <= period).map(({ lineNo }) => lineNo),
  ]);
  if (concerned.size === 0) return NOTHING_HELD;
  const state = await RatingState.load(db, await loadCatalogue(db, plan));
  const { civilTime } = state.context;
  const lines = [...concerned].map((no) => state.lineOf(no));
  const own = new Map<string, Hold>();
  for (const line of lines) {
    for (const hold of line.holds) if (hold.period === period) own.set(`${line.no} ${hold.condition}`, hold);
  }
  const start = civilTime.periodStart(period);
  const end = civilTime.periodEnd(period);
  const undecided = lines.flatMap((line) =>
    undecidedHolds(line, period, civilTime).map((hold) => spanOf(line, hold, start, end)),
  );
  const held = lines.flatMap((line) =>
    line.holds.filter((hold) => hold.period < period && hold.to > start).map((hold) => spanOf(line, hold, start, end)),
  );
  return {
    held,
    // A condition of scope `call` meters the breaking calls alone; which those are, only the rater can say of each call.
    undecided: undecided.filter(({ classes }) => classes.length > 0),
    own: (line, condition) => own.get(`${line} ${condition}`) ?? null,
  };
}

/** The holds of a line's period as they would be after one more decision. */
export function holdsAfter(
  line: LineState,
  period: number,
  more: readonly Decision[],
  civilTime: CivilTime,
): readonly Hold[] {
  const bounds = { period, start: civilTime.periodStart(period), end: civilTime.periodEnd(period) };
  const findings: readonly Finding[] = line.months.get(period)?.findings ?? [];
  const own = line.decisions.filter((decision) => decision.period === period);
  return holdsOf(bounds, findings, [...own, ...more], offersBetween(line.epochs, bounds.start, bounds.end));
}

/** What is found, not decided on and not in force by itself: held if a person confirmed it. */
function undecidedHolds(line: LineState, period: number, civilTime: CivilTime): Hold[] {
  const findings = line.months.get(period)?.findings ?? [];
  const waiting = findings.filter(
    ({ condition }) =>
      !line.holds.some((hold) => hold.period === period && hold.condition === condition) &&
      !line.decisions.some(
        (decision) => decision.period === period && decision.condition === condition && decision.kind !== 'reinstate',
      ),
  );
  const confirmations = waiting.map(({ condition, breachFrom }): Decision => ({
    sequence: Number.MAX_SAFE_INTEGER,
    line: line.id,
    period,
    condition,
    kind: 'confirm',
    effectiveAt: breachFrom,
    breachFrom,
  }));
  const after = holdsAfter(line, period, confirmations, civilTime);
  return after.filter((hold) => waiting.some(({ condition }) => condition === hold.condition));
}

function spanOf(line: LineState, hold: Hold, start: number, end: number): LineSpanInPeriod {
  return {
    bucket: line.bucket,
    line: line.no,
    condition: hold.condition,
    period: hold.period,
    from: Math.max(hold.from, start),
    to: Math.min(hold.to, end),
    classes: hold.onlyBreakingCalls ? [] : hold.classes,
  };
}
