import { CallFlag, type Condition, conversationalUse, distinctNumbers } from '../../rules/index.ts';

/**
 * Flags that an ordinary call has none of, since the last call of its line had none: they hang on the device, the
 * address, the provisioning and the parties, which are the same (`rateOrdinary`).
 */
const KNOWN_FLAGS =
  CallFlag.forwarded |
  CallFlag.mobilityProvisioned |
  CallFlag.mobilityReportedBySwitch |
  CallFlag.foreignDeviceAndNetwork |
  CallFlag.equipmentProvisioned |
  CallFlag.pbxUserAgent |
  CallFlag.excludedUsageClass;

/** Conditions on a month of which `takeOrdinary` tells when their verdict may change. */
const KNOWN_OF_MONTH: ReadonlySet<string> = new Set([distinctNumbers.id, conversationalUse.id]);

/**
 * Whether the fast lane knows what a condition asks of a call and of a month. It steps aside for lines under an offer
 * that has any other: `rateCall` and `judgeCall` rate their calls. So a condition that comes with a flag or a measure
 * of its own is right from the start, and fast once somebody teaches the lane.
 */
export function isKnownToFastLane({ id, kind, flags }: Pick<Condition, 'id' | 'kind' | 'flags'>): boolean {
  if ((flags & ~KNOWN_FLAGS) !== 0) return false;
  switch (kind) {
    case 'alone':
    case 'first-call':
      return flags !== 0;
    case 'crossing':
    case 'measured':
      return KNOWN_OF_MONTH.has(id);
    default:
      return kind satisfies never;
  }
}
