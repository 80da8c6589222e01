import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import type { DecisionBody, DecisionOutcome } from '../../../api/index.ts';
import { type CaseId, casePath, takeOut } from '../api/cases.ts';
import { ask } from '../api/client.ts';
import { type Language, named, useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { tellDone } from '../shell/undo-bar.tsx';

export type DecisionKind = DecisionBody['decision'];

/** A decision on one or several conditions of a case. */
export interface NewDecision {
  readonly id: CaseId;
  readonly conditions: readonly string[];
  readonly decision: DecisionKind;
  readonly note: string;
  /** From when on a reinstated line is included again; now where nothing is said. */
  readonly at?: string;
}

/** Sends the decision, condition by condition. */
export async function sendDecision({ id, conditions, decision, note, at }: NewDecision): Promise<DecisionOutcome[]> {
  const outcomes: DecisionOutcome[] = [];
  for (const condition of conditions) {
    const body: DecisionBody = { condition, decision, note, ...(at === undefined ? {} : { at }) };
    outcomes.push(await ask<DecisionOutcome>(`${casePath(id)}/decisions`, { method: 'POST', body }));
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
    onMutate: ({ id }: NewDecision) => ({ putBack: takeOut(queries, id) }),
    onSuccess: (_, decided) => tellDecided(decided, language),
    onError: (error, _, context) => {
      context?.putBack();
      tellDone({ text: `${language.t.fault.decisionLost} ${error.message}`, isFault: true, undo: null });
    },
    onSettled: (_, __, { id }) => forget(queries, id),
  });
}

function tellDecided({ id, conditions, decision }: NewDecision, { t }: Language): void {
  const condition = conditions.map((each) => named(t.condition, each)).join(', ');
  tellDone({ text: fill(t.decisionDone[decision], { line: id.line, condition }), isFault: false, undo: null });
}

/** What was read of a case before it was decided on is read again. */
export function forget(queries: QueryClient, { line, period }: CaseId): void {
  void queries.invalidateQueries({ queryKey: ['case', line, period] });
  void queries.invalidateQueries({ queryKey: ['pattern', line, period] });
  void queries.invalidateQueries({ queryKey: ['cases-now'] });
}
