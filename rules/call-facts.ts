import type { Cidr } from './cidr.ts';

/** What the conditions may ask of one call: the record, and the line's facts in force at its start. */
export interface CallFacts {
  readonly isForwarded: boolean;
  readonly userAgent: string | null;
  readonly sourceIp: string | null;
  /** Whether the switch says that mobility was used; `null` when it says nothing. */
  readonly mobilityUsed: boolean | null;
  readonly mobility: 'off' | 'used' | 'unknown';
  readonly equipment: 'managed' | 'customer-pbx' | 'customer-gateway' | 'unknown';
  readonly usageClass: string;
  /** User agents of the line's managed devices in force; a trailing `*` matches any rest. Empty: unknown. */
  readonly devices: readonly string[];
  /** Networks of the line in force. Empty: unknown. */
  readonly networks: readonly Cidr[];
}
