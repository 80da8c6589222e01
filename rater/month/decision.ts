/** What a kind of decision does: a new kind must answer each. */
interface Kind {
  /** What it says on whether its breach is in force; `null`: nothing. */
  readonly verdict: VerdictKind | null;
  /** Whether it ends holds at its effective time. */
  readonly endsHolds: boolean;
  /** Whether it takes the verdicts before it back: the breach waits for a decision again. */
  readonly takesBack: boolean;
}

/** The kinds that say whether a breach is in force; the last of them binds. */
export type VerdictKind = 'confirm' | 'dismiss';

/**
 * What a person may say of a breach: it counts, it does not, the line is reinstated from an instant on, or nobody has
 * decided after all.
 */
const KINDS = {
  confirm: { verdict: 'confirm', endsHolds: false, takesBack: false },
  dismiss: { verdict: 'dismiss', endsHolds: false, takesBack: false },
  reinstate: { verdict: null, endsHolds: true, takesBack: false },
  reopen: { verdict: null, endsHolds: false, takesBack: true },
} as const satisfies Readonly<Record<string, Kind>>;

export type DecisionKind = keyof typeof KINDS;

/** Every kind, as people are told of them. */
export const DECISION_KINDS: readonly DecisionKind[] = Object.keys(KINDS).filter(isDecisionKind);

export function isDecisionKind(text: string): text is DecisionKind {
  return Object.hasOwn(KINDS, text);
}

/** The kinds that say whether a breach is in force. */
export const VERDICT_KINDS: readonly DecisionKind[] = DECISION_KINDS.filter((kind) => verdictOf(kind) !== null);

/** What a decision says on whether its breach is in force; `null` of a kind that says nothing on that. */
export function verdictOf(kind: DecisionKind): VerdictKind | null {
  return KINDS[kind].verdict;
}

/** The kinds that give a verdict, or take it back. */
export const SETTLING_KINDS: readonly DecisionKind[] = DECISION_KINDS.filter(
  (kind) => verdictOf(kind) !== null || takesBack(kind),
);

/** Whether a decision takes the verdicts before it back. */
export function takesBack(kind: DecisionKind): boolean {
  return KINDS[kind].takesBack;
}

/**
 * The verdict that binds: the last that no later decision took back; `null`: nobody has decided.
 *
 * @param decisions on one condition of one line and period, in the order in which they were taken
 */
export function bindingVerdict<D extends { readonly kind: DecisionKind }>(decisions: readonly D[]): D | null {
  const last = decisions.findLast(({ kind }) => verdictOf(kind) !== null || takesBack(kind));
  return last === undefined || takesBack(last.kind) ? null : last;
}

/** Whether a decision ends holds at its effective time. */
export function isReinstatement(kind: DecisionKind): boolean {
  return KINDS[kind].endsHolds;
}

/** What is asked of a decision on a line by those who look for the reinstatement that ends a hold. */
export interface DecisionOnCondition {
  readonly period: number;
  readonly condition: string;
  readonly kind: DecisionKind;
  /** ms since the epoch. */
  readonly effectiveAt: number;
}

/** A hold as far as reinstatements go by it: of which breach it is, and where it begins (ms since the epoch). */
export interface HoldBeginning {
  readonly period: number;
  readonly condition: string;
  readonly from: number;
}

/**
 * Whether a decision on the same line ends a hold (domain page, "A reinstatement ends every hold of that condition on
 * the line that began before its effective time, whichever period's calls found it"). A hold that begins at the very
 * instant did not begin before it: a reinstatement from 1 December on leaves a breach of December alone. Only the
 * breach that the decision itself names is then lifted whole.
 */
export function endsHold(decision: DecisionOnCondition, hold: HoldBeginning): boolean {
  if (!isReinstatement(decision.kind) || decision.condition !== hold.condition) return false;
  return decision.period === hold.period ? hold.from <= decision.effectiveAt : hold.from < decision.effectiveAt;
}

/**
 * The reinstatement that ends a hold at the instant at which it ends; `null` when none does. Of several that say the
 * same instant, one on the hold's own breach, then the first.
 *
 * @param decisions on the hold's line, of any period
 */
export function reinstatementEnding<D extends DecisionOnCondition>(
  hold: HoldBeginning & { readonly to: number },
  decisions: readonly D[],
): D | null {
  const ending = decisions.filter((decision) => decision.effectiveAt === hold.to && endsHold(decision, hold));
  return ending.find(({ period }) => period === hold.period) ?? ending[0] ?? null;
}
