import type { CallFacts } from '../../rules/index.ts';
import { CallFlag } from './call-flags.ts';
import type { Cdr } from './cdr.ts';
import type { Ownership } from '../line/directory.ts';
import type { FactEpoch } from '../line/fact-epoch.ts';

/**
 * What a call shows of the conditions of the offer in force, as bits of `CallFlag`, but for whether it uses included
 * minutes. Calls of one phone follow one another, so the answer for the last user agent and address of the line is
 * kept.
 */
export function callFlagsOf(cdr: Cdr, ownership: Ownership, epoch: FactEpoch): number {
  const { isForwarded, hasUnresolvedParty } = ownership;
  const party = hasUnresolvedParty ? CallFlag.unresolvedParty : 0;
  const alone = party | aloneFlagsOf(cdr, isForwarded, epoch);
  // Whether a call was forwarded counts under every offer. Its device is the switch's.
  if (isForwarded) return alone | CallFlag.forwarded;
  if (
    epoch.lastUserAgent !== cdr.userAgent ||
    epoch.lastMobilityUsed !== cdr.mobilityUsed ||
    !isLastAddress(cdr, epoch)
  ) {
    epoch.lastFlags = flagsOfDevice(cdr, epoch);
    epoch.lastUserAgent = cdr.userAgent;
    epoch.lastMobilityUsed = cdr.mobilityUsed;
    epoch.lastSourceIp = cdr.sourceIp;
    epoch.lastSourceIpv4 = cdr.inBytes?.sourceIpv4 ?? null;
  }
  return alone | epoch.lastFlags;
}

function isLastAddress(cdr: Cdr, epoch: FactEpoch): boolean {
  const ipv4 = cdr.inBytes?.sourceIpv4 ?? null;
  return (ipv4 !== null && ipv4 === epoch.lastSourceIpv4) || epoch.lastSourceIp === cdr.sourceIp;
}

/** What a call shows of the conditions on single calls. */
function aloneFlagsOf({ durationMs }: Cdr, isForwarded: boolean, { offer }: FactEpoch): number {
  if (offer === null || offer.alone.length === 0) return 0;
  const facts = { isForwarded, durationMs };
  let flags = 0;
  for (const { condition, settings } of offer.alone) {
    if (condition.isShownBy(facts, settings)) flags |= condition.flags;
  }
  return flags;
}

/** What the device, the network, the provisioning and the switch show. */
function flagsOfDevice(cdr: Cdr, epoch: FactEpoch): number {
  const { offer } = epoch;
  if (offer === null || offer.firstCall.length === 0) return 0;
  const facts = callFacts(cdr, epoch);
  let flags = 0;
  for (const { condition, settings } of offer.firstCall) flags |= condition.flagsOf(facts, settings);
  return flags;
}

function callFacts(cdr: Cdr, epoch: FactEpoch): CallFacts {
  return {
    isForwarded: false,
    userAgent: cdr.userAgent,
    sourceIp: cdr.sourceIp,
    mobilityUsed: cdr.mobilityUsed,
    mobility: epoch.mobility,
    equipment: epoch.equipment,
    usageClass: epoch.usageClass,
    devices: epoch.devices,
    networks: epoch.networks,
  };
}
