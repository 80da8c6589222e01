import type { CaseState, CoverageTotal } from '../../ledger/index.ts';
import type { Report, ReportedBreach, ReportedLine } from '../reports/read-report.ts';
import { showPeriod } from '../value-text.ts';
import { isoEnd, plainMoney } from './values.ts';

/** The report as data: `docs/reference/report-json.md`. */
export function reportJson(report: Report): unknown {
  return {
    v: 1,
    period: showPeriod(report.period),
    timeZone: report.timeZone,
    currency: report.currency,
    charge: plainMoney(report.postedCharge),
    coverage: Object.fromEntries(report.totals.map(({ coverage, ...total }) => [coverage, totalJson(total)])),
    destinations: report.destinations.map(({ destination, coverage, ...total }) => ({
      destination,
      coverage,
      ...totalJson(total),
    })),
    atStake: plainMoney(report.lines.reduce((sum, { atStake }) => sum + atStake, 0)),
    lines: report.lines.map(lineJson),
    quarantine: report.quarantine,
    sources: report.sources,
  };
}

function totalJson({ calls, billedSeconds, charge, meteredPrice }: Omit<CoverageTotal, 'coverage'>) {
  return { calls, billedSeconds, charge: plainMoney(charge), meteredPrice: plainMoney(meteredPrice) };
}

export function lineJson(line: ReportedLine): unknown {
  const caseState: CaseState | null = line.caseState;
  return {
    line: line.line,
    account: line.account,
    accountName: line.accountName,
    case: caseState,
    includedCalls: line.includedCalls,
    includedPrice: plainMoney(line.includedPrice),
    atStakeCalls: line.atStakeCalls,
    atStake: plainMoney(line.atStake),
    meteredCalls: line.meteredCalls,
    meteredCharge: plainMoney(line.meteredCharge),
    reratedCalls: line.reratedCalls,
    reratedCharge: plainMoney(line.reratedCharge),
    distinctNumbers: line.distinctNumbers,
    breaches: line.breaches.map(breachJson),
    heldByEarlierMonths: line.heldByEarlierMonths.map((held) => ({
      condition: held.condition,
      period: showPeriod(held.period),
      meteredCalls: held.meteredCalls,
      meteredCharge: plainMoney(held.meteredCharge),
    })),
  };
}

function breachJson(breach: ReportedBreach): unknown {
  const { inForce } = breach;
  return {
    condition: breach.condition,
    since: new Date(breach.breachFrom).toISOString(),
    isFound: breach.isFound,
    decision: breach.decision,
    decisions: breach.decisions.map(decisionJson),
    status: breach.status,
    inForce: inForce === null ? null : { from: isoEnd(inForce.from), to: isoEnd(inForce.to) },
    reinstatedBy: breach.reinstatement?.decidedBy ?? null,
    reinstatement:
      breach.reinstatement === null
        ? null
        : { period: showPeriod(breach.reinstatement.period), ...decisionJson(breach.reinstatement) },
    words: breach.words,
    meteredCalls: breach.meteredCalls,
    meteredCharge: plainMoney(breach.meteredCharge),
    evidence: breach.evidence,
  };
}

/** A decision as data, without its condition. */
export function decisionJson(decision: ReportedBreach['decisions'][number]) {
  const { kind, effectiveAt, decidedBy, note, decidedAt } = decision;
  return {
    kind,
    effectiveAt: isoEnd(effectiveAt),
    by: decidedBy,
    note,
    decidedAt: decidedAt === null ? null : isoEnd(decidedAt),
  };
}
