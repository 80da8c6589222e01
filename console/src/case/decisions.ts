import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import type { DecisionBody, DecisionOutcome, UndoBody } from '../../../api/index.ts';
import { type CaseId, casePath, takeOut } from '../api/cases.ts';
import { ask, askOnce, askOnceWhenBack } from '../api/client.ts';
import { faultText } from '../language/fault-text.ts';
import { type Language, named, useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { tellDone } from '../shell/undo-bar.tsx';
import { keepDraft } from './drafts.ts';

/** What an analyst decides; a decision is taken back by undoing it. */
export type DecisionKind = Exclude<DecisionBody['decision'], 'reopen'>;

/** A decision on one or several conditions of a case. */
export interface NewDecision {
  readonly id: CaseId;
  readonly conditions: readonly string[];
  readonly decision: DecisionKind;
  readonly note: string;
  /** From when on a reinstated line is included again; now where nothing is said. */
  readonly at?: string;
  /** The preview that was seen: refused where it would change something else by now. */
  readonly preview?: string;
}

/** A decision on some of its conditions was kept, and then one was refused. */
class PartlyKeptError extends Error {
  override readonly name = 'PartlyKeptError';
  readonly kept: readonly DecisionOutcome[];
  readonly why: Error;

  constructor(kept: readonly DecisionOutcome[], why: Error) {
    super(why.message, { cause: why });
    this.kept = kept;
    this.why = why;
  }
}

/** Sends the decision, condition by condition; where the server can't be reached, when it answers again. */
async function sendDecision(
  { id, conditions, decision, note, at, preview }: NewDecision,
  waits: () => void,
): Promise<DecisionOutcome[]> {
  const outcomes: DecisionOutcome[] = [];
  for (const condition of conditions) {
    const body: DecisionBody = {
      condition,
      decision,
      note,
      ...(at === undefined ? {} : { at }),
      ...(preview === undefined ? {} : { preview }),
    };
    try {
      outcomes.push(await askOnceWhenBack<DecisionOutcome>(`${casePath(id)}/decisions`, body, waits));
    } catch (error) {
      if (outcomes.length === 0 || !(error instanceof Error)) throw error;
      throw new PartlyKeptError(outcomes, error);
    }
  }
  return outcomes;
}

/** What a decision would change; nothing is kept. */
export function tryDecision(id: CaseId, condition: string, decision: DecisionKind): Promise<DecisionOutcome> {
  const body: DecisionBody = { condition, decision, note: '', dryRun: true };
  return ask<DecisionOutcome>(`${casePath(id)}/decisions`, { method: 'POST', body });
}

/** Decides at once as far as one sees: the case leaves the queue, and comes back if the decision was not kept. */
export function useDecide() {
  const queries = useQueryClient();
  const language = useLanguage();
  const { t } = language;
  return useMutation({
    mutationFn: (decided: NewDecision) =>
      sendDecision(decided, () => {
        const { line } = decided.id;
        tellDone({ text: fill(t.fault.decisionWaits, { line }), isFault: true, undo: null, stays: true });
      }),
    onMutate: ({ id }: NewDecision) => {
      tellDone({ text: `${id.line}${t.common.colon}${t.decide.going}`, isFault: false, undo: null, stays: true });
      return { putBack: takeOut(queries, id) };
    },
    onSuccess: (outcomes, decided) => {
      keepDraft(decided.id, '');
      // Queues that were read meanwhile have it again.
      takeOut(queries, decided.id);
      tellDecided(queries, decided, outcomes, language);
    },
    onError: (error, decided, context) => {
      context?.putBack();
      tellLost(queries, decided, error, language);
    },
    onSettled: (_, __, { id }) => forget(queries, id),
  });
}

function tellDecided(
  queries: QueryClient,
  { id, conditions, decision }: NewDecision,
  outcomes: readonly DecisionOutcome[],
  language: Language,
): void {
  const { t } = language;
  const condition = conditions.map((each) => named(t.condition, each)).join(', ');
  tellDone({
    text: fill(t.decisionDone[decision], { line: id.line, condition }),
    isFault: false,
    // What a reinstatement gave back stays given back.
    undo: decision === 'reinstate' ? null : undoing(queries, id, outcomes, language),
  });
}

/** Says that a decision was not kept, or on which conditions alone. */
function tellLost(queries: QueryClient, { id, decision }: NewDecision, error: Error, language: Language): void {
  const { t } = language;
  if (!(error instanceof PartlyKeptError)) {
    const text = `${t.fault.decisionLost} ${faultText(error, language)}`;
    return tellDone({ text, isFault: true, undo: null, stays: true });
  }
  const kept = error.kept.map(({ condition }) => named(t.condition, condition)).join(', ');
  tellDone({
    text: `${fill(t.fault.decisionPartly, { kept })} ${faultText(error.why, language)}`,
    isFault: true,
    undo: decision === 'reinstate' ? null : undoing(queries, id, error.kept, language),
    stays: true,
  });
}

function undoing(
  queries: QueryClient,
  id: CaseId,
  outcomes: readonly DecisionOutcome[],
  language: Language,
): (() => void) | null {
  // What stood already when it was decided once more is not this decision's to undo.
  const kept = outcomes.filter(({ isKept, unchanged }) => isKept && unchanged === undefined);
  return kept.length === 0 ? null : () => void undoDecisions(queries, id, kept, language);
}

/**
 * Undoes decisions by others that reverse them; the case is in the queue again. What somebody else decided on the same
 * meanwhile stays: then it is said so.
 */
async function undoDecisions(
  queries: QueryClient,
  id: CaseId,
  kept: readonly DecisionOutcome[],
  language: Language,
): Promise<void> {
  const { t } = language;
  tellDone(null);
  try {
    for (const { condition, effectiveAt } of kept) {
      const body: UndoBody = { condition, note: t.decide.undo, undoes: effectiveAt };
      await askOnce<DecisionOutcome>(`${casePath(id)}/undo`, body);
    }
    tellDone({ text: fill(t.decide.undone, { line: id.line }), isFault: false, undo: null });
  } catch (error) {
    const text = error instanceof Error ? faultText(error, language) : String(error);
    tellDone({ text, isFault: true, undo: null });
  }
  await queries.invalidateQueries({ queryKey: ['cases'] });
  forget(queries, id);
}

/** What was read of a case before it was decided on is read again. */
export function forget(queries: QueryClient, { line, period }: CaseId): void {
  void queries.invalidateQueries({ queryKey: ['case', line, period] });
  void queries.invalidateQueries({ queryKey: ['pattern', line, period] });
  void queries.invalidateQueries({ queryKey: ['cases-now'] });
  void queries.invalidateQueries({ queryKey: ['count'] });
}
