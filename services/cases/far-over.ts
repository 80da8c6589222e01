import {
  evidenceOfMonths,
  type FoundCase,
  type LineMonthKey,
  type Queryable,
  sumsOfMonths,
} from '../../ledger/index.ts';
import { conditionById, type Finding, type HowFar, howFarOver } from '../../rules/index.ts';
import { isFinding } from './evidence-text.ts';

/** How far over a condition's limit a line's month is. */
export interface FarOver extends HowFar {
  readonly condition: string;
}

/** A case as it is listed. Conditions that a single call breaks have no limit to be over. */
export interface ListedCase extends FoundCase {
  readonly over: readonly FarOver[];
  /**
   * Where nothing is at stake: calls that are charged already because of the case's conditions, and what they cost
   * (micros). `null` where something is: the calls of a month are read for it, and a page is to be there at once.
   */
  readonly charged: { readonly calls: number; readonly charge: number } | null;
}

/** Adds to cases how far over they are, and what is charged already; for both, calls of their months are read. */
export async function withSums(q: Queryable, cases: readonly FoundCase[]): Promise<ListedCase[]> {
  const findings = (await evidenceOfMonths(q, cases)).flatMap(({ evidence, ...key }) =>
    isFinding(evidence) ? [{ key: keyText(key), finding: evidence }] : [],
  );
  const counted = new Set(findings.flatMap(({ key, finding }) => (goesByNumbers(finding) ? key : [])));
  const read = cases.filter((each) => each.atStake === 0 || counted.has(keyText(each)));
  const sums = new Map((await sumsOfMonths(q, read)).map((each) => [keyText(each), each]));
  const byCase = Map.groupBy(findings, ({ key }) => key);
  return cases.map((each) => {
    const own = sums.get(keyText(each));
    return {
      ...each,
      over: (byCase.get(keyText(each)) ?? []).flatMap(({ finding }) => {
        const far = howFarOver(finding, own?.numbers);
        return far === null ? [] : { condition: finding.condition, ...far };
      }),
      charged: each.atStake === 0 ? { calls: own?.chargedCalls ?? 0, charge: own?.charged ?? 0 } : null,
    };
  });
}

/** Whether how far over it is takes the numbers that were called in the whole month; of others the evidence says it. */
function goesByNumbers({ condition: id }: Finding): boolean {
  const condition = conditionById(id);
  return 'measure' in condition && condition.measure === 'distinctNumbers';
}

function keyText({ lineNo, period }: LineMonthKey): string {
  return `${lineNo} ${period}`;
}
