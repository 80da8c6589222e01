import type { Cdr } from '../../../rater/call/cdr.ts';
import type { Decision, Line, LineSpan } from '../../../rater/line/line.ts';
import type { ConditionId } from '../../../rules/conditions.ts';
import type { Offer } from '../../../rules/offer.ts';

/** How a record says that there was no call: without an answer, or by its kind. */
export type NoCallSpelling = 'unanswered' | 'attempt' | 'interim' | 'inbound' | 'internal';

/** A record of a call, or one that says that there was none: then its start and duration mean nothing. */
export interface OracleRecord extends Cdr {
  readonly noCall?: NoCallSpelling;
}

/** What the oracle needs to know of a destination to give a call its coverage. */
export type OracleDestinationClass =
  'national-fixed' | 'national-mobile' | 'international' | 'emergency' | 'toll-free' | 'special-rate';

/** A dialled string after the numbering plan: a number with its destination, or the code of a refusal. */
export type OracleClassified =
  | {
      /** E.164 digits, or those of a short code (then below 1,000,000). */
      readonly called: number;
      readonly destinationName: string;
      readonly destinationClass: OracleDestinationClass;
    }
  | { readonly refusal: string };

/** One plain deck row: prices are decimal text in units of currency, times are ms since the epoch, `[from, to)`. */
export interface OracleDeckRow {
  /** An E.164 prefix without plus, one French short code, or a destination by its name. */
  readonly of: { readonly prefix: string } | { readonly shortCode: number } | { readonly destination: string };
  readonly pricePerMinute: string;
  readonly connection: string;
  readonly initialIncrementS: number;
  readonly nextIncrementS: number;
  readonly minimumCharge?: string;
  readonly effectiveFrom: number;
  /** `null` while open. */
  readonly effectiveTo: number | null;
}

/** A deck that prices calls from `from` (ms since the epoch, `-Infinity`: ever) until the next instant of any entry. */
export interface OracleDeckEntry {
  readonly from: number;
  readonly rows: readonly OracleDeckRow[];
}

/** Everything there is to know, at once: no order of arrival, no batches, no earlier states. */
export interface OracleInput {
  /** Every record that was delivered, in any order, repeated as often as it came. */
  readonly records: readonly OracleRecord[];
  /** When each of `records` reached its source, ms; `null` or absent where the source does not say. */
  readonly receivedAt?: readonly (number | null)[];
  /** The lines with all the facts that were entered in the end. */
  readonly lines: readonly Line[];
  readonly offers: readonly Offer[];
  readonly decisions: readonly Decision[];
  /** In force from ever, but for what `laterDecks` says. */
  readonly deck: readonly OracleDeckRow[];
  /** In the order in which they were entered: of those for one instant the last counts. */
  readonly laterDecks?: readonly OracleDeckEntry[];
  readonly classify: (dialled: string) => OracleClassified;
  /** What was said of the registrations of lines, in any order, repeated as often as it came. */
  readonly registrations?: readonly OracleRegistration[];
  /** In order. */
  readonly closes?: readonly OracleClose[];
}

/** What was said of a registration: `''` and `null` are not told; `expires`, in seconds, is 0 where it ended. */
export interface OracleRegistration {
  /** A line by its id, or by a number in any notation. */
  readonly party: string;
  readonly at: number;
  readonly expires: number;
  readonly contact: string;
  readonly userAgent: string | null;
  readonly sourceIp: string | null;
}

/** A device that a call may have come from. */
export interface OracleDevice {
  readonly userAgent: string | null;
  readonly sourceIp: string | null;
}

/** The close of a month of bills, and of every month before it. */
export interface OracleClose {
  /** yyyymm. */
  readonly period: number;
  /** All that was known then, the closes before it among it. */
  readonly known: OracleInput;
}

export type Coverage = 'included' | 'metered' | 'free';

/** What a call should cost. `charge` and `meteredPrice` are decimal text with 6 decimals, `period` is yyyymm. */
export interface OracleCall {
  readonly line: string;
  readonly account: string;
  readonly period: number;
  readonly coverage: Coverage;
  /** Metered: `no-offer`, `not-in-offer` or a condition id. Included and free: the class of the destination. */
  readonly reason: string;
  readonly billedSeconds: number;
  readonly charge: string;
  readonly meteredPrice: string;
}

/** Names a call in evidence. */
export interface CallReference {
  readonly identity: string;
  readonly startedAt: number;
}

export type MobilityReason = 'provisioning' | 'switch' | 'foreign-device-and-network';
export type EquipmentReason = 'provisioning' | 'user-agent';
export type MeasureName = 'short-calls' | 'concurrent-calls' | 'sequential-numbers' | 'all-hours' | 'number-range';

export interface Measure {
  readonly measure: MeasureName;
  readonly value: number;
  readonly max: number;
  readonly broke: boolean;
}

/** The facts that show a breach. */
export type OracleEvidence =
  | {
      readonly kind: 'distinct-numbers';
      readonly max: number;
      readonly crossing: CallReference;
      /** The max + 1 numbers in the order of their first calls; the last is the one that crossed. */
      readonly numbers: readonly { readonly called: number; readonly first: CallReference }[];
    }
  | { readonly kind: 'sip-mobility'; readonly first: CallReference; readonly why: MobilityReason }
  | { readonly kind: 'equipment'; readonly first: CallReference; readonly why: EquipmentReason }
  | { readonly kind: 'usage-class'; readonly first: CallReference; readonly usageClass: string }
  | {
      readonly kind: 'monthly-minutes';
      readonly max: number;
      readonly crossing: CallReference;
      /** Talk time with the crossing call. */
      readonly seconds: number;
    }
  | { readonly kind: 'conversational-use'; readonly countedCalls: number; readonly measures: readonly Measure[] };

/** A line, period and condition where the evidence stands or a person has decided. */
export interface OracleVerdict {
  readonly line: string;
  readonly account: string;
  readonly period: number;
  readonly condition: ConditionId;
  /** Whether the calls and facts show a breach. */
  readonly stands: boolean;
  /** `null` exactly when the verdict does not stand. */
  readonly evidence: OracleEvidence | null;
  readonly decision: 'confirm' | 'dismiss' | null;
  readonly inForce: boolean;
  /** The calls it holds by their start, ms, `[from, to)`; `null` when it holds none or the breaking calls alone. */
  readonly hold: { readonly from: number; readonly to: number } | null;
}

/** A record that waits for a person or for a missing fact, or that a higher revision replaced. */
export interface OracleRejected {
  readonly identity: string;
  /** `start-implausible`, `unknown-line`, a refusal of the numbering plan, `no-rate`, `conflict`; or `superseded`. */
  readonly reason: string;
  readonly contentHash: string;
}

export interface OracleResult {
  readonly calls: ReadonlyMap<string, OracleCall>;
  /** Sorted by line, period, condition. */
  readonly verdicts: readonly OracleVerdict[];
  /** Sorted by identity, reason, content hash; one for each distinct content. */
  readonly quarantine: readonly OracleRejected[];
  /** Lower revisions of calls that are rated: kept apart, since nobody has to look at them. */
  readonly superseded: readonly OracleRejected[];
  /** Corrections that say that there was no call, and count; under the reason for which there was none. */
  readonly noCalls: readonly OracleRejected[];
  /** Deliveries of a content that had been delivered before. */
  readonly duplicates: number;
}

/** A record that won its identity, with all that was looked up for it. */
export interface FoundCall {
  readonly identity: string;
  readonly contentHash: string;
  readonly cdr: Cdr;
  readonly called: number;
  readonly destinationName: string;
  readonly destinationClass: OracleDestinationClass;
  readonly line: Line;
  readonly span: LineSpan;
  /** `null`: no offer in force, every call is metered. */
  readonly offer: Offer | null;
  readonly forwarded: boolean;
  /** It came from one of these: what its record says, or the registrations in force that don't contradict it. */
  readonly devices: readonly OracleDevice[];
  readonly period: number;
  readonly billedSeconds: number;
  readonly meteredPrice: string;
}
