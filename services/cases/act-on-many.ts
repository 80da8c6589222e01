import type { FoundCase } from '../../ledger/index.ts';
import type { LedgerAccess } from '../ledger-access.ts';
import { type Refusal, type Refused, refusal, refused } from '../refusals.ts';
import { currencyOf } from '../reports/read-report.ts';
import { showPeriod } from '../value-text.ts';
import { type ActRequest, type CaseKey, actOnCase } from './act-on-case.ts';
import { decideCase } from './decide-case.ts';
import { type FindRequest, countCases, everyCase, pageOfCases } from './find-cases.ts';

/** What is to be done to each of several cases. */
export type ManyAct =
  | ActRequest
  | {
      readonly kind: 'decide';
      readonly decision: string;
      /** `null`: every condition that is found today. */
      readonly condition: string | null;
      readonly note: string;
    };

export interface ManyRequest {
  /** The cases that words ask for, or these. */
  readonly cases: { readonly filter: string } | { readonly keys: readonly CaseKey[] };
  /** How many they are, as who asks has seen: where they are more or fewer by now nothing is done. */
  readonly count: number;
  readonly act: ManyAct;
  /** Says what it would come to, and keeps nothing. */
  readonly dryRun: boolean;
}

/** What came of one case. */
export interface ManyResult {
  readonly line: string;
  /** yyyymm. */
  readonly period: number;
  readonly outcome: 'done' | 'unchanged' | 'refused';
  /** Calls that have another coverage by it, and what is charged more for them (micros). */
  readonly calls: number;
  readonly charge: number;
  /** Why it was refused; in part, where some of its conditions were. */
  readonly refusals: readonly Refusal[];
}

export interface ManyOutcome {
  readonly kind: 'many';
  readonly currency: string;
  readonly isKept: boolean;
  readonly results: readonly ManyResult[];
}

/** Most cases at once. */
export const MOST_CASES = 1_000;

/**
 * Does the same to several cases, one after the other: each stands for itself, and what is refused for one is done for
 * the others. Refused as a whole where the cases are not as many as who asks has seen.
 */
export async function actOnMany(
  ledger: LedgerAccess,
  request: ManyRequest,
  who: Pick<FindRequest, 'me' | 'account'> & { readonly by: string },
): Promise<ManyOutcome | Refused> {
  const found = await casesOf(ledger, request, who);
  if ('code' in found) return found;
  const results: ManyResult[] = [];
  for (const one of found) results.push(await actOnOne(ledger, one, request, who.by));
  return { kind: 'many', currency: await currencyOf(ledger.db), isKept: !request.dryRun, results };
}

async function casesOf(
  ledger: LedgerAccess,
  { cases, count }: ManyRequest,
  who: Pick<FindRequest, 'me' | 'account'>,
): Promise<readonly FoundCase[] | Refused> {
  if ('keys' in cases) return casesByKey(ledger, cases.keys, count, who);
  const counted = await countCases(ledger, { filter: cases.filter, ...who });
  if (counted.kind === 'refused') return counted;
  const differs = refusedCount(count, counted.cases);
  if (differs !== null) return differs;
  const all: FoundCase[] = [];
  for await (const page of everyCase(ledger, { filter: cases.filter, ...who })) {
    if ('code' in page) return page;
    all.push(...page);
  }
  return refusedCount(count, all.length) ?? all;
}

async function casesByKey(
  ledger: LedgerAccess,
  keys: readonly CaseKey[],
  count: number,
  who: Pick<FindRequest, 'me' | 'account'>,
): Promise<readonly FoundCase[] | Refused> {
  const all: FoundCase[] = [];
  for (const { line, period } of keys) {
    const filter = `line:"${line}" period:${period}`;
    const page = await pageOfCases(ledger, { filter, ...who }, { limit: 1 });
    if (page.kind === 'refused') return page;
    if (page.cases.length === 0) return refused(refusal('case-unknown', { line, period }));
    all.push(...page.cases);
  }
  return refusedCount(count, new Set(all.map(({ lineNo, period }) => `${lineNo} ${period}`)).size) ?? all;
}

function refusedCount(expected: number, cases: number): Refused | null {
  if (cases > MOST_CASES) {
    return refused(refusal('too-many-cases', { cases: String(cases), most: String(MOST_CASES) }));
  }
  if (cases === expected) return null;
  return refused(refusal('count-differs', { expected: String(expected), cases: String(cases) }));
}

async function actOnOne(
  ledger: LedgerAccess,
  one: FoundCase,
  { act, dryRun }: ManyRequest,
  by: string,
): Promise<ManyResult> {
  const { line, period } = one;
  const key = { line, period: showPeriod(period) };
  const refusals: Refusal[] = [];
  let calls = 0;
  let charge = 0;
  let isDone = false;
  if (act.kind !== 'decide') {
    const acted = dryRun ? null : await actOnCase(ledger, key, act, by);
    if (acted?.kind === 'refused') refusals.push(acted);
    return { line, period, outcome: refusals.length > 0 ? 'refused' : 'done', calls, charge, refusals };
  }
  const conditions = act.condition === null ? one.conditions : [act.condition];
  if (conditions.length === 0) refusals.push(refusal('case-unknown', key));
  for (const condition of conditions) {
    const outcome = await decideCase(ledger, { ...key, condition, kind: act.decision, note: act.note, by, dryRun });
    if (outcome.kind === 'refused') {
      refusals.push(outcome);
      continue;
    }
    if (outcome.kind === 'unchanged') continue;
    isDone = true;
    calls += outcome.effect.calls;
    charge += outcome.effect.charge;
  }
  return { line, period, outcome: outcomeOf(isDone, refusals), calls, charge, refusals };
}

function outcomeOf(isDone: boolean, refusals: readonly Refusal[]): ManyResult['outcome'] {
  if (isDone) return 'done';
  return refusals.length > 0 ? 'refused' : 'unchanged';
}
