import type { CallFacts } from './call-facts.ts';
import { CallFlag } from './call-flag.ts';
import { cidrContains, isIpAddress } from './cidr.ts';
import { type CallRef, type FirstCallCondition, type Found, type NoSettings, anyEffect } from './condition.ts';
import { isForeignDevice } from './managed-device.ts';

/** Why a call shows use of the SIP login away from the managed phone, strongest evidence first. */
export type MobilityEvidence = 'provisioning' | 'switch' | 'foreign-device-and-network';

export interface SipMobilityFinding extends Found<'sip-mobility'> {
  readonly why: MobilityEvidence;
  readonly firstCall: CallRef;
  readonly userAgent: string | null;
  readonly sourceIp: string | null;
  /** When the registration was made, or renewed, that told device and network; absent where the record did. */
  readonly registeredAt?: number;
}

const FLAGS = CallFlag.mobilityProvisioned | CallFlag.mobilityReportedBySwitch | CallFlag.foreignDeviceAndNetwork;

/**
 * Article 7: the user does not use the "mobilité" function, which hands out the SIP login and password. Shown by
 * provisioning, by the switch, or by a call whose user agent and source network are both known and both foreign.
 * A forwarded leg shows nothing: the user's device did not place it.
 */
function flagsOf(call: CallFacts): number {
  if (call.isForwarded) return 0;
  const reported = call.mobilityUsed === true ? CallFlag.mobilityReportedBySwitch : 0;
  if (call.mobility === 'used') return reported | CallFlag.mobilityProvisioned;
  return reported | (isForeignDevice(call) && isForeignNetwork(call) ? CallFlag.foreignDeviceAndNetwork : 0);
}

/** `false` also when that is unknown: no network provisioned, no address on the record, or a text that is none. */
function isForeignNetwork({ sourceIp, networks }: CallFacts): boolean {
  if (sourceIp === null || networks.length === 0 || !isIpAddress(sourceIp)) return false;
  return !networks.some((network) => cidrContains(network, sourceIp));
}

/** The strongest evidence among a call's flags, of which it has at least one. */
function evidenceOf(flags: number): MobilityEvidence {
  if ((flags & CallFlag.mobilityProvisioned) !== 0) return 'provisioning';
  return (flags & CallFlag.mobilityReportedBySwitch) !== 0 ? 'switch' : 'foreign-device-and-network';
}

export const sipMobility: FirstCallCondition<'sip-mobility', NoSettings, SipMobilityFinding> = {
  id: 'sip-mobility',
  kind: 'first-call',
  flags: FLAGS,
  flagsOf,
  findingOf: ({ call, flags, userAgent, sourceIp, registration }) => {
    const why = evidenceOf(flags);
    const found = { condition: 'sip-mobility', breachFrom: call.startedAt, why, firstCall: call } as const;
    if (registration === null || why !== 'foreign-device-and-network') return { ...found, userAgent, sourceIp };
    const { at: registeredAt } = registration;
    return { ...found, userAgent: registration.userAgent, sourceIp: registration.sourceIp, registeredAt };
  },
  inWords: (finding, { call, text, instant }) => {
    const { why, firstCall, userAgent, sourceIp, registeredAt } = finding;
    const source = registeredAt === undefined ? '' : `, by the line's registration of ${instant(registeredAt)}`;
    const away = `called with '${text(userAgent ?? '')}' from ${sourceIp ?? ''}`;
    const shown: Readonly<Record<MobilityEvidence, string>> = {
      provisioning: 'the mobility function is in use, says the provisioning',
      switch: 'the mobility function was used, says the switch',
      'foreign-device-and-network': `${away}: neither a managed device nor a network of the line`,
    };
    return `${shown[why]}${source}, first on ${call(firstCall)}`;
  },
  effectFault: anyEffect,
};
