import { CallFlag, EQUIPMENT_FLAGS, MOBILITY_FLAGS } from '../call/call-flags.ts';
import type { Cdr } from '../call/cdr.ts';
import type { CallRef, Finding } from './finding.ts';
import type { RatedCall } from '../rate/rated-call.ts';

/** A finding that a single call proves. */
type ShownFinding = Extract<Finding, { readonly firstCall: CallRef }>;

/** What one call shows against its line, taken alone. */
export function findingsShownBy(rated: RatedCall, cdr: Cdr): ShownFinding[] {
  const { flags } = rated;
  const firstCall = callRef(cdr);
  const { userAgent, sourceIp, startedAt: breachFrom } = cdr;
  const findings: ShownFinding[] = [];
  if ((flags & MOBILITY_FLAGS) !== 0) {
    const why = mobilityWhy(flags);
    findings.push({ condition: 'sip-mobility', breachFrom, why, firstCall, userAgent, sourceIp });
  }
  if ((flags & EQUIPMENT_FLAGS) !== 0) {
    const why = (flags & CallFlag.equipmentProvisioned) !== 0 ? 'provisioning' : 'user-agent';
    findings.push({ condition: 'equipment', breachFrom, why, firstCall, userAgent });
  }
  if ((flags & CallFlag.excludedUsageClass) !== 0) {
    findings.push({ condition: 'usage-class', breachFrom, usageClass: rated.usageClass, firstCall });
  }
  return findings;
}

function mobilityWhy(flags: number): Extract<Finding, { condition: 'sip-mobility' }>['why'] {
  if ((flags & CallFlag.mobilityProvisioned) !== 0) return 'provisioning';
  return (flags & CallFlag.mobilityReportedBySwitch) !== 0 ? 'switch' : 'foreign-device-and-network';
}

/** A call as evidence names it. */
export function callRef({ startedAt, switchId, callId, legId }: Cdr): CallRef {
  return { startedAt, switchId, callId, legId };
}
