import { type LineVerdicts, loadLineVerdicts, loadOfferTerms, type OfferTerms } from '../../engine/index.ts';
import {
  type KeptCaseAct,
  type NumberedLine,
  type PostedCorrections,
  type Queryable,
  callsOfLine,
  caseActs,
  caseHistory,
  correctionsOf,
  isLineStale,
  loadLines,
  otherCallers,
  repeatWhileCut,
} from '../../ledger/index.ts';
import { type Decision, type DecisionKind, VERDICT_KINDS, offersBetween } from '../../rater/index.ts';
import type { CallTo, Finding } from '../../rules/index.ts';
import { type CivilTime, formatNumber } from '../../tariffs/index.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { type Refused, refusal, refused, refusedFor } from '../refusals.ts';
import { type ReportedLine, readLineReport } from '../reports/read-report.ts';
import { parsePeriod, showPeriod } from '../value-text.ts';
import { type DecisionEffect, destinationsByNo, effectsOfDecisions } from './decision-effect.ts';
import { isFinding } from './evidence-text.ts';
import {
  type CaseDay,
  type CaseDestination,
  type CaseHour,
  type NumberTotals,
  type SeenFrom,
  daysOf,
  destinationsOf,
  hoursOf,
  numbersOf,
  seenFrom,
} from './line-month.ts';

/** Which case. */
export interface CaseRequest {
  readonly line: string;
  /** `2026-11`. */
  readonly period: string;
  /** How many of the numbers called are shown; 20 where nothing is said. */
  readonly numbers?: string | undefined;
  /** Looks for the other callers of a number in all accounts: the whole month is read. */
  readonly everywhere?: boolean | undefined;
}

/** All that there is to see of a line's month before it is decided on. Money in micros, instants in ms. */
export interface ShownCase {
  readonly kind: 'case';
  /** yyyymm. */
  readonly period: number;
  readonly timeZone: string;
  readonly currency: string;
  /** The line with its breaches in words, what they meter, and what is at stake: as the report has it. */
  readonly summary: ReportedLine;
  /** What was entered since is not judged yet: what is shown may be about to change. */
  readonly isStale: boolean;
  /** Days of the month with calls, in order. */
  readonly days: readonly CaseDay[];
  /** What the offers of the month allow of different numbers, and the call that crossed it. */
  readonly limits: readonly NumberLimit[];
  /** By price, dearest first. */
  readonly destinations: readonly CaseDestination[];
  /** All 24 hours of the day. */
  readonly hours: readonly CaseHour[];
  /** How many different numbers were called; `numbers` has those called most. */
  readonly numbersCalled: number;
  readonly numbers: readonly CalledNumber[];
  /** Whether other callers were looked for in all accounts, or in the line's own. */
  readonly callersOf: 'account' | 'ledger';
  /** What the calls came from, most calls first; `null`: the switch did not say. */
  readonly devices: readonly SeenFrom[];
  readonly networks: readonly SeenFrom[];
  /** What each verdict on each condition of the case would change. */
  readonly outcomes: readonly CaseOutcome[];
  readonly history: CaseHistory;
}

export interface NumberLimit {
  readonly condition: string;
  readonly most: number;
  /** `null`: not crossed. */
  readonly crossing: { readonly day: string; readonly call: CallTo } | null;
}

/** A number that was called, and who else called it. */
export interface CalledNumber extends Omit<NumberTotals, 'called'> {
  readonly number: string;
  /** Other lines that called it in the month, most calls first. */
  readonly otherLines: readonly { readonly line: string; readonly account: string; readonly calls: number }[];
}

export interface CaseOutcome {
  /** `null`: the same decision on every condition of the case. */
  readonly condition: string | null;
  readonly decision: DecisionKind;
  readonly effect: DecisionEffect;
}

export interface CaseHistory {
  /** Verdicts found and withdrawn, in order. */
  readonly verdicts: readonly { readonly condition: string; readonly event: string }[];
  readonly corrections: readonly PostedCorrections[];
  /** What people did to it beside deciding, in order: who had it, notes, until when it was snoozed. */
  readonly acts: readonly KeptCaseAct[];
}

const USUAL_NUMBERS = 20;

/** Shows a case: its verdict in words with the evidence, what the calls look like, and what a decision would cost. */
export async function showCase(ledger: LedgerReading, request: CaseRequest): Promise<ShownCase | Refused> {
  const fault = checkCase(request);
  if (fault !== null) return fault;
  return repeatWhileCut(() => readCase(ledger, request, parsePeriod(request.period) ?? 0));
}

/** What is wrong with a request whatever the ledger holds; `null`: nothing. */
export function checkCase({ period, numbers }: CaseRequest): Refused | null {
  const faults = [
    ...(parsePeriod(period) === null ? [refusal('period-unknown', { period })] : []),
    ...(numbers === undefined || COUNT.test(numbers) ? [] : [refusal('count-unusable', { numbers })]),
  ];
  return refusedFor(faults);
}

const COUNT = /^(?:0|[1-9]\d{0,4})$/;

async function readCase(ledger: LedgerReading, request: CaseRequest, period: number): Promise<ShownCase | Refused> {
  const { db, plan } = ledger;
  const terms = await loadOfferTerms(db, plan);
  const [line] = await loadLines(db, { ids: [request.line] });
  if (line === undefined) return refused(refusal('line-unknown', { line: request.line }));
  const report = await readLineReport(ledger, period, line);
  const [summary] = report.lines;
  const [verdicts] = await loadLineVerdicts(db, terms, { nos: [line.no] });
  if (summary === undefined || verdicts === undefined) {
    return refused(refusal('case-unknown', { line: line.id, period: showPeriod(period) }));
  }
  const { civilTime } = terms;
  const destinations = await destinationsByNo(db, plan);
  const key = { bucket: line.bucket, account: line.accountNo, no: line.no };
  const calls = (await callsOfLine(db, key, period, period)).toSorted((a, b) => a.startedAt - b.startedAt);
  const numbers = numbersOf(calls, destinations);
  const shown = numbers.slice(0, Number(request.numbers ?? USUAL_NUMBERS));
  const everywhere = request.everywhere ?? false;
  const others = Map.groupBy(
    await otherCallers(
      db,
      key,
      period,
      shown.map(({ called }) => called),
      everywhere,
    ),
    ({ called }) => called,
  );
  return {
    kind: 'case',
    period,
    timeZone: report.timeZone,
    currency: report.currency,
    summary,
    isStale: await isLineStale(db, line),
    days: daysOf(calls, civilTime),
    limits: limitsOf(summary, verdicts, period, civilTime),
    destinations: destinationsOf(calls, destinations),
    hours: hoursOf(calls, civilTime),
    numbersCalled: numbers.length,
    numbers: shown.map(({ called, ...number }) => ({
      number: formatNumber(called),
      ...number,
      otherLines: (others.get(called) ?? []).map(({ line: other, account, calls: count }) => ({
        line: other,
        account,
        calls: count,
      })),
    })),
    callersOf: everywhere ? 'ledger' : 'account',
    ...seenFrom(calls),
    outcomes: await outcomesOf(db, ledger, terms, { line, verdicts }, period),
    history: {
      verdicts: await caseHistory(db, line, period),
      corrections: await correctionsOf(db, key, period),
      acts: await caseActs(db, line, period),
    },
  };
}

/** Conditions that a month crosses by different numbers: `condition.ts` says which measure a condition goes by. */
function limitsOf(
  { breaches }: ReportedLine,
  { factSpans }: LineVerdicts,
  period: number,
  civilTime: CivilTime,
): NumberLimit[] {
  const offers = offersBetween(factSpans, civilTime.periodStart(period), civilTime.periodEnd(period));
  const limits = new Map<string, NumberLimit>();
  for (const { condition, settings } of offers.flatMap(({ crossing }) => crossing)) {
    if (condition.measure !== 'distinctNumbers' || limits.has(condition.id)) continue;
    const finding = breaches.find((breach) => breach.condition === condition.id && breach.isFound)?.evidence;
    const call = isFinding(finding) ? crossingOf(finding) : null;
    limits.set(condition.id, {
      condition: condition.id,
      most: condition.most(settings),
      crossing: call === null ? null : { day: civilTime.date(call.startedAt), call },
    });
  }
  return [...limits.values()];
}

function crossingOf(finding: Finding): CallTo | null {
  return 'crossing' in finding && 'called' in finding.crossing ? finding.crossing : null;
}

/** What each verdict on each condition that is found, or was decided on, would change. */
async function outcomesOf(
  q: Queryable,
  { plan }: LedgerReading,
  terms: OfferTerms,
  { line, verdicts }: { readonly line: NumberedLine; readonly verdicts: LineVerdicts },
  period: number,
): Promise<CaseOutcome[]> {
  const found = verdicts.findings.get(period) ?? [];
  const decided = verdicts.decisions.filter((decision) => decision.period === period);
  const conditions = [...new Set([...found, ...decided].map(({ condition }) => condition))];
  const decisionOn = (condition: string, kind: DecisionKind): Decision => {
    const finding = found.find((each) => each.condition === condition);
    const earlier = decided.findLast((decision) => decision.condition === condition);
    return {
      sequence: Number.MAX_SAFE_INTEGER,
      line: line.id,
      period,
      condition,
      kind,
      effectiveAt: terms.civilTime.periodStart(period),
      breachFrom: finding?.breachFrom ?? earlier?.breachFrom ?? null,
    };
  };
  const possible = [...conditions, ...(conditions.length > 1 ? [null] : [])].flatMap((condition) =>
    VERDICT_KINDS.map((decision) => ({ condition, decision })),
  );
  const alternatives = possible.map(({ condition, decision }) =>
    (condition === null ? conditions : [condition]).map((each) => decisionOn(each, decision)),
  );
  const effects = await effectsOfDecisions(q, plan, terms, { line, verdicts }, alternatives);
  return possible.map((outcome, index) => ({ ...outcome, effect: effects[index]! }));
}
