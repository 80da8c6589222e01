import {
  type Closes,
  type Decision,
  type FactSpan,
  type FoundCondition,
  type Hold,
  breachKey,
  closesThrough,
  factSpansOf,
} from '../../rater/index.ts';
import {
  type LineKey,
  type Queryable,
  loadBreachesOn,
  loadClosedThrough,
  loadDecisionsOn,
  loadLines,
  loadSeenBreaches,
} from '../../ledger/index.ts';
import { type HoldTerms, holdsOfFindings } from './line-holds.ts';
import type { OfferTerms } from '../load-catalogue.ts';

/**
 * A line with what is found and decided on it, and what that holds, as the rater has it. It is for those who look at
 * a few lines: no month of calls is in memory, so that nothing has to be given back.
 */
export interface LineVerdicts {
  readonly id: string;
  /** The ledger's number of the line. */
  readonly no: number;
  readonly bucket: number;
  readonly factSpans: readonly FactSpan[];
  /** Of all periods, in order of decision. */
  readonly decisions: readonly Decision[];
  /** By period (yyyymm). */
  readonly findings: ReadonlyMap<number, readonly FoundCondition[]>;
  /** What its holds go by; of the breaches that closes had seen, the line's own. */
  readonly terms: HoldTerms;
  readonly holds: readonly Hold[];
}

/**
 * Loads the verdicts on some lines, by the ledger's numbers or by ids; those that the ledger does not have are left
 * out.
 */
export async function loadLineVerdicts(
  q: Queryable,
  { offers, civilTime }: OfferTerms,
  which: { readonly nos: readonly number[] } | { readonly ids: readonly string[] },
): Promise<LineVerdicts[]> {
  const lines = await loadLines(q, which);
  if (lines.length === 0) return [];
  const decisions = Map.groupBy(await loadDecisionsOn(q, lines), ({ lineNo }) => lineNo);
  const breaches = Map.groupBy(await loadBreachesOn(q, lines), ({ line }) => line);
  const terms = { civilTime, closes: await closesOn(q, lines) };
  return lines.map((line) => {
    const { id, no, bucket } = line;
    const factSpans = factSpansOf(line, offers);
    const own = (decisions.get(no) ?? []).map(({ decision }) => decision);
    const byPeriod = Map.groupBy(breaches.get(no) ?? [], ({ period }) => period);
    const findings = new Map([...byPeriod].map(([period, found]) => [period, found.map(({ finding }) => finding)]));
    const holds = holdsOfFindings({ no, factSpans, decisions: own }, findings, terms);
    return { id, no, bucket, factSpans, decisions: own, findings, terms, holds };
  });
}

/** What the closes of periods had seen of these lines. */
async function closesOn(q: Queryable, lines: readonly LineKey[]): Promise<Closes> {
  const closedThrough = await loadClosedThrough(q);
  return closesThrough(closedThrough, new Set((await loadSeenBreaches(q, lines)).map(breachKey)));
}
