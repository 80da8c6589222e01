import {
  type CallFacts,
  equipmentEvidence,
  mobilityEvidence,
  showsExcludedClass,
  showsForwarding,
} from '../../rules/index.ts';
import { CallFlag } from './call-flags.ts';
import type { Cdr } from './cdr.ts';
import type { Ownership } from '../line/directory.ts';
import type { FactEpoch } from '../line/fact-epoch.ts';

/**
 * What a call shows of the conditions of the offer in force, as bits of `call-flags.ts`. Calls of one phone follow one
 * another, so the answer for the last user agent and address of the line is kept.
 */
export function callFlagsOf(cdr: Cdr, ownership: Ownership, epoch: FactEpoch): number {
  const party = ownership.hasUnresolvedParty ? CallFlag.unresolvedParty : 0;
  if (showsForwarding(ownership)) return party | CallFlag.forwarded;
  const reported = cdr.mobilityUsed === true ? CallFlag.mobilityReportedBySwitch : 0;
  if (epoch.lastUserAgent !== cdr.userAgent || !isLastAddress(cdr, epoch)) {
    epoch.lastFlags = flagsOfDevice(cdr, epoch);
    epoch.lastUserAgent = cdr.userAgent;
    epoch.lastSourceIp = cdr.sourceIp;
    epoch.lastSourceIpv4 = cdr.inBytes?.sourceIpv4 ?? null;
  }
  const hasMobility = (epoch.offer?.sipMobility ?? null) !== null;
  return party | epoch.lastFlags | (hasMobility ? reported : 0);
}

function isLastAddress(cdr: Cdr, epoch: FactEpoch): boolean {
  const ipv4 = cdr.inBytes?.sourceIpv4 ?? null;
  return (ipv4 !== null && ipv4 === epoch.lastSourceIpv4) || epoch.lastSourceIp === cdr.sourceIp;
}

/** What the device, the network and the provisioning show, without what the switch itself reports of the call. */
function flagsOfDevice(cdr: Cdr, epoch: FactEpoch): number {
  const { offer } = epoch;
  if (offer === null) return 0;
  const facts = callFacts(cdr, epoch);
  let flags = 0;
  if (offer.sipMobility !== null) {
    const evidence = mobilityEvidence(facts);
    if (evidence === 'provisioning') flags |= CallFlag.mobilityProvisioned;
    if (evidence === 'foreign-device-and-network') flags |= CallFlag.foreignDeviceAndNetwork;
  }
  if (offer.equipment !== null) {
    const evidence = equipmentEvidence(facts, offer.equipment.settings);
    if (evidence === 'provisioning') flags |= CallFlag.equipmentProvisioned;
    if (evidence === 'user-agent') flags |= CallFlag.pbxUserAgent;
  }
  if (offer.usageClass !== null && showsExcludedClass(facts, offer.usageClass.settings)) {
    flags |= CallFlag.excludedUsageClass;
  }
  return flags;
}

function callFacts(cdr: Cdr, epoch: FactEpoch): CallFacts {
  return {
    isForwarded: false,
    userAgent: cdr.userAgent,
    sourceIp: cdr.sourceIp,
    mobilityUsed: null,
    mobility: epoch.mobility,
    equipment: epoch.equipment,
    usageClass: epoch.usageClass,
    devices: epoch.devices,
    networks: epoch.networks,
  };
}
