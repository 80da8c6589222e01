import {
  type Closes,
  type Decision,
  type Finding,
  type FoundCondition,
  type Hold,
  type LineState,
  NO_HOLDS,
  emptyMonthState,
  holdsOf,
  isFoundAfterClose,
  offersBetween,
  bindingVerdict,
} from '../../rater/index.ts';
import type { CivilTime } from '../../tariffs/index.ts';

/** What holds go by, beside what is known of a line. */
export interface HoldTerms {
  readonly civilTime: CivilTime;
  readonly closes: Closes;
}

/** Every hold on a line: of each period with findings or decisions. */
export function holdsOfLine(line: LineState, terms: HoldTerms): LineState['holds'] {
  if (line.decisions.length === 0 && !hasFindings(line)) return NO_HOLDS;
  const findings = new Map([...line.months].map(([period, month]) => [period, month.findings]));
  return holdsOfFindings(line, findings, terms);
}

/** The same of a line of which no month is in memory, from what the ledger has found, by period. */
export function holdsOfFindings(
  { no: line, factSpans, decisions }: Pick<LineState, 'no' | 'factSpans' | 'decisions'>,
  findings: ReadonlyMap<number, readonly FoundCondition[]>,
  { civilTime, closes }: HoldTerms,
): readonly Hold[] {
  const periods = new Set([...findings.keys(), ...decisions.map(({ period }) => period)]);
  return [...periods]
    .toSorted((a, b) => a - b)
    .flatMap((period) => {
      const bounds = { period, start: civilTime.periodStart(period), end: civilTime.periodEnd(period) };
      const offers = offersBetween(factSpans, bounds.start, bounds.end);
      const found = findings.get(period) ?? [];
      const late = found.filter(({ condition }) => isFoundAfterClose(closes, { line, period, condition }));
      return holdsOf(bounds, found, decisions, offers, new Set(late.map(({ condition }) => condition)));
    });
}

/**
 * What the findings of a month that wait for a decision would hold in it if they were confirmed. A condition of scope
 * `call` meters the breaking calls alone: it is left out.
 */
export function undecidedHolds(
  line: Pick<LineState, 'no' | 'factSpans' | 'decisions' | 'holds'>,
  period: number,
  findings: readonly FoundCondition[],
  terms: HoldTerms,
): readonly Hold[] {
  const waiting = findings.filter(({ condition }) => isWaiting(line, period, condition));
  if (waiting.length === 0) return NO_HOLDS;
  const confirmations = waiting.map(({ condition, breachFrom }): Decision => ({
    sequence: Number.MAX_SAFE_INTEGER,
    line: '',
    period,
    condition,
    kind: 'confirm',
    effectiveAt: breachFrom,
    breachFrom,
  }));
  const { no, factSpans } = line;
  const confirmed = { no, factSpans, decisions: [...line.decisions, ...confirmations] };
  return holdsOfFindings(confirmed, new Map([[period, findings]]), terms).filter(
    (hold) =>
      hold.period === period &&
      !hold.onlyBreakingCalls &&
      waiting.some(({ condition }) => condition === hold.condition),
  );
}

/** Whether a finding is not in force, and was neither confirmed nor dismissed. */
function isWaiting({ holds, decisions }: Pick<LineState, 'decisions' | 'holds'>, period: number, condition: string) {
  if (holds.some((hold) => hold.period === period && hold.condition === condition)) return false;
  const own = decisions.filter((decision) => decision.period === period && decision.condition === condition);
  return bindingVerdict(own) === null;
}

function hasFindings({ months }: LineState): boolean {
  for (const { findings } of months.values()) if (findings.length > 0) return true;
  return false;
}

/**
 * Puts the ledger's verdicts on a line in place of those that were the ledger's before, and says whether they differ.
 * What memory alone has found since stays where the ledger's verdict on the period is the same.
 */
export function takeVerdicts(
  line: LineState,
  standing: readonly { readonly period: number; readonly finding: Finding }[],
  terms: HoldTerms,
): boolean {
  if (standing.length === 0 && line.months.size === 0) return false;
  const byPeriod = Map.groupBy(standing, ({ period }) => period);
  let isChanged = false;
  for (const period of new Set([...line.months.keys(), ...byPeriod.keys()])) {
    const findings = byPeriod.get(period)?.map(({ finding }) => finding) ?? [];
    const month = line.months.get(period) ?? emptyMonthState(line.factSpans, period, terms.civilTime);
    if (findingsText(findings) === findingsText(month.savedFindings)) continue;
    month.findings = findings;
    month.savedFindings = findings;
    line.months.set(period, month);
    isChanged = true;
  }
  if (isChanged) line.holds = holdsOfLine(line, terms);
  return isChanged;
}

function findingsText(findings: readonly Finding[]): string {
  if (findings.length === 0) return '';
  return findings
    .map((finding) => JSON.stringify(finding))
    .toSorted()
    .join();
}
