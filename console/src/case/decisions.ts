import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import type { DecisionBody, DecisionOutcome, Problem, UndoBody } from '../../../api/index.ts';
import { type CaseId, type ShownCase, caseKey, casePath, takeOut } from '../api/cases.ts';
import { ApiProblem, UnreachableError, ask, askOnce, askOnceWhenBack } from '../api/client.ts';
import { faultText } from '../language/fault-text.ts';
import { type Language, named, useLanguage } from '../language/language.tsx';
import { fill } from '../language/text.ts';
import { tellDone } from '../shell/undo-bar.tsx';
import { keepDraft } from './drafts.ts';

type Effect = ShownCase['outcomes'][number]['effect'];

/** What an analyst decides; a decision is taken back by undoing it. */
export type DecisionKind = Exclude<DecisionBody['decision'], 'reopen'>;

/** A decision on one or several conditions of a case. */
export interface NewDecision {
  readonly id: CaseId;
  readonly conditions: readonly string[];
  /** Whether nothing of the case is left to decide on then: it leaves the queue. */
  readonly isLast: boolean;
  readonly decision: DecisionKind;
  readonly note: string;
  /** From when on a reinstated line is included again; now where nothing is said. */
  readonly at?: string;
  /** The preview that was seen: refused where it would change something else by now. */
  readonly preview?: string;
  /** What was seen of one condition whose preview had not come yet: it is asked for, and must say the same. */
  readonly seen?: Effect;
  readonly currency: string;
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

/** The query of a preview, for who shows it and for who sends it. */
export function previewOf(id: CaseId, condition: string, decision: DecisionKind) {
  return {
    queryKey: ['case', id.line, id.period, 'try', condition, decision],
    queryFn: () => tryDecision(id, condition, decision),
  };
}

/** The decision with its preview: quick hands send it before that has come, and what was seen holds all the same. */
async function withPreview(queries: QueryClient, decided: NewDecision): Promise<NewDecision> {
  const { id, conditions, decision, preview, seen, currency } = decided;
  const [condition, ...others] = conditions;
  if (preview !== undefined || condition === undefined || others.length > 0) return decided;
  // Where the server is away, the decision waits for it as it is.
  const asked = { ...previewOf(id, condition, decision), retry: false };
  const tried = await queries.fetchQuery(asked).catch((error: unknown) => {
    if (error instanceof UnreachableError) return null;
    throw error;
  });
  if (tried === null) return decided;
  const { effect } = tried;
  if (seen !== undefined && effect !== undefined && (seen.calls !== effect.calls || seen.charge !== effect.charge)) {
    throw new ApiProblem(outdated(seen, effect, currency));
  }
  return tried.preview === undefined ? decided : { ...decided, preview: tried.preview.id };
}

/** What the API says of a preview that holds no more. */
function outdated(seen: Effect, now: Effect, currency: string): Problem {
  // Cents, where there is no less.
  const [charge = '', chargeNow = ''] = [seen.charge, now.charge].map((each) => each.replace(/(\.\d\d)0+$/, '$1'));
  const [calls, callsNow] = [String(seen.calls), String(now.calls)];
  const values = { calls, charge, currency, callsNow, chargeNow };
  const detail =
    `The decision changed ${calls} calls and ${charge} ${currency} then, ` +
    `and changes ${callsNow} calls and ${chargeNow} ${currency} now`;
  return { type: 'about:blank', title: 'Facts moved', status: 409, code: 'preview-outdated', detail, values };
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
    mutationFn: async (decided: NewDecision) =>
      sendDecision(await withPreview(queries, decided), () => {
        const { line } = decided.id;
        tellDone({ text: fill(t.fault.decisionWaits, { line }), isFault: true, undo: null, stays: true });
      }),
    onMutate: (decided: NewDecision) => {
      const { id, isLast } = decided;
      const text = `${id.line}${t.common.colon}${t.decide.going}`;
      tellDone({ text, isFault: false, undo: null, stays: true, about: aboutOf(decided) });
      return { putBack: isLast ? takeOut(queries, id) : undefined };
    },
    onSuccess: (outcomes, decided) => {
      keepDraft(decided.id, '');
      // Queues that were read meanwhile have it again.
      if (decided.isLast) takeOut(queries, decided.id);
      tellDecided(queries, decided, outcomes, language);
    },
    onError: (error, decided, context) => {
      context?.putBack?.();
      tellLost(queries, decided, error, language);
    },
    onSettled: (_, __, { id }) => forget(queries, id),
  });
}

/** Tells decisions apart in what is said of them. */
function aboutOf({ id, conditions }: NewDecision): string {
  return `${caseKey(id)} ${conditions.join(' ')}`;
}

function tellDecided(
  queries: QueryClient,
  decided: NewDecision,
  outcomes: readonly DecisionOutcome[],
  language: Language,
): void {
  const { t } = language;
  const { id, conditions, decision } = decided;
  const condition = conditions.map((each) => named(t.condition, each)).join(', ');
  tellDone({
    text: fill(t.decisionDone[decision], { line: id.line, condition }),
    isFault: false,
    about: aboutOf(decided),
    // What a reinstatement gave back stays given back.
    undo: decision === 'reinstate' ? null : undoing(queries, id, outcomes, language),
  });
}

/** Says that a decision was not kept, or on which conditions alone. */
function tellLost(queries: QueryClient, { id, decision }: NewDecision, error: Error, language: Language): void {
  const { t } = language;
  if (!(error instanceof PartlyKeptError)) {
    const text = `${fill(t.fault.decisionLost, { line: id.line })} ${faultText(error, language)}`;
    return tellDone({ text, isFault: true, undo: null, stays: true, open: id });
  }
  const kept = error.kept.map(({ condition }) => named(t.condition, condition)).join(', ');
  tellDone({
    text: `${fill(t.fault.decisionPartly, { line: id.line, kept })} ${faultText(error.why, language)}`,
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
