import {
  type Finding,
  type FindingCondition,
  type IncludedClass,
  type Suspension,
  isFindingCondition,
} from '../../rules/index.ts';
import { type CompiledOffer, effectOf } from '../rate/compiled-offer.ts';
import { type HoldBeginning, bindingVerdict, endsHold } from './decision.ts';
import type { Decision } from '../line/line.ts';
import { termsOf } from './month-state.ts';

/**
 * A span, in terms of the start of calls, in which a condition in force meters calls that the offer includes.
 * `[from, to)`, ms since the epoch.
 */
export interface Hold {
  readonly condition: FindingCondition;
  readonly period: number;
  readonly from: number;
  readonly to: number;
  /** Only the calls that show the breach themselves, not every call of the span. */
  readonly onlyBreakingCalls: boolean;
  readonly classes: readonly IncludedClass[];
}

/** What of a finding its hold goes by: the evidence is for people. */
export type FoundCondition = Pick<Finding, 'condition' | 'breachFrom'>;

/** One list for all lines that have none, nearly every one: every call asks. */
export const NO_HOLDS: readonly Hold[] = [];

/** The bounds of a period, ms since the epoch. */
export interface PeriodBounds {
  readonly period: number;
  readonly start: number;
  readonly end: number;
}

/**
 * What the findings and decisions of one line and period hold. A condition is in force when a person confirmed it, or
 * when it is automatic, found before its period was closed, and not dismissed; the last of confirm and dismiss binds
 * (domain page, "On which conditions"). Those are of the period; a reinstatement ends holds of the condition whatever
 * period it names.
 *
 * @param decisions every decision on the line, of any period
 * @param offers the offers in force in the period, in order: the first that has a condition says its effect
 * @param waiting conditions that wait for a person whatever their mode: first found after the close of the period
 */
export function holdsOf(
  bounds: PeriodBounds,
  findings: readonly FoundCondition[],
  decisions: readonly Decision[],
  offers: readonly CompiledOffer[],
  waiting: ReadonlySet<string> = NONE_WAITING,
): Hold[] {
  const own = decisions.filter(({ period }) => period === bounds.period);
  const conditions = new Set([...findings, ...own].map(({ condition }) => condition));
  return [...conditions].toSorted().flatMap((condition) => {
    if (!isFindingCondition(condition)) return [];
    const hold = holdOf(condition, bounds, findings, decisions, offers, waiting.has(condition));
    return hold === null ? [] : [hold];
  });
}

const NONE_WAITING: ReadonlySet<string> = new Set();

function holdOf(
  condition: FindingCondition,
  bounds: PeriodBounds,
  findings: readonly FoundCondition[],
  decisions: readonly Decision[],
  offers: readonly CompiledOffer[],
  waits: boolean,
): Hold | null {
  const terms = termsOf(offers, condition);
  const effect = terms === null ? null : effectOf(terms, condition);
  const own = decisions.filter((decision) => decision.condition === condition && decision.period === bounds.period);
  const verdict = bindingVerdict(own.toSorted((a, b) => a.sequence - b.sequence));
  const finding = findings.find((candidate) => candidate.condition === condition);
  const isConfirmed = verdict?.kind === 'confirm';
  const isAutomatic = effect?.mode === 'automatic' && !waits;
  const isInForce = isConfirmed || (isAutomatic && finding !== undefined && verdict === null);
  if (effect === null || !isInForce) return null;
  const { scope, classes } = effect.rerate;
  const breachFrom = finding?.breachFrom ?? verdict?.breachFrom ?? bounds.start;
  const from = scope === 'from-breach' ? breachFrom : bounds.start;
  const onlyBreakingCalls = scope === 'call';
  const beginning = { condition, period: bounds.period, from };
  const to = onlyBreakingCalls ? bounds.end : endOf(beginning, bounds, effect.suspension, decisions);
  return { condition, period: bounds.period, from, to, onlyBreakingCalls, classes };
}

/**
 * Until when a hold runs: the end of the period, or for ever, unless the line is reinstated before. Without a
 * suspension there is nothing to reinstate: what was re-rated stays.
 */
function endOf(
  beginning: HoldBeginning,
  bounds: PeriodBounds,
  suspension: Suspension,
  decisions: readonly Decision[],
): number {
  if (suspension === 'none') return bounds.end;
  const reinstatements = decisions.filter((decision) => endsHold(decision, beginning));
  const natural = suspension === 'period' ? bounds.end : Number.POSITIVE_INFINITY;
  return Math.min(natural, ...reinstatements.map(({ effectiveAt }) => effectiveAt));
}

/** Whether two lists of holds meter the same calls for the same reasons. */
export function sameHolds(a: readonly Hold[], b: readonly Hold[]): boolean {
  return a.length === b.length && a.every((hold, index) => sameHold(hold, b[index]!));
}

function sameHold(a: Hold, b: Hold): boolean {
  const isSameSpan = a.condition === b.condition && a.period === b.period && a.from === b.from && a.to === b.to;
  return isSameSpan && a.onlyBreakingCalls === b.onlyBreakingCalls && sameClasses(a.classes, b.classes);
}

function sameClasses(a: readonly IncludedClass[], b: readonly IncludedClass[]): boolean {
  return a.length === b.length && a.every((included) => b.includes(included));
}
