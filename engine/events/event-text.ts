import type { CallRef, Finding } from '../../rater/index.ts';
import type { DecisionOnLine } from '../../ledger/index.ts';
import {
  conversationalUse,
  distinctNumbers,
  equipment,
  monthlyMinutes,
  sipMobility,
  usageClass,
} from '../../rules/index.ts';
import { formatNumber } from '../../tariffs/index.ts';
import type { BreachData, DecisionData } from './event-data.ts';

/** A period `202611` as `2026-11`. */
export function periodText(period: number): string {
  return `${Math.floor(period / 100)}-${String(period % 100).padStart(2, '0')}`;
}

/** ms since the epoch as ISO 8601 in UTC. */
export function instantText(instant: number): string {
  return new Date(instant).toISOString();
}

/** The same, `null` for an instant that never comes. */
export function endText(instant: number): string | null {
  return instant === Infinity ? null : instantText(instant);
}

/** A finding with its evidence, as events have it. */
export function breachData(finding: Finding): BreachData {
  const breachFrom = instantText(finding.breachFrom);
  const { condition } = finding;
  switch (condition) {
    case distinctNumbers.id: {
      const { maxNumbers, crossing, numbers } = finding;
      return {
        condition,
        breachFrom,
        evidence: { maxNumbers, crossing: callTo(crossing), numbers: numbers.map(callTo) },
      };
    }
    case sipMobility.id: {
      const { why, userAgent, sourceIp } = finding;
      const firstCall = callText(finding.firstCall);
      return { condition, breachFrom, evidence: { why, firstCall, userAgent, sourceIp, ...registered(finding) } };
    }
    case equipment.id: {
      const { why, userAgent } = finding;
      const firstCall = callText(finding.firstCall);
      return { condition, breachFrom, evidence: { why, firstCall, userAgent, ...registered(finding) } };
    }
    case usageClass.id: {
      return {
        condition,
        breachFrom,
        evidence: { usageClass: finding.usageClass, firstCall: callText(finding.firstCall) },
      };
    }
    case conversationalUse.id:
      return { condition, breachFrom, evidence: { measures: finding.measures.map((measure) => ({ ...measure })) } };
    case monthlyMinutes.id: {
      const { maxMinutes, seconds, crossing } = finding;
      return { condition, breachFrom, evidence: { maxMinutes, seconds, crossing: callTo(crossing) } };
    }
    default:
      return finding satisfies never;
  }
}

/** A decision as events have it. */
export function decisionData(decision: DecisionOnLine): DecisionData {
  const { condition, period, kind, effectiveAt, decidedBy, note, decidedAt } = decision;
  return {
    condition,
    period: periodText(period),
    decision: kind,
    effectiveAt: instantText(effectiveAt),
    by: decidedBy,
    note,
    decidedAt: decidedAt === null ? null : instantText(decidedAt),
  };
}

function registered({ registeredAt }: { readonly registeredAt?: number }) {
  return registeredAt === undefined ? {} : { registeredAt: instantText(registeredAt) };
}

function callTo(call: CallRef & { readonly called: number }) {
  return { ...callText(call), called: formatNumber(call.called) };
}

function callText({ switchId, callId, legId, startedAt }: CallRef) {
  return { switch: switchId, call: callId, leg: legId, startedAt: instantText(startedAt) };
}
