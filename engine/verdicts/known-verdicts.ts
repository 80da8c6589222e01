import { type Queryable, loadStandingBreaches } from '../../ledger/index.ts';
import type { Finding, LineState, MonthState } from '../../rater/index.ts';
import { takeVerdicts } from './line-holds.ts';
import type { LineTable } from '../memory/line-table.ts';

/**
 * Which lines in memory have verdicts in the ledger. Others' verdicts are looked at each second beside other writers:
 * that costs what there are of them, whatever the number of lines.
 */
export class KnownVerdicts {
  readonly #lines = new Set<LineState>();

  /** Puts the ledger's verdicts in place of those known of some buckets, or all; returns the lines that had others. */
  async load(q: Queryable, { byNo, holdTerms }: LineTable, buckets?: readonly number[]): Promise<LineState[]> {
    const standing = Map.groupBy(await loadStandingBreaches(q, buckets), ({ line }) => line);
    const asked = buckets === undefined ? null : new Set(buckets);
    const lines = new Set([...this.#lines].filter(({ bucket }) => asked === null || asked.has(bucket)));
    for (const no of standing.keys()) {
      // Memory may not have a line yet that is new to the ledger: it comes with its facts.
      const line = byNo.get(no);
      if (line !== undefined) lines.add(line);
    }
    return [...lines].filter((line) => {
      const verdicts = standing.get(line.no) ?? [];
      if (verdicts.length > 0) this.#lines.add(line);
      else this.#lines.delete(line);
      return takeVerdicts(line, verdicts, holdTerms);
    });
  }

  /** Takes findings of a line's month as what the ledger has. */
  keep(line: LineState, month: MonthState, findings: readonly Finding[]): void {
    month.savedFindings = findings;
    if (findings.length > 0) this.#lines.add(line);
  }
}
