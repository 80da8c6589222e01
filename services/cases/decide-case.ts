import {
  type LineVerdicts,
  loadLineVerdicts,
  loadOfferTerms,
  type MadeChange,
  type OfferTerms,
} from '../../engine/index.ts';
import {
  type NewDecision,
  type NumberedLine,
  type Queryable,
  type Transaction,
  addDecision,
  countFactChange,
  hasDecision,
  headPosition,
  isLineStale,
  loadLines,
  repeatWhileCut,
} from '../../ledger/index.ts';
import {
  type Decision,
  type DecisionKind,
  type Hold,
  bindingVerdict,
  isReinstatement,
  sameHolds,
  takesBack,
} from '../../rater/index.ts';
import type { LedgerAccess, LedgerReading } from '../ledger-access.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { showPeriod } from '../value-text.ts';
import { type DecisionEffect, effectsOfDecisions, NO_EFFECT } from './decision-effect.ts';
import {
  type DecisionRequest,
  type MeantDecision,
  effectiveInstant,
  previewedInstant,
  readRequest,
} from './decision-request.ts';
import { holdsOfLineAfter } from './held-in-period.ts';
import { effectHash, previewText, refusedAfterOthers, refusedOutdated } from './preview.ts';
import { currencyOf } from '../reports/read-report.ts';

/** A decision as it was understood. */
export interface DecidedOn {
  readonly line: string;
  /** The ledger's number of the line. */
  readonly lineNo: number;
  /** yyyymm. */
  readonly period: number;
  readonly condition: string;
  readonly decision: DecisionKind;
  /** ms since the epoch. */
  readonly effectiveAt: number;
  /** Whether it ends holds. */
  readonly lifts: boolean;
}

/** Why a reinstatement changes nothing. */
export type Futile =
  /** The breach holds no call. */
  | { readonly why: 'not-in-force' }
  /** It begins after the instant: only a dismissal takes all of it back. */
  | { readonly why: 'begins-later'; readonly from: number }
  /** It has ended by then. */
  | { readonly why: 'has-ended'; readonly to: number }
  /** Breaches of other months (yyyymm) hold the calls. */
  | { readonly why: 'held-by-others'; readonly heldBy: readonly number[] };

export type DecideOutcome =
  | Refused
  /** It changes nothing as the ledger is today. It is kept all the same: evidence that comes later meets it. */
  | {
      readonly kind: 'unchanged';
      readonly on: DecidedOn;
      /** `false`: it was a dry run. */
      readonly isKept: boolean;
      readonly futile: Futile;
      readonly timeZone: string;
      readonly preview?: PreviewName;
    }
  | {
      readonly kind: 'decided';
      readonly on: DecidedOn;
      /** `false`: it was a dry run. */
      readonly isKept: boolean;
      readonly effect: DecisionEffect;
      /** Months (yyyymm) whose breaches still meter calls after a reinstatement. */
      readonly stillHeldBy: readonly number[];
      /** In which its instants are shown. */
      readonly timeZone: string;
      readonly preview?: PreviewName;
    };

/** What a decision names to say that it is taken as it was previewed; of dry runs. */
export interface PreviewName {
  readonly id: string;
  /** The feed position that was seen. */
  readonly bucket: number;
  readonly position: number;
}

/** What belongs into the transaction in which a decision is kept. */
export interface DecisionWithin {
  /** Why it is not to be kept after all, as the ledger is then; `null`: it is. */
  readonly refusedNow?: (tx: Transaction) => Promise<Refused | null>;
  /** Is told what it comes to. */
  readonly onKept?: (tx: Transaction, outcome: Exclude<DecideOutcome, Refused>) => Promise<void>;
}

/**
 * Decides on a condition that a line broke in a month: the decision is kept for good, beside those before it, and the
 * line's calls are charged anew as it says. With `dryRun` it says what that would change, and writes nothing at all.
 */
export async function decideCase(
  ledger: LedgerAccess,
  request: DecisionRequest,
  within: DecisionWithin = {},
): Promise<DecideOutcome> {
  const takenAt = Date.now();
  const read = readRequest(request);
  if ('code' in read) return read;
  const terms = await repeatWhileCut(() => loadOfferTerms(ledger.db, ledger.plan));
  const effectiveAt =
    read.preview === null
      ? effectiveInstant(request.at, { ...read, takenAt }, terms.civilTime)
      : previewedInstant(read.preview, { ...read, takenAt }, terms.civilTime);
  if (typeof effectiveAt !== 'number') return refused(effectiveAt);
  const meant: MeantDecision = { ...read, effectiveAt, takenAt };
  if (request.dryRun === true) return repeatWhileCut(() => previewed(ledger, terms, meant));
  const line = await repeatWhileCut(() => lineOf(ledger.db, meant.line));
  if (line === null) return refused(refusal('line-unknown', { line: meant.line }));
  // What waits for facts entered since is judged first: a decision is on what the ledger would say today.
  await ledger.engine.judge(line);
  return keep(ledger, terms, meant, line, within);
}

/** What the decision would change, as the ledger is now; it only reads. */
async function previewed({ db, plan }: LedgerReading, terms: OfferTerms, meant: MeantDecision): Promise<DecideOutcome> {
  const line = await lineOf(db, meant.line);
  if (line !== null && (await isLineStale(db, line))) return refused(refusal('facts-not-judged', { line: meant.line }));
  // Read before the line's calls are: what comes meanwhile may be seen, and is not said to be.
  const position = line === null ? 0 : await headPosition(db, line.bucket);
  const { outcome, earlier } = await consider(db, plan, terms, meant, line);
  if (line === null || outcome.kind === 'refused') return outcome;
  const { line: id, period, condition, decision } = meant;
  const { calls, charge } = effectOf(outcome);
  const seen = {
    bucket: line.bucket,
    position,
    calls,
    charge,
    hash: effectHash(effectOf(outcome)),
    decisions: earlier.length,
  };
  const preview = { line: id, period, condition, decision, effectiveAt: meant.effectiveAt, ...seen };
  return { ...outcome, preview: { id: previewText(preview), bucket: line.bucket, position } };
}

/**
 * Keeps the decision and charges the line's calls by it, in one task of the engine: once, also when nobody knows
 * whether a first attempt was committed.
 */
function keep(
  { plan, engine }: LedgerAccess,
  terms: OfferTerms,
  meant: MeantDecision,
  { bucket, no }: NumberedLine,
  { refusedNow, onKept }: DecisionWithin,
): Promise<DecideOutcome> {
  const line = { bucket, no };
  let before: { readonly outcome: DecideOutcome; readonly decision: Required<NewDecision> } | null = null;
  return engine.change({
    cause: 'decision',
    buckets: [bucket],
    changesDirectory: false,
    keepsCalls: true,
    make: async (tx): Promise<MadeChange<DecideOutcome>> => {
      if (before !== null && (await hasDecision(tx, line, before.decision))) return nothingMade(before.outcome);
      const considered = await consider(tx, plan, terms, meant, await lineOf(tx, meant.line));
      if (considered.outcome.kind === 'refused' || considered.decision === null) return nothingMade(considered.outcome);
      const outdated =
        (await refusedNow?.(tx)) ?? (await refusedSince(tx, meant, considered.outcome, considered.earlier));
      if (outdated !== null) return nothingMade(outdated);
      const { by: decidedBy, note, takenAt: decidedAt } = meant;
      const decision = { ...considered.decision, decidedBy, note, decidedAt };
      const outcome = { ...considered.outcome, isKept: true };
      before = { outcome, decision };
      await addDecision(tx, line, decision);
      await onKept?.(tx, outcome);
      await countFactChange(tx, [bucket]);
      return { outcome, counted: [bucket], lines: [line], judged: [line] };
    },
  });
}

/**
 * Refuses a decision that changes something else than its preview said, or that somebody came before; `null`: neither,
 * or there is no preview.
 */
async function refusedSince(
  q: Queryable,
  { preview }: MeantDecision,
  outcome: Exclude<DecideOutcome, Refused>,
  earlier: readonly DecisionKind[],
): Promise<Refused | null> {
  if (preview === null) return null;
  return refusedOutdated(preview, effectOf(outcome), await currencyOf(q)) ?? refusedAfterOthers(preview, earlier);
}

function effectOf(outcome: Exclude<DecideOutcome, Refused>): DecisionEffect {
  return outcome.kind === 'decided' ? outcome.effect : NO_EFFECT;
}

function nothingMade(outcome: DecideOutcome): MadeChange<DecideOutcome> {
  return { outcome, counted: [], judged: [] };
}

async function lineOf(q: Queryable, id: string): Promise<NumberedLine | null> {
  const [line] = await loadLines(q, { ids: [id] });
  return line ?? null;
}

interface Considered {
  readonly outcome: DecideOutcome;
  /** The decision that is to be kept; `null`: none. */
  readonly decision: Decision | null;
  /** What was decided on the condition in the month before, in that order. */
  readonly earlier: readonly DecisionKind[];
}

/** What comes of a decision on a line as the ledger is now: all but keeping it. */
async function consider(
  q: Queryable,
  plan: LedgerReading['plan'],
  terms: OfferTerms,
  meant: MeantDecision,
  line: NumberedLine | null,
): Promise<Considered> {
  const { period, condition, decision: kind, effectiveAt } = meant;
  const { civilTime } = terms;
  const { timeZone } = civilTime;
  if (line === null) {
    return { outcome: refused(refusal('line-unknown', { line: meant.line })), decision: null, earlier: [] };
  }
  const [verdicts] = await loadLineVerdicts(q, terms, { nos: [line.no] });
  if (verdicts === undefined) throw new Error(`Cannot decide on line '${line.id}': its verdicts were not loaded`);
  const decision = decisionOf(verdicts, meant);
  const values = { kind, condition, line: line.id, period: showPeriod(period) };
  const earlier = verdicts.decisions.flatMap((each) =>
    each.period === period && each.condition === condition ? [each.kind] : [],
  );
  if (decision !== null && takesBack(kind) && !hasVerdict(verdicts, meant)) {
    return { outcome: refused(refusal('nothing-to-undo', values)), decision: null, earlier };
  }
  if (decision === null) {
    return { outcome: refused(refusal('nothing-to-decide', values)), decision: null, earlier };
  }
  const lifts = isReinstatement(kind);
  const on = { line: line.id, lineNo: line.no, period, condition, decision: kind, effectiveAt, lifts };
  // Of all months: a reinstatement ends every hold of the condition that began before it.
  const after = holdsOfLineAfter(verdicts, [decision]);
  if (lifts && sameHolds(verdicts.holds, after)) {
    const futile = futility(verdicts.holds, meant);
    return { outcome: { kind: 'unchanged', on, isKept: false, futile, timeZone }, decision, earlier };
  }
  const [effect] = await effectsOfDecisions(q, plan, terms, { line, verdicts }, [[decision]]);
  if (effect === undefined) throw new Error(`Cannot decide on line '${line.id}': its effect was not computed`);
  const stillHeldBy = lifts ? otherHolds(after, meant).map((hold) => hold.period) : [];
  return { outcome: { kind: 'decided', on, isKept: false, effect, stillHeldBy, timeZone }, decision, earlier };
}

/** The decision as it would be kept; `null`: the condition is not broken in the month, and was never decided on. */
function decisionOf({ decisions, findings }: LineVerdicts, meant: MeantDecision): Decision | null {
  const { line, period, condition, decision: kind, effectiveAt } = meant;
  const finding = (findings.get(period) ?? []).find((found) => found.condition === condition);
  const earlier = decisions.filter((decision) => decision.period === period && decision.condition === condition);
  if (finding === undefined && earlier.length === 0) return null;
  const breachFrom = kind === 'confirm' ? (finding?.breachFrom ?? earlier.at(-1)?.breachFrom ?? null) : null;
  return { sequence: Number.MAX_SAFE_INTEGER, line, period, condition, kind, effectiveAt, breachFrom };
}

/** Whether a verdict stands on the condition in the month. */
function hasVerdict({ decisions }: LineVerdicts, { period, condition }: MeantDecision): boolean {
  const own = decisions.filter((decision) => decision.period === period && decision.condition === condition);
  return bindingVerdict(own) !== null;
}

/** Why a reinstatement changes nothing: no breach of the condition holds a call from then on that began before. */
function futility(holds: readonly Hold[], meant: MeantDecision): Futile {
  const { period, condition, effectiveAt } = meant;
  const others = otherHolds(holds, meant);
  if (others.length > 0) return { why: 'held-by-others', heldBy: others.map((hold) => hold.period) };
  const own = holds.find((hold) => hold.period === period && hold.condition === condition);
  if (own === undefined) return { why: 'not-in-force' };
  return effectiveAt < own.from ? { why: 'begins-later', from: own.from } : { why: 'has-ended', to: own.to };
}

/** What keeps a line's calls metered for the same condition though it is reinstated: breaches of other months. */
function otherHolds(holds: readonly Hold[], { period, condition, effectiveAt }: MeantDecision): Hold[] {
  return holds.filter((hold) => hold.period !== period && hold.condition === condition && hold.to > effectiveAt);
}
