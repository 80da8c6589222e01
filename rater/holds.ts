import { CONDITION_IDS, type IncludedClass } from '../rules/index.ts';
import { effectOf } from './compiled-offer.ts';
import type { Finding, FindingCondition } from './finding.ts';
import type { Decision } from './line.ts';
import { type LineState, epochAt } from './line-state.ts';

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

/** The bounds of a period, ms since the epoch. */
export interface PeriodBounds {
  readonly period: number;
  readonly start: number;
  readonly end: number;
}

/**
 * What the findings and decisions of one line and period hold, by the offer in force when the breach began. A condition is in force when a person confirmed it, or
 * when it is automatic, found, and not dismissed; the last of confirm and dismiss binds (domain page, "On which
 * conditions").
 */
export function holdsOf(
  bounds: PeriodBounds,
  findings: readonly Finding[],
  decisions: readonly Decision[],
  line: LineState,
): Hold[] {
  const conditions = new Set([...findings, ...decisions].map(({ condition }) => condition));
  return [...conditions].toSorted().flatMap((condition) => {
    if (!isFindingCondition(condition)) return [];
    const hold = holdOf(condition, bounds, findings, decisions, line);
    return hold === null ? [] : [hold];
  });
}

function isFindingCondition(condition: string): condition is FindingCondition {
  return condition !== 'forwarding' && (CONDITION_IDS as readonly string[]).includes(condition);
}

function holdOf(
  condition: FindingCondition,
  bounds: PeriodBounds,
  findings: readonly Finding[],
  decisions: readonly Decision[],
  line: LineState,
): Hold | null {
  const own = decisions.filter((decision) => decision.condition === condition && decision.period === bounds.period);
  const finding = findings.find((candidate) => candidate.condition === condition);
  const verdict = own.findLast(({ kind }) => kind !== 'reinstate');
  const breachFrom = finding?.breachFrom ?? verdict?.breachFrom ?? bounds.start;
  const offer = epochAt(line, breachFrom)?.offer ?? null;
  const effect = offer === null ? null : effectOf(offer, condition);
  const isConfirmed = verdict?.kind === 'confirm';
  const isInForce = isConfirmed || (effect?.mode === 'automatic' && finding !== undefined && verdict === undefined);
  if (effect === null || !isInForce) return null;
  const from = effect.rerate.scope === 'from-breach' ? breachFrom : bounds.start;
  return {
    condition,
    period: bounds.period,
    from,
    to: endOf(from, bounds, effect.suspension === 'until-reinstated', own),
    onlyBreakingCalls: effect.rerate.scope === 'call',
    classes: effect.rerate.classes,
  };
}

/** The first reinstatement at or after the hold's start, or the end of the period unless it runs on until reinstated. */
function endOf(
  from: number,
  bounds: PeriodBounds,
  isUntilReinstated: boolean,
  decisions: readonly Decision[],
): number {
  const natural = isUntilReinstated ? Number.POSITIVE_INFINITY : bounds.end;
  const reinstatements = decisions.filter(({ kind, effectiveAt }) => kind === 'reinstate' && effectiveAt >= from);
  return Math.min(natural, ...reinstatements.map(({ effectiveAt }) => effectiveAt));
}

/** Whether two lists of holds meter the same calls for the same reasons. */
export function sameHolds(a: readonly Hold[], b: readonly Hold[]): boolean {
  return a.length === b.length && a.every((hold, index) => sameHold(hold, b[index]!));
}

function sameHold(a: Hold, b: Hold): boolean {
  return a.condition === b.condition && a.period === b.period && a.from === b.from && a.to === b.to;
}
