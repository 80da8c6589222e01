import {
  type FoundCase,
  type Queryable,
  type Transaction,
  findCases,
  loadLines,
  repeatUnlessInDoubt,
} from '../../ledger/index.ts';
import type { LedgerAccess } from '../ledger-access.ts';
import { type Refusal, type Refused, refusal, refused } from '../refusals.ts';
import { currencyOf } from '../reports/read-report.ts';
import { parsePeriod, showPeriod } from '../value-text.ts';
import { type ActRequest, type CaseKey, actWithin } from './act-on-case.ts';
import { decideCase } from './decide-case.ts';
import { type FindRequest, countCases, everyCase } from './find-cases.ts';

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
  readonly cases:
    | { readonly filter: string; /** But for these. */ readonly except?: readonly CaseKey[] }
    | { readonly keys: readonly CaseKey[] };
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

/** Who asks, and what of the ledger he may see. */
type Asker = Pick<FindRequest, 'me' | 'account'> & { readonly by: string };

/**
 * Does the same to several cases: each stands for itself, and what is refused for one is done for the others. Refused
 * as a whole where the cases are not as many as who asks has seen. Decisions are kept one after the other, other acts
 * in one transaction.
 */
export async function actOnMany(
  ledger: LedgerAccess,
  request: ManyRequest,
  who: Asker,
): Promise<ManyOutcome | Refused> {
  const { act } = request;
  if (act.kind !== 'decide') {
    return repeatUnlessInDoubt(() => ledger.db.transaction((tx) => actOnManyWithin(tx, { ...request, act }, who)));
  }
  const found = await casesOf(ledger.db, request, who);
  if ('code' in found) return found;
  const results: ManyResult[] = [];
  for (const one of found) {
    results.push('isUnknown' in one ? unknownResult(one) : await decideOne(ledger, one, { ...request, act }, who.by));
  }
  return { kind: 'many', currency: await currencyOf(ledger.db), isKept: !request.dryRun, results };
}

/** The same in a transaction that is under way, of acts that decide nothing. */
export async function actOnManyWithin(
  tx: Transaction,
  request: ManyRequest & { readonly act: ActRequest },
  who: Asker,
): Promise<ManyOutcome | Refused> {
  const found = await casesOf(tx, request, who);
  if ('code' in found) return found;
  const results: ManyResult[] = [];
  for (const one of found) {
    if ('isUnknown' in one) {
      results.push(unknownResult(one));
      continue;
    }
    const { line, period } = one;
    const key = { line, period: showPeriod(period) };
    const acted = request.dryRun ? null : await actWithin(tx, key, request.act, who.by);
    const refusals = acted?.kind === 'refused' ? [acted] : [];
    results.push({ line, period, outcome: outcomeOf(refusals.length === 0, refusals), calls: 0, charge: 0, refusals });
  }
  return { kind: 'many', currency: await currencyOf(tx), isKept: !request.dryRun, results };
}

/** A case that somebody named and that there is not, or that he does not see: it is refused, the others are done. */
interface UnknownCase {
  readonly line: string;
  readonly period: number;
  readonly isUnknown: true;
}

function unknownResult({ line, period }: UnknownCase): ManyResult {
  const refusals = [refusal('case-unknown', { line, period: showPeriod(period) })];
  return { line, period, outcome: 'refused', calls: 0, charge: 0, refusals };
}

async function casesOf(
  db: Queryable,
  { cases, count }: ManyRequest,
  who: Pick<FindRequest, 'me' | 'account'>,
): Promise<readonly (FoundCase | UnknownCase)[] | Refused> {
  if ('keys' in cases) return casesByKey(db, cases.keys, count, who);
  const { filter, except = [] } = cases;
  const counted = await countCases({ db }, { filter, ...who });
  if (counted.kind === 'refused') return counted;
  // How many of them are left out is known once they are read.
  const differs = except.length === 0 ? refusedCount(count, counted.cases) : tooMany(counted.cases - except.length);
  if (differs !== null) return differs;
  const leftOut = new Set(except.map(({ line, period }) => `${parsePeriod(period) ?? ''} ${line}`));
  const all: FoundCase[] = [];
  for await (const page of everyCase({ db }, { filter, ...who })) {
    if ('code' in page) return page;
    all.push(...page.filter(({ line, period }) => !leftOut.has(`${period} ${line}`)));
  }
  return refusedCount(count, all.length) ?? all;
}

/** Each of them once, however often it is named. */
async function casesByKey(
  q: Queryable,
  keys: readonly CaseKey[],
  count: number,
  { account }: Pick<FindRequest, 'account'>,
): Promise<readonly (FoundCase | UnknownCase)[] | Refused> {
  const all = new Map<string, FoundCase | UnknownCase>();
  const lines = new Map(
    (await loadLines(q, { ids: [...new Set(keys.map(({ line }) => line))] })).map((one) => [one.id, one]),
  );
  for (const { line: id, period: text } of keys) {
    const period = parsePeriod(text);
    if (period === null) return refused(refusal('period-unknown', { period: text }));
    const line = lines.get(id);
    const isSeen = line !== undefined && (account === null || line.account === account);
    const [found] = isSeen ? await findCases(q, { line, period }, null, 1) : [];
    all.set(`${period} ${id}`, found ?? { line: id, period, isUnknown: true });
  }
  return refusedCount(count, all.size) ?? [...all.values()];
}

function tooMany(cases: number): Refused | null {
  if (cases <= MOST_CASES) return null;
  return refused(refusal('too-many-cases', { cases: String(cases), most: String(MOST_CASES) }));
}

function refusedCount(expected: number, cases: number): Refused | null {
  const many = tooMany(cases);
  if (many !== null || cases === expected) return many;
  return refused(refusal('count-differs', { expected: String(expected), cases: String(cases) }));
}

async function decideOne(
  ledger: LedgerAccess,
  one: FoundCase,
  { act, dryRun }: ManyRequest & { readonly act: Extract<ManyAct, { kind: 'decide' }> },
  by: string,
): Promise<ManyResult> {
  const { line, period } = one;
  const key = { line, period: showPeriod(period) };
  const refusals: Refusal[] = [];
  let calls = 0;
  let charge = 0;
  let isDone = false;
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
