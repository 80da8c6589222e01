import { type Queryable, loadDecisionsOn, repeatWhileCut } from '../../ledger/index.ts';
import { type DecisionKind, bindingVerdict, isReinstatement, takesBack, verdictOf } from '../../rater/index.ts';
import type { LedgerAccess } from '../ledger-access.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { type DecideOutcome, type DecisionWithin, decideCase } from './decide-case.ts';
import { type CaseKey, findCase } from './act-on-case.ts';

/** A decision that is to be undone: the last on the condition. */
export interface UndoRequest extends CaseKey {
  readonly condition: string;
  /** When the decision took effect that is to be undone, ms since the epoch: refused where another came after it. */
  readonly undoes?: number | undefined;
  readonly by: string;
  readonly note: string;
  readonly dryRun?: boolean | undefined;
}

/**
 * Undoes the verdict that stands on a condition by a decision that reverses it: the other verdict before it is given
 * again, or, where there was none, the breach waits for a decision again. A verdict that was given several times in a
 * row is one: it never takes more than one undo. All decisions are kept. What a reinstatement gave back stays. Of two
 * that undo the same at once, one does.
 */
export async function undoDecision(
  ledger: LedgerAccess,
  request: UndoRequest,
  { onKept }: Pick<DecisionWithin, 'onKept'> = {},
): Promise<DecideOutcome> {
  const kind = await repeatWhileCut(() => reversing(ledger.db, request));
  if (typeof kind !== 'string') return kind;
  const { line, period, condition, by, note, dryRun } = request;
  const refusedNow = async (tx: Queryable): Promise<Refused | null> => {
    const now = await reversing(tx, request);
    if (typeof now !== 'string') return now;
    return now === kind ? null : refused(refusal('undo-outdated', { condition, line, period }));
  };
  return decideCase(ledger, { line, period, condition, kind, by, note, dryRun }, { refusedNow, ...defined(onKept) });
}

function defined(onKept: DecisionWithin['onKept']): Pick<DecisionWithin, 'onKept'> {
  return onKept === undefined ? {} : { onKept };
}

async function reversing(q: Queryable, request: UndoRequest): Promise<DecisionKind | Refused> {
  const { condition, undoes } = request;
  const found = await findCase(q, request);
  if (found.kind === 'refused') return found;
  const all = await loadDecisionsOn(q, [found.line]);
  const own = all
    .map(({ decision }) => decision)
    .filter((decision) => decision.period === found.period && decision.condition === condition);
  const values = { condition, line: request.line, period: request.period };
  const last = own.at(-1);
  if (last !== undefined && isReinstatement(last.kind)) return refused(refusal('reinstatement-stays', values));
  const isDecided = own.some(({ kind }) => verdictOf(kind) !== null || takesBack(kind));
  if (undoes !== undefined && last?.effectiveAt !== undoes) return refused(refusal('undo-outdated', values));
  if (!isDecided) return refused(refusal('nothing-to-undo', values));
  const after = (decisions: number): DecisionKind => bindingVerdict(own.slice(0, decisions))?.kind ?? 'reopen';
  const standing = after(own.length);
  let before = own.length;
  while (before > 0 && after(before) === standing) before--;
  return after(before);
}
