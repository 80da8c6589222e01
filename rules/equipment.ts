import type { CallFacts } from './call-facts.ts';
import { CallFlag } from './call-flag.ts';
import { type CallRef, type FirstCallCondition, type Found, anyEffect } from './condition.ts';
import { isForeignDevice } from './managed-device.ts';

/** Why a call shows equipment that the operator did not supply. */
export type EquipmentEvidence = 'provisioning' | 'user-agent';

export interface EquipmentSettings {
  /** Lower-case fragments that mark a user agent as a PBX or a gateway. */
  readonly pbxUserAgents: readonly string[];
}

export interface EquipmentFinding extends Found<'equipment'> {
  readonly why: EquipmentEvidence;
  readonly firstCall: CallRef;
  readonly userAgent: string | null;
  /** When the registration was made, or renewed, that told the user agent; absent where the record did. */
  readonly registeredAt?: number;
}

/**
 * Article 7: phones are supplied, configured and managed by the operator; the account is never on a gateway or PBX that
 * it did not supply. Shown by provisioning, or by the user agent of a PBX or gateway that is no managed device.
 */
export function equipmentEvidence(call: CallFacts, settings: EquipmentSettings): EquipmentEvidence | null {
  if (call.isForwarded) return null;
  if (call.equipment === 'customer-pbx' || call.equipment === 'customer-gateway') return 'provisioning';
  return isForeignDevice(call) && isPbx(call.userAgent ?? '', settings) ? 'user-agent' : null;
}

function isPbx(userAgent: string, { pbxUserAgents }: EquipmentSettings): boolean {
  const lower = userAgent.toLowerCase();
  return pbxUserAgents.some((fragment) => lower.includes(fragment));
}

export const equipment: FirstCallCondition<'equipment', EquipmentSettings, EquipmentFinding> = {
  id: 'equipment',
  kind: 'first-call',
  flags: CallFlag.equipmentProvisioned | CallFlag.pbxUserAgent,
  flagsOf: (call, settings) => {
    const evidence = equipmentEvidence(call, settings);
    if (evidence === null) return 0;
    return evidence === 'provisioning' ? CallFlag.equipmentProvisioned : CallFlag.pbxUserAgent;
  },
  findingOf: ({ call, flags, userAgent, registration }) => {
    const found = { condition: 'equipment', breachFrom: call.startedAt, firstCall: call } as const;
    if ((flags & CallFlag.equipmentProvisioned) !== 0) return { ...found, why: 'provisioning', userAgent };
    if (registration === null) return { ...found, why: 'user-agent', userAgent };
    return { ...found, why: 'user-agent', userAgent: registration.userAgent, registeredAt: registration.at };
  },
  inWords: (finding, { call, text, instant }) => {
    const { registeredAt } = finding;
    const source = registeredAt === undefined ? '' : `, by the line's registration of ${instant(registeredAt)}`;
    const shown =
      finding.why === 'provisioning'
        ? `the line is used by the customer's own PBX or gateway, says the provisioning`
        : `called through '${text(finding.userAgent ?? '')}', a PBX or gateway that is no managed device of the line`;
    return `${shown}${source}, first on ${call(finding.firstCall)}`;
  },
  effectFault: anyEffect,
};
