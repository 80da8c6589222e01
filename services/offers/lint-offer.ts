import { type LintFinding, type NumberingPlan, type NumberingTables, lintIncluded } from '../../tariffs/index.ts';
import { parseOffer } from '../provisioning/parse-offer.ts';
import type { OfferFaults } from './import-offer.ts';

export interface LintedOffer {
  readonly kind: 'linted';
  readonly offer: string;
  readonly findings: readonly LintFinding[];
  /** How many are faults: a costly range that nothing declares, or a name that leads nowhere. */
  readonly grave: number;
}

/** What an offer includes that it should not include unaware. */
export function lintOffer(text: string, plan: NumberingPlan, tables: NumberingTables): LintedOffer | OfferFaults {
  const parsed = parseOffer(text, new Set(plan.destinations.map(({ name }) => name)));
  if (parsed.kind === 'faults') return parsed;
  const findings = lintIncluded(tables, parsed.offer.included);
  return { kind: 'linted', offer: parsed.offer.id, findings, grave: findings.filter(isGrave).length };
}

function isGrave({ kind }: LintFinding): boolean {
  return kind === 'unknown-name' || kind === 'undeclared-range';
}
