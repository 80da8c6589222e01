import type { LineVerdicts, OfferTerms } from '../../engine/index.ts';
import {
  type NumberedLine,
  type PostedCall,
  type Queryable,
  callsOfLine,
  loadDestinationNames,
} from '../../ledger/index.ts';
import { type Coverage, type Decision, type Hold, coverageOf, reasonOf } from '../../rater/index.ts';
import type { CivilTime, Destination, NumberingPlan } from '../../tariffs/index.ts';
import { holdsOfLineAfter } from './held-in-period.ts';

/** What a decision changes of what calls cost. */
export interface DecisionEffect {
  /** Calls that have another coverage by it. */
  readonly calls: number;
  /** Micros: what the line is charged more; below 0: less. */
  readonly charge: number;
  /** In order of month, then destination. */
  readonly changes: readonly CoverageChange[];
}

/** Calls of one month to one destination that go from one coverage to another. */
export interface CoverageChange {
  readonly period: number;
  readonly destination: string;
  readonly before: Coverage;
  readonly after: Coverage;
  readonly calls: number;
  readonly billedSeconds: number;
  /** Micros: what they cost by the minute, whatever their coverage. */
  readonly meteredPrice: number;
  /** Micros: what is charged more for them; below 0: less. */
  readonly charge: number;
}

/** The same words as the report's, in the order of its table. */
const CHARGED: Readonly<Record<Coverage, number>> = { included: 0, metered: 1, free: 0 };

/** A line as the ledger has it, with what its calls are held by. */
export interface DecidedLine {
  readonly line: NumberedLine;
  readonly verdicts: LineVerdicts;
}

/**
 * What each of several lists of decisions on a line would change, taken alone, by the functions with which the engine
 * rates: it is what keeping them does. Nothing is written. Of a line that waits to be judged again it can't be said.
 */
export async function effectsOfDecisions(
  q: Queryable,
  plan: NumberingPlan,
  { civilTime }: Pick<OfferTerms, 'civilTime'>,
  { line, verdicts }: DecidedLine,
  alternatives: readonly (readonly Decision[])[],
): Promise<DecisionEffect[]> {
  const holds = alternatives.map((decisions) => holdsOfLineAfter(verdicts, decisions));
  const starts = holds.flatMap((after) => firstDifference(verdicts.holds, after, civilTime) ?? []);
  if (starts.length === 0) return alternatives.map(() => NO_EFFECT);
  const key = { bucket: line.bucket, account: line.accountNo, no: line.no };
  const calls = await callsOfLine(q, key, Math.min(...starts));
  const destinations = await destinationsByNo(q, plan);
  return holds.map((after) => effectOfHolds(calls, verdicts, after, destinations));
}

export const NO_EFFECT: DecisionEffect = { calls: 0, charge: 0, changes: [] };

/** The first period (yyyymm) in which two lists of holds may meter other calls; `null`: in none. */
function firstDifference(before: readonly Hold[], after: readonly Hold[], civilTime: CivilTime): number | null {
  const inBefore = new Set(before.map(holdText));
  const inAfter = new Set(after.map(holdText));
  const moved = [
    ...before.filter((hold) => !inAfter.has(holdText(hold))),
    ...after.filter((hold) => !inBefore.has(holdText(hold))),
  ];
  if (moved.length === 0) return null;
  const from = Math.min(...moved.map((hold) => hold.from));
  return civilTime.covers(from) ? civilTime.periodOf(from) : 0;
}

function holdText({ condition, period, from, to, onlyBreakingCalls, classes }: Hold): string {
  return [condition, period, from, to, onlyBreakingCalls, ...classes].join();
}

/** The destinations of the plan by the ledger's numbers of them. */
export async function destinationsByNo(q: Queryable, plan: NumberingPlan): Promise<ReadonlyMap<number, Destination>> {
  const byName = new Map(plan.destinations.map((destination) => [destination.name, destination]));
  const known = [...(await loadDestinationNames(q))].flatMap(([no, name]): [number, Destination][] => {
    const destination = byName.get(name);
    return destination === undefined ? [] : [[no, destination]];
  });
  return new Map(known);
}

/** What calls of a line change when other holds are on it. */
function effectOfHolds(
  calls: readonly PostedCall[],
  { factSpans }: Pick<LineVerdicts, 'factSpans'>,
  holds: readonly Hold[],
  destinations: ReadonlyMap<number, Destination>,
): DecisionEffect {
  const changes = new Map<string, CoverageChange>();
  for (const call of calls) {
    const { period, coverage: before, startedAt, flags, meteredPrice, billedSeconds } = call;
    const destination = destinations.get(call.destination);
    const factSpan = factSpans.find(({ from, to }) => startedAt >= from && startedAt < to);
    if (before === null || destination === undefined || factSpan === undefined) continue;
    const after = coverageOf(destination, reasonOf(destination, factSpan.offer, flags, startedAt, holds));
    if (after === before) continue;
    const { name } = destination;
    const key = `${period} ${before} ${after} ${name}`;
    const sum = changes.get(key);
    changes.set(key, {
      period,
      destination: name,
      before,
      after,
      calls: (sum?.calls ?? 0) + 1,
      billedSeconds: (sum?.billedSeconds ?? 0) + billedSeconds,
      meteredPrice: (sum?.meteredPrice ?? 0) + meteredPrice,
      charge: (sum?.charge ?? 0) + (CHARGED[after] - CHARGED[before]) * meteredPrice,
    });
  }
  const all = [...changes.values()].toSorted(byMonthAndDestination);
  return {
    calls: all.reduce((sum, { calls: changed }) => sum + changed, 0),
    charge: all.reduce((sum, { charge }) => sum + charge, 0),
    changes: all,
  };
}

function byMonthAndDestination(a: CoverageChange, b: CoverageChange): number {
  return a.period - b.period || (a.destination < b.destination ? -1 : a.destination > b.destination ? 1 : 0);
}
