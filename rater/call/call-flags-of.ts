import type { CallFacts } from '../../rules/index.ts';
import { CallFlag } from './call-flags.ts';
import type { Cdr } from './cdr.ts';
import type { Ownership } from '../line/directory.ts';
import type { FactSpan } from '../line/fact-span.ts';
import type { Registration } from '../line/registration.ts';

/**
 * What a call shows of the conditions of the offer in force, as bits of `CallFlag`, but for whether it uses included
 * minutes. Calls of one phone follow one another, so the answer for the last user agent and address of the line is
 * kept.
 *
 * @param registered registrations in force that the call may have come by, where its record does not tell
 */
export function callFlagsOf(
  cdr: Cdr,
  ownership: Ownership,
  factSpan: FactSpan,
  registered: readonly Registration[],
): number {
  const { isForwarded, hasUnresolvedParty } = ownership;
  const party = hasUnresolvedParty ? CallFlag.unresolvedParty : 0;
  const alone = party | aloneFlagsOf(cdr, isForwarded, factSpan);
  // Whether a call was forwarded counts under every offer. Its device is the switch's.
  if (isForwarded) return alone | CallFlag.forwarded;
  if (registered.length > 0) return alone | flagsOfRegistered(cdr, factSpan, registered);
  if (
    factSpan.lastUserAgent !== cdr.userAgent ||
    factSpan.lastMobilityUsed !== cdr.mobilityUsed ||
    !isLastAddress(cdr, factSpan)
  ) {
    factSpan.lastFlags = flagsOfDevice(cdr, factSpan);
    factSpan.lastUserAgent = cdr.userAgent;
    factSpan.lastMobilityUsed = cdr.mobilityUsed;
    factSpan.lastSourceIp = cdr.sourceIp;
    factSpan.lastSourceIpv4 = cdr.inBytes?.sourceIpv4 ?? null;
  }
  return alone | factSpan.lastFlags;
}

function isLastAddress(cdr: Cdr, factSpan: FactSpan): boolean {
  const ipv4 = cdr.inBytes?.sourceIpv4 ?? null;
  return (ipv4 !== null && ipv4 === factSpan.lastSourceIpv4) || factSpan.lastSourceIp === cdr.sourceIp;
}

/** What a call shows of the conditions on single calls. */
function aloneFlagsOf({ durationMs }: Cdr, isForwarded: boolean, { offer }: FactSpan): number {
  if (offer === null || offer.alone.length === 0) return 0;
  const facts = { isForwarded, durationMs };
  let flags = 0;
  for (const { condition, settings } of offer.alone) {
    if (condition.isShownBy(facts, settings)) flags |= condition.flags;
  }
  return flags;
}

/** Which of several registrations a call came by nobody knows: it shows what it would show by each of them. */
function flagsOfRegistered(cdr: Cdr, factSpan: FactSpan, registered: readonly Registration[]): number {
  const { mobilityUsed } = cdr;
  return registered
    .map(({ userAgent, sourceIp }) => flagsOfDevice({ userAgent, sourceIp, mobilityUsed }, factSpan))
    .reduce((shownByAll, flags) => shownByAll & flags);
}

/** What a record says of the device that a call came from. */
type Device = Pick<Cdr, 'userAgent' | 'sourceIp' | 'mobilityUsed'>;

/** What the device, the network, the provisioning and the switch show. */
function flagsOfDevice(cdr: Device, factSpan: FactSpan): number {
  const { offer } = factSpan;
  if (offer === null || offer.firstCall.length === 0) return 0;
  const facts = callFacts(cdr, factSpan);
  let flags = 0;
  for (const { condition, settings } of offer.firstCall) flags |= condition.flagsOf(facts, settings);
  return flags;
}

function callFacts(cdr: Device, factSpan: FactSpan): CallFacts {
  return {
    isForwarded: false,
    userAgent: cdr.userAgent,
    sourceIp: cdr.sourceIp,
    mobilityUsed: cdr.mobilityUsed,
    mobility: factSpan.mobility,
    equipment: factSpan.equipment,
    usageClass: factSpan.usageClass,
    devices: factSpan.devices,
    networks: factSpan.networks,
  };
}
