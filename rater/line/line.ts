import type { DecisionKind } from '../month/decision.ts';

/** What a line's provisioning says of the class of its user (article 7, second condition). */
export type UsageClass =
  | 'residential'
  | 'business'
  | 'carrier'
  | 'phone-shop'
  | 'telemarketing'
  | 'phoning'
  | 'call-centre'
  | 'prepaid-cards'
  | 'voice-services';

/** Facts of a line that hold in `[from, to)`, ms since the epoch; `to` is `Infinity` while open. */
export interface LineSpan {
  readonly from: number;
  readonly to: number;
  /** The line's number in E.164 digits; `null` when it has none. */
  readonly number: number | null;
  /** Offer id; `null`: no offer, every call is metered. */
  readonly offer: string | null;
  readonly usageClass: UsageClass;
  readonly mobility: 'off' | 'used' | 'unknown';
  readonly equipment: 'managed' | 'customer-pbx' | 'customer-gateway' | 'unknown';
}

/** A managed device of a line: its user agent, where a trailing `*` matches any rest. */
export interface DeviceSpan {
  readonly from: number;
  readonly to: number;
  readonly userAgent: string;
}

/** A network of one of the line's sites, as CIDR text. */
export interface NetworkSpan {
  readonly from: number;
  readonly to: number;
  readonly cidr: string;
}

/** A line with all its dated facts; spans sorted by `from`, never overlapping. Its id and account are permanent. */
export interface Line {
  readonly id: string;
  readonly account: string;
  readonly spans: readonly LineSpan[];
  readonly devices: readonly DeviceSpan[];
  readonly networks: readonly NetworkSpan[];
}

/** A person's decision on a line, a period and a condition; the last of confirm and dismiss (by `sequence`) binds. */
export interface Decision {
  readonly sequence: number;
  readonly line: string;
  /** Period as yyyymm, e.g. 202611. */
  readonly period: number;
  readonly condition: string;
  readonly kind: DecisionKind;
  /** For `reinstate`: calls that start at or after this instant are included again. ms since the epoch. */
  readonly effectiveAt: number;
  /** For `confirm`: start of the breach as shown when it was decided, kept if the verdict falls later. ms. */
  readonly breachFrom: number | null;
}
