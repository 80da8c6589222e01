import type { EquipmentEvidence, Measure, MobilityEvidence } from '../../rules/index.ts';
import type { CallIdentity } from '../call/cdr.ts';
import { compareIdentity } from '../call/identity.ts';

/** A call as evidence names it. */
export interface CallRef extends CallIdentity {
  /** ms since the epoch. */
  readonly startedAt: number;
}

interface Breach {
  /** Start of the first call that breaks the condition: a re-rate `from-breach` begins there. ms since the epoch. */
  readonly breachFrom: number;
}

/** What a condition finds against a line in a period, with its evidence. */
export type Finding =
  | (Breach & {
      readonly condition: 'distinct-numbers';
      readonly maxNumbers: number;
      readonly crossing: CallRef & { readonly called: number };
      /** The first call to each of the first max + 1 numbers, in order. */
      readonly numbers: readonly (CallRef & { readonly called: number })[];
    })
  | (Breach & {
      readonly condition: 'sip-mobility';
      readonly why: MobilityEvidence;
      readonly firstCall: CallRef;
      readonly userAgent: string | null;
      readonly sourceIp: string | null;
    })
  | (Breach & {
      readonly condition: 'equipment';
      readonly why: EquipmentEvidence;
      readonly firstCall: CallRef;
      readonly userAgent: string | null;
    })
  | (Breach & { readonly condition: 'usage-class'; readonly usageClass: string; readonly firstCall: CallRef })
  | (Breach & { readonly condition: 'conversational-use'; readonly measures: readonly Measure[] });

/** The conditions that judge a line's period; `forwarding` judges calls one by one and finds nothing against a line. */
export type FindingCondition = Finding['condition'];

/** Orders calls by start, then identity (domain page: "start of a call"). */
export function compareCalls(a: CallRef, b: CallRef): number {
  return a.startedAt - b.startedAt || compareIdentity(a, b);
}
