import { loadDecisionsOn, repeatWhileCut } from '../../ledger/index.ts';
import { type DecisionKind, bindingVerdict, isReinstatement, takesBack, verdictOf } from '../../rater/index.ts';
import type { LedgerAccess, LedgerReading } from '../ledger-access.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { type DecideOutcome, decideCase } from './decide-case.ts';
import { type CaseKey, findCase } from './act-on-case.ts';

/** A decision that is to be undone: the last on the condition. */
export interface UndoRequest extends CaseKey {
  readonly condition: string;
  readonly by: string;
  readonly note: string;
  readonly dryRun?: boolean | undefined;
}

/**
 * Undoes the last verdict on a condition by a decision that reverses it: the verdict before it is given again, or,
 * where there was none, the breach waits for a decision again. Both decisions are kept. What a reinstatement gave back
 * stays.
 */
export async function undoDecision(ledger: LedgerAccess, request: UndoRequest): Promise<DecideOutcome> {
  const kind = await repeatWhileCut(() => reversing(ledger, request));
  if (typeof kind !== 'string') return kind;
  const { line, period, condition, by, note, dryRun } = request;
  return decideCase(ledger, { line, period, condition, kind, by, note, dryRun });
}

async function reversing({ db }: LedgerReading, request: UndoRequest): Promise<DecisionKind | Refused> {
  const { condition } = request;
  const found = await findCase(db, request);
  if (found.kind === 'refused') return found;
  const all = await loadDecisionsOn(db, [found.line]);
  const own = all
    .map(({ decision }) => decision)
    .filter((decision) => decision.period === found.period && decision.condition === condition);
  const values = { condition, line: request.line, period: request.period };
  const last = own.at(-1);
  if (last !== undefined && isReinstatement(last.kind)) return refused(refusal('reinstatement-stays', values));
  const index = own.findLastIndex(({ kind }) => verdictOf(kind) !== null || takesBack(kind));
  if (index === -1) return refused(refusal('nothing-to-undo', values));
  return bindingVerdict(own.slice(0, index))?.kind ?? 'reopen';
}
