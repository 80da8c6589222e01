import { DECISION_KINDS, type DecisionKind, isDecisionKind } from '../../rater/index.ts';
import { CONDITION_IDS } from '../../rules/index.ts';
import type { CivilTime } from '../../tariffs/index.ts';
import { type Refusal, type Refused, refusal, refusedFor } from '../refusals.ts';
import { type Preview, readPreview, refusedOther } from './preview.ts';
import { parsePeriod, showInstant, showPeriod } from '../value-text.ts';

/** A decision as a person enters it. */
export interface DecisionRequest {
  readonly line: string;
  /** `2026-11`. */
  readonly period: string;
  readonly condition: string;
  /** One of `DECISION_KINDS`. */
  readonly kind: string;
  /** Day or instant from which a reinstated line's calls are included again; now when not given. */
  readonly at?: string | undefined;
  /** Who decides, and why: both may be left out of a dry run. */
  readonly by?: string | undefined;
  readonly note?: string | undefined;
  /**
   * The preview that who decides has seen: of a dry run of the same decision. Where the decision would change something
   * else by now, it is refused.
   */
  readonly preview?: string | undefined;
  /** Says what the decision would change, and keeps nothing. */
  readonly dryRun?: boolean | undefined;
}

/** A request that can be meant. */
export interface ReadRequest {
  readonly line: string;
  readonly period: number;
  readonly condition: string;
  readonly decision: DecisionKind;
  readonly by: string;
  readonly note: string;
  /** What was seen before; `null`: nothing is said of that. */
  readonly preview: Preview | null;
}

/** The same with the time at which it takes effect. */
export interface MeantDecision extends ReadRequest {
  /** ms since the epoch, as is `takenAt`. */
  readonly effectiveAt: number;
  readonly takenAt: number;
}

/** What is wrong with a request whatever the ledger holds; `null`: nothing. */
export function checkDecision(request: DecisionRequest): Refused | null {
  const read = readRequest(request);
  return 'code' in read ? read : null;
}

/** What a request means; it says all that is wrong with it at once. */
export function readRequest(request: DecisionRequest): ReadRequest | Refused {
  const { line, condition, by = '', note, dryRun = false } = request;
  const period = parsePeriod(request.period);
  const decision = isDecisionKind(request.kind) ? request.kind : null;
  const faults: Refusal[] = [];
  if (period === null) faults.push(refusal('period-unknown', { period: request.period }));
  if (decision === null) {
    faults.push(refusal('decision-unknown', { kind: request.kind, kinds: DECISION_KINDS.join(', ') }));
  }
  if (!CONDITION_IDS.some((known) => known === condition)) {
    faults.push(refusal('condition-unknown', { condition, conditions: CONDITION_IDS.join(', ') }));
  }
  const preview = request.preview === undefined ? null : readPreview(request.preview);
  if (preview !== null && 'code' in preview) faults.push(preview);
  if (!dryRun && by.trim() === '') faults.push(refusal('decider-missing', {}));
  if (!dryRun && note === undefined) faults.push(refusal('note-missing', {}));
  const wrong = refusedFor(faults);
  if (wrong !== null) return wrong;
  if (period === null || decision === null) throw new Error('Cannot read a decision: a fault was not named');
  if (preview !== null && 'code' in preview) throw new Error('Cannot read a decision: its preview was not refused');
  const read = { line, period, condition, decision, by, note: note ?? '', preview };
  return (preview === null ? null : refusedOther(preview, read)) ?? read;
}

/** How long a reinstatement may be planned ahead: a later one is more likely a slip of the pen. */
const MAX_AHEAD_MS = 366 * 24 * 60 * 60 * 1000;

/**
 * When a decision takes effect: the instant that is asked for, or now. Refused where no call of the breach could be
 * meant: before its month, or more than a year ahead.
 */
export function effectiveInstant(
  at: string | undefined,
  { decision: kind, period, takenAt }: Pick<MeantDecision, 'decision' | 'period' | 'takenAt'>,
  civilTime: CivilTime,
): number | Refusal {
  if (at === undefined) return takenAt;
  const effectiveAt = civilTime.parseInstant(at);
  if (effectiveAt === null) return refusal('instant-unreadable', { at });
  const start = civilTime.periodStart(period);
  if (effectiveAt < start) {
    const values = { kind, at, period: showPeriod(period), start: showInstant(start, civilTime) };
    return refusal('effect-too-early', values);
  }
  if (effectiveAt > Math.max(takenAt, civilTime.periodEnd(period)) + MAX_AHEAD_MS) {
    return refusal('effect-too-late', { kind, at });
  }
  return effectiveAt;
}
