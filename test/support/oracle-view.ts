import type { Finding } from '../../rater/index.ts';
import type { OracleClassified, OracleEvidence, OracleResult } from './oracle/oracle-types.ts';
import { plan } from './ledger-under-test.ts';

/** A finding, or what the oracle says in its place, in one form for both. */
export interface VerdictView {
  readonly line: string;
  readonly period: number;
  readonly evidence: unknown;
}

/** The product's numbering plan, as the oracle asks for it. */
export function classify(dialled: string): OracleClassified {
  const classified = plan.classify(dialled);
  if (classified.kind === 'refusal') return { refusal: classified.reason };
  const { name, class: destinationClass } = classified.destination;
  return { called: classified.called, destinationName: name, destinationClass };
}

/** The oracle's verdicts that stand. */
export function standingVerdicts({ verdicts }: OracleResult): VerdictView[] {
  return verdicts
    .filter(({ stands }) => stands)
    .map(({ line, period, evidence }) => ({ line, period, evidence: comparable(evidence) }));
}

/** The oracle's evidence without what ours leaves to be derived. */
function comparable(evidence: OracleEvidence | null): unknown {
  if (evidence?.kind !== 'conversational-use') return evidence;
  return {
    kind: evidence.kind,
    measures: evidence.measures.map(({ measure, value, max }) => ({ measure, value, max })),
  };
}

/** A finding in the oracle's words. */
export function evidenceOf(finding: Finding): unknown {
  switch (finding.condition) {
    case 'distinct-numbers':
      return {
        kind: finding.condition,
        max: finding.maxNumbers,
        crossing: reference(finding.crossing),
        numbers: finding.numbers.map((call) => ({ called: call.called, first: reference(call) })),
      };
    case 'monthly-minutes':
      return {
        kind: finding.condition,
        max: finding.maxMinutes,
        crossing: reference(finding.crossing),
        seconds: finding.seconds,
      };
    case 'sip-mobility':
    case 'equipment':
      return { kind: finding.condition, first: reference(finding.firstCall), why: finding.why };
    case 'usage-class':
      return { kind: finding.condition, first: reference(finding.firstCall), usageClass: finding.usageClass };
    case 'conversational-use':
      return {
        kind: finding.condition,
        measures: finding.measures.map(({ id, value, max }) => ({ measure: id, value, max })),
      };
    default:
      return finding satisfies never;
  }
}

function reference(call: { switchId: string; callId: string; legId: string; startedAt: number }): unknown {
  return { identity: JSON.stringify([call.switchId, call.callId, call.legId]), startedAt: call.startedAt };
}

/** In one order, whatever the order of keys. */
export function sorted<T extends object>(values: readonly T[]): T[] {
  const key = (value: T): string => JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return values.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}
