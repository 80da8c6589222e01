/**
 * What one call shows of the conditions, as bits: computed once when the call is rated, kept with its entries, and
 * enough to judge a month again without reading the records.
 */
export const CallFlag = {
  forwarded: 1,
  mobilityProvisioned: 2,
  mobilityReportedBySwitch: 4,
  foreignDeviceAndNetwork: 8,
  equipmentProvisioned: 16,
  pbxUserAgent: 32,
  excludedUsageClass: 64,
  /** A diverter or transferor that is none of our lines today; facts entered later may make it one. */
  unresolvedParty: 128,
} as const;

export const MOBILITY_FLAGS =
  CallFlag.mobilityProvisioned | CallFlag.mobilityReportedBySwitch | CallFlag.foreignDeviceAndNetwork;

export const EQUIPMENT_FLAGS = CallFlag.equipmentProvisioned | CallFlag.pbxUserAgent;
