import type { CallRef, Finding } from '../rater/index.ts';
import type { Measure } from '../rules/index.ts';
import { type CivilTime, formatNumber } from '../tariffs/index.ts';
import { showInstant } from './show-values.ts';

/** What shows a breach, in a sentence for someone who knows the offer and not the code. */
export function evidenceText(finding: Finding, civilTime: CivilTime): string {
  const at = (call: CallRef): string => `${showInstant(call.startedAt, civilTime)} (call ${call.callId})`;
  switch (finding.condition) {
    case 'distinct-numbers':
      return (
        `more than ${finding.maxNumbers} different numbers called in the month: number ${finding.numbers.length}, ` +
        `${formatNumber(finding.crossing.called)}, on ${at(finding.crossing)}`
      );
    case 'sip-mobility':
      return `${mobilityText(finding)}, first on ${at(finding.firstCall)}`;
    case 'equipment':
      return `${equipmentText(finding)}, first on ${at(finding.firstCall)}`;
    case 'usage-class':
      return `declared as '${finding.usageClass}', which the offer is not for; first call on ${at(finding.firstCall)}`;
    case 'conversational-use':
      return `use that is no conversation: ${brokenMeasures(finding.measures)}`;
    default:
      return finding satisfies never;
  }
}

/** Where a breach is in force or not, as decided so far. */
export function standingText(decision: 'confirm' | 'dismiss' | null, isInForce: boolean): string {
  if (decision === 'confirm') return 'confirmed';
  if (decision === 'dismiss') return 'dismissed';
  return isInForce ? 'in force' : 'waits for a decision';
}

/** A finding as the database gives it back: it is written by the rater alone, so its condition vouches for its shape. */
export function isFinding(evidence: unknown): evidence is Finding {
  return typeof evidence === 'object' && evidence !== null && 'condition' in evidence && 'breachFrom' in evidence;
}

function mobilityText(finding: Extract<Finding, { condition: 'sip-mobility' }>): string {
  switch (finding.why) {
    case 'provisioning':
      return 'the mobility function is in use, says the provisioning';
    case 'switch':
      return 'the mobility function was used, says the switch';
    case 'foreign-device-and-network':
      return `called with '${finding.userAgent ?? ''}' from ${finding.sourceIp ?? ''}: neither a managed device nor a network of the line`;
    default:
      return finding.why satisfies never;
  }
}

function equipmentText(finding: Extract<Finding, { condition: 'equipment' }>): string {
  switch (finding.why) {
    case 'provisioning':
      return `the line is used by the customer's own PBX or gateway, says the provisioning`;
    case 'user-agent':
      return `called through '${finding.userAgent ?? ''}', a PBX or gateway that is no managed device of the line`;
    default:
      return finding.why satisfies never;
  }
}

function brokenMeasures(measures: readonly Measure[]): string {
  return measures
    .filter(({ value, max }) => value > max)
    .map(measureText)
    .join('; ');
}

function measureText({ id, value, max }: Measure): string {
  switch (id) {
    case 'short-calls':
      return `${value / 10} % of calls are short (at most ${max / 10} %)`;
    case 'concurrent-calls':
      return `${value} calls at once (at most ${max})`;
    case 'sequential-numbers':
      return `${value} consecutive numbers (at most ${max})`;
    case 'all-hours':
      return `calls in ${value} hours of the day (at most ${max})`;
    case 'number-range':
      return `${value} numbers in one block of 1,000 (at most ${max})`;
    default:
      return id satisfies never;
  }
}
