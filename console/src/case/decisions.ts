import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import type { DecisionBody, DecisionOutcome, UndoBody } from '../../../api/index.ts';
import { type CaseId, casePath, takeOut } from '../api/cases.ts';
import { ask, askOnce } from '../api/client.ts';
import { type Language, named, useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { tellDone } from '../shell/undo-bar.tsx';

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

/** Sends the decision, condition by condition. */
export async function sendDecision({
  id,
  conditions,
  decision,
  note,
  at,
  preview,
}: NewDecision): Promise<DecisionOutcome[]> {
  const outcomes: DecisionOutcome[] = [];
  for (const condition of conditions) {
    const body: DecisionBody = {
      condition,
      decision,
      note,
      ...(at === undefined ? {} : { at }),
      ...(preview === undefined ? {} : { preview }),
    };
    outcomes.push(await askOnce<DecisionOutcome>(`${casePath(id)}/decisions`, body));
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
  return useMutation({
    mutationFn: sendDecision,
    onMutate: ({ id }: NewDecision) => {
      tellDone({ text: `${id.line}${language.t.common.colon}${language.t.decide.going}`, isFault: false, undo: null });
      return { putBack: takeOut(queries, id) };
    },
    onSuccess: (_, decided) => tellDecided(queries, decided, language),
    onError: (error, _, context) => {
      context?.putBack();
      tellDone({ text: `${language.t.fault.decisionLost} ${error.message}`, isFault: true, undo: null });
    },
    onSettled: (_, __, { id }) => forget(queries, id),
  });
}

function tellDecided(queries: QueryClient, decided: NewDecision, { t }: Language): void {
  const { id, conditions, decision } = decided;
  const condition = conditions.map((each) => named(t.condition, each)).join(', ');
  tellDone({
    text: fill(t.decisionDone[decision], { line: id.line, condition }),
    isFault: false,
    // What a reinstatement gave back stays given back.
    undo: decision === 'reinstate' ? null : () => void undoDecision(queries, decided, t),
  });
}

/** Undoes a decision by one that reverses it; the case is in the queue again. */
export async function undoDecision(
  queries: QueryClient,
  { id, conditions }: Pick<NewDecision, 'id' | 'conditions'>,
  t: Language['t'],
): Promise<void> {
  tellDone(null);
  try {
    for (const condition of conditions) {
      const body: UndoBody = { condition, note: t.decide.undo };
      await askOnce<DecisionOutcome>(`${casePath(id)}/undo`, body);
    }
    tellDone({ text: fill(t.decide.undone, { line: id.line }), isFault: false, undo: null });
  } catch (error) {
    tellDone({ text: error instanceof Error ? error.message : String(error), isFault: true, undo: null });
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
