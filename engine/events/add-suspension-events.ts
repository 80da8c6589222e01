import {
  type Hold,
  type LineState,
  type SuspendedStretch,
  lastSuspension,
  reinstatementEnding,
  bindingVerdict,
} from '../../rater/index.ts';
import {
  type DecisionOnLine,
  type LineSuspension,
  type NewEvent,
  type ToldHold,
  type Transaction,
  suspensionsOf,
} from '../../ledger/index.ts';
import type { Batch } from '../tasks/batch.ts';
import type { DecisionData, StoredReinstatedData, StoredSuspendedData } from './event-data.ts';
import { decisionData, endText, instantText, periodText } from './event-text.ts';

/** A line whose last suspension is not what is kept of it. */
export interface SuspensionChange {
  readonly line: LineState;
  readonly before: LineSuspension | null;
  readonly now: LineSuspension | null;
  readonly stretch: SuspendedStretch | null;
}

/**
 * The lines of a batch whose suspension changed. What holds a line changes only where the line was judged from the
 * ledger: no other is asked for.
 */
export async function changedSuspensions(tx: Transaction, batch: Batch): Promise<SuspensionChange[]> {
  const lines = [...batch.reconciled.keys()];
  const known = await suspensionsOf(tx, lines);
  return lines
    .map((line): SuspensionChange => {
      const stretch = lastSuspension(line, batch.catalogue.civilTime);
      return { line, before: known.get(line.no) ?? null, now: suspensionOf(stretch), stretch };
    })
    .filter(({ before, now }) => JSON.stringify(before) !== JSON.stringify(now));
}

function suspensionOf(stretch: SuspendedStretch | null): LineSuspension | null {
  if (stretch === null) return null;
  const holds = stretch.holds.map(({ condition, period, to }) => ({
    condition,
    period,
    to: to === Infinity ? null : to,
  }));
  return { from: stretch.from, to: stretch.to, holds };
}

/**
 * What is told of a change. A line that is suspended for longer than before, or from another instant on, is suspended
 * anew; one for less long is reinstated. A stretch that a reinstatement ends is never told as a suspension: evidence
 * that comes after the reinstatement does not suspend the line again. `null`: it is no news, since other breaches
 * hold the same stretch now, or the stretch ends where it was told to end, by a reinstatement.
 */
export function suspensionEvent(change: SuspensionChange, decisions: readonly DecisionOnLine[]): NewEvent | null {
  const { line, before, stretch } = change;
  if (before?.from === stretch?.from && before?.to === stretch?.to) return null;
  const event = { bucket: line.bucket, line: line.no, period: null };
  const isShorter = before !== null && (stretch === null || stretch.to < before.to);
  const isOver = stretch !== null && endsByReinstatement(line, stretch);
  if (isShorter || (isOver && stretch.to !== before?.to)) {
    const data = reinstatedDataOf(line, before, stretch, decisions);
    return { ...event, type: 'line.unlimited-reinstated', data };
  }
  if (stretch === null || isOver) return null;
  return { ...event, type: 'line.unlimited-suspended', data: suspendedDataOf(stretch, decisions) };
}

function endsByReinstatement({ decisions }: LineState, { holds, to }: SuspendedStretch): boolean {
  return holds.some((hold) => hold.to === to && reinstatementEnding(hold, decisions) !== null);
}

function suspendedDataOf(
  { from, to, holds }: SuspendedStretch,
  decisions: readonly DecisionOnLine[],
): StoredSuspendedData {
  return {
    from: instantText(from),
    until: endText(to),
    holds: holds.map((hold) => ({
      condition: hold.condition,
      period: periodText(hold.period),
      from: instantText(hold.from),
      until: endText(hold.to),
      classes: [...hold.classes],
      confirmedBy: dataOf(bindingVerdict(decisionsOn(hold, decisions)) ?? undefined),
    })),
  };
}

/**
 * Calls are included again from the end of what is left of the suspension, or from its beginning when nothing is.
 * What is lifted is what was told to hold the line beyond that; of a stretch that was never told, what holds it to
 * its end.
 */
function reinstatedDataOf(
  line: LineState,
  before: LineSuspension | null,
  now: SuspendedStretch | null,
  decisions: readonly DecisionOnLine[],
): StoredReinstatedData {
  const from = reinstatedFrom(before, now);
  const told = (before?.holds ?? []).filter(
    (hold) => (hold.to ?? Infinity) > from && (holdNow(line, hold)?.to ?? 0) <= from,
  );
  const ended = (now?.holds ?? []).filter(({ to }) => to === from);
  return {
    from: instantText(from),
    lifted: (told.length > 0 ? told : ended).map((hold) => ({
      condition: hold.condition,
      period: periodText(hold.period),
      ...liftedBy(line, hold, decisions),
    })),
  };
}

function reinstatedFrom(before: LineSuspension | null, now: SuspendedStretch | null): number {
  if (now === null) return before?.from ?? 0;
  return Math.max(before?.from ?? now.from, now.to);
}

type HoldKey = Pick<ToldHold, 'condition' | 'period'>;

function holdNow({ holds }: LineState, { condition, period }: HoldKey): Hold | null {
  return holds.find((hold) => hold.condition === condition && hold.period === period) ?? null;
}

function liftedBy(
  line: LineState,
  key: HoldKey,
  decisions: readonly DecisionOnLine[],
): Pick<StoredReinstatedData['lifted'][number], 'why' | 'decision'> {
  const verdict = bindingVerdict(decisionsOn(key, decisions));
  if (verdict?.kind === 'dismiss') return { why: 'dismissed', decision: dataOf(verdict) };
  const hold = holdNow(line, key);
  const reinstatement = hold === null ? null : reinstatementEnding(hold, decisions);
  if (reinstatement === null) return { why: 'withdrawn', decision: null };
  return { why: 'reinstated', decision: dataOf(reinstatement) };
}

function decisionsOn({ condition, period }: HoldKey, decisions: readonly DecisionOnLine[]): DecisionOnLine[] {
  return decisions.filter((decision) => decision.condition === condition && decision.period === period);
}

function dataOf(decision: DecisionOnLine | undefined): DecisionData | null {
  return decision === undefined ? null : decisionData(decision);
}
