/**
 * What one call shows of the conditions, as bits: computed once when the call is rated, kept with its entries, and
 * enough to judge a month again without reading the records. The ledger keeps them as a `smallint`: a bit is never
 * given another meaning, and there are 15.
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
  /** Longer than the offer includes a call. */
  longCall: 256,
  /** The offer includes it as far as the call alone tells, and counts its minutes. */
  usesMinutes: 512,
} as const;
