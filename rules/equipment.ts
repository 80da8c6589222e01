import type { CallFacts } from './call-facts.ts';
import { isForeignDevice } from './managed-device.ts';
import type { EquipmentSettings } from './offer.ts';

/** Why a call shows equipment that the operator did not supply. */
export type EquipmentEvidence = 'provisioning' | 'user-agent';

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
