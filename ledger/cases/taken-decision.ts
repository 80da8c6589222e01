import type { DecisionKind } from '../../rater/index.ts';

/** A decision on a line's condition in a period, as it was taken. */
export interface TakenDecision {
  readonly condition: string;
  readonly kind: DecisionKind;
  /** ms since the epoch; of a reinstatement: calls that start from here on are included again. */
  readonly effectiveAt: number;
  readonly decidedBy: string;
  readonly note: string;
  /** When it was taken, ms since the epoch; `null`: before the ledger kept that. */
  readonly decidedAt: number | null;
}
