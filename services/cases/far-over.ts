import {
  evidenceOfMonths,
  type FoundCase,
  type LineMonthKey,
  numbersOfMonths,
  type Queryable,
} from '../../ledger/index.ts';
import { type HowFar, howFarOver } from '../../rules/index.ts';
import { isFinding } from './evidence-text.ts';

/** How far over a condition's limit a line's month is. */
export interface FarOver extends HowFar {
  readonly condition: string;
}

/** A case as it is listed, with how far over it is; conditions that a single call breaks have no limit. */
export interface ListedCase extends FoundCase {
  readonly over: readonly FarOver[];
}

/** Adds to cases how far over they are. */
export async function withFarOver(q: Queryable, cases: readonly FoundCase[]): Promise<ListedCase[]> {
  const findings = (await evidenceOfMonths(q, cases)).flatMap(({ evidence, ...key }) =>
    isFinding(evidence) ? [{ key: keyText(key), finding: evidence }] : [],
  );
  const counted = new Set(findings.flatMap(({ key, finding }) => (howFarOver(finding) === null ? [] : key)));
  const numbers = new Map(
    (
      await numbersOfMonths(
        q,
        cases.filter((each) => counted.has(keyText(each))),
      )
    ).map((each) => [keyText(each), each.numbers]),
  );
  const byCase = Map.groupBy(findings, ({ key }) => key);
  return cases.map((each) => ({
    ...each,
    over: (byCase.get(keyText(each)) ?? []).flatMap(({ key, finding }) => {
      const far = howFarOver(finding, numbers.get(key));
      return far === null ? [] : { condition: finding.condition, ...far };
    }),
  }));
}

function keyText({ lineNo, period }: LineMonthKey): string {
  return `${lineNo} ${period}`;
}
