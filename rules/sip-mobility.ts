import type { CallFacts } from './call-facts.ts';
import { cidrContains, isIpAddress } from './cidr.ts';
import { isForeignDevice } from './managed-device.ts';

/** Why a call shows use of the SIP login away from the managed phone, strongest evidence first. */
export type MobilityEvidence = 'provisioning' | 'switch' | 'foreign-device-and-network';

/**
 * Article 7: the user does not use the "mobilité" function, which hands out the SIP login and password. Shown by
 * provisioning, by the switch, or by a call whose user agent and source network are both known and both foreign.
 * A forwarded leg shows nothing: the user's device did not place it.
 */
export function mobilityEvidence(call: CallFacts): MobilityEvidence | null {
  if (call.isForwarded) return null;
  if (call.mobility === 'used') return 'provisioning';
  if (call.mobilityUsed === true) return 'switch';
  return isForeignDevice(call) && isForeignNetwork(call) ? 'foreign-device-and-network' : null;
}

/** `false` also when that is unknown: no network provisioned, no address on the record, or a text that is none. */
function isForeignNetwork({ sourceIp, networks }: CallFacts): boolean {
  if (sourceIp === null || networks.length === 0 || !isIpAddress(sourceIp)) return false;
  return !networks.some((network) => cidrContains(network, sourceIp));
}
