import type { ConditionId } from '../../../rules/conditions.ts';
import type { Offer, OfferCondition } from '../../../rules/offer.ts';
import { isAddress, networkContains } from './ip-network.ts';
import type { EquipmentReason, FoundCall, MobilityReason, OracleDevice } from './oracle-types.ts';

/** An offer's condition by its id; `null` when the offer (or no offer) has none such. */
export function conditionOf<Id extends ConditionId>(
  offer: Offer | null,
  id: Id,
): Extract<OfferCondition, { readonly id: Id }> | null {
  const found = offer?.conditions.find(
    (condition): condition is Extract<OfferCondition, { readonly id: Id }> => condition.id === id,
  );
  return found ?? null;
}

function inForceAt<T extends { readonly from: number; readonly to: number }>(facts: readonly T[], at: number): T[] {
  return facts.filter((fact) => fact.from <= at && at < fact.to);
}

/** Whether a device's user agent is known, devices are provisioned at its start, and none of them is it. */
function isForeignDevice(call: FoundCall, { userAgent }: OracleDevice): boolean {
  const devices = inForceAt(call.line.devices, call.cdr.startedAt);
  if (userAgent === null || devices.length === 0) return false;
  return !devices.some(({ userAgent: managed }) =>
    managed.endsWith('*') ? userAgent.startsWith(managed.slice(0, -1)) : userAgent === managed,
  );
}

/** Whether a device's address is known, networks are provisioned at its start, and none of them has it. */
function isForeignNetwork(call: FoundCall, { sourceIp }: OracleDevice): boolean {
  const networks = inForceAt(call.line.networks, call.cdr.startedAt);
  if (sourceIp === null || !isAddress(sourceIp) || networks.length === 0) return false;
  return !networks.some(({ cidr }) => networkContains(cidr, sourceIp));
}

/** Article 7, "mobility": why a call breaks it; `null` when it does not, which absent evidence never does. */
export function mobilityReason(call: FoundCall): MobilityReason | null {
  if (call.forwarded || conditionOf(call.offer, 'sip-mobility') === null) return null;
  if (call.span.mobility === 'used') return 'provisioning';
  if (call.cdr.mobilityUsed === true) return 'switch';
  const isForeign = call.devices.every((device) => isForeignDevice(call, device) && isForeignNetwork(call, device));
  return isForeign ? 'foreign-device-and-network' : null;
}

/** Article 7, equipment: why a call breaks it; `null` when it does not. */
export function equipmentReason(call: FoundCall): EquipmentReason | null {
  const settings = conditionOf(call.offer, 'equipment')?.settings;
  if (call.forwarded || settings === undefined) return null;
  if (call.span.equipment === 'customer-pbx' || call.span.equipment === 'customer-gateway') return 'provisioning';
  const isPbx = ({ userAgent }: OracleDevice): boolean =>
    settings.pbxUserAgents.some((fragment) => (userAgent ?? '').toLowerCase().includes(fragment));
  return call.devices.every((device) => isPbx(device) && isForeignDevice(call, device)) ? 'user-agent' : null;
}

/** Article 7, class of use: the class under which a call is never in the offer; `null` when it may be. */
export function excludedClassOf(call: FoundCall): string | null {
  const settings = conditionOf(call.offer, 'usage-class')?.settings;
  if (call.forwarded || settings === undefined) return null;
  return settings.excludedClasses.includes(call.span.usageClass) ? call.span.usageClass : null;
}

/**
 * Whether a call counts for distinct numbers or for behaviour: talk on a paid number, by the user, under the
 * condition.
 */
export function isCounted(call: FoundCall, id: 'distinct-numbers' | 'conversational-use'): boolean {
  if (call.forwarded || call.cdr.durationMs === 0 || conditionOf(call.offer, id) === null) return false;
  return call.destinationClass !== 'emergency' && call.destinationClass !== 'toll-free';
}

const MINUTE = 60_000;

/** Whether the offer includes the destination of a call at all (article 7, what is included). */
export function isInOffer(call: FoundCall): boolean {
  if (call.offer === null || call.destinationClass === 'special-rate') return false;
  const { classes, destinations } = call.offer.included;
  return classes.some((included) => included === call.destinationClass) || destinations.includes(call.destinationName);
}

/** The first condition of the offer, in its order, that meters a call for what the call itself is; `null` for none. */
export function meteredAlone(call: FoundCall): 'forwarding' | 'call-length' | null {
  for (const { id } of call.offer?.conditions ?? []) {
    if (id === 'forwarding' && call.forwarded) return id;
    const longest = conditionOf(call.offer, 'call-length')?.settings.maxMinutes ?? Infinity;
    if (id === 'call-length' && call.cdr.durationMs > longest * MINUTE) return id;
  }
  return null;
}

/**
 * Whether a call uses the month's minutes: its offer counts them, and nothing in the call itself stands in the way of
 * including it. What holds the line is not asked.
 */
export function usesMinutes(call: FoundCall): boolean {
  if (conditionOf(call.offer, 'monthly-minutes') === null) return false;
  const isFree = call.destinationClass === 'emergency' || call.destinationClass === 'toll-free';
  return !isFree && isInOffer(call) && meteredAlone(call) === null;
}
