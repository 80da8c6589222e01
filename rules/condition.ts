import type { CallFacts } from './call-facts.ts';
import type { Effect, EffectFault } from './effect.ts';

/*
 * What a condition must say of itself. Each is one module of this folder, named by its id, and one line of
 * `conditions.ts`. A module that leaves a part out does not compile. The parts that need a package or a clock's words
 * (the shape of settings in a file, of evidence in an event) stand in tables that the compiler holds to the list.
 */

/** A call as evidence names it. */
export interface CallRef {
  readonly switchId: string;
  readonly callId: string;
  readonly legId: string;
  /** ms since the epoch. */
  readonly startedAt: number;
}

/** A call as evidence names it, with the number that it called. */
export type CallTo = CallRef & { readonly called: number };

/** What every condition finds against a line in a period; its evidence is added. */
export interface Found<Id extends string> {
  readonly condition: Id;
  /** Start of the first call that breaks the condition: a re-rate `from-breach` begins there. ms since the epoch. */
  readonly breachFrom: number;
}

/** How values of evidence are written for a person: civil time and notations are the caller's. */
export interface EvidenceWords {
  call(call: CallRef): string;
  instant(instant: number): string;
  number(called: number): string;
  /** A text that others made, which may be long. */
  text(value: string): string;
  /** How many different numbers the line called in the whole month, where that is known. */
  readonly numbersInMonth?: number | undefined;
}

/** What the counted calls of a line's period come to, in any order: what a condition may ask of a month. */
export interface MonthMeasures {
  readonly calls: number;
  readonly shortCalls: number;
  /** Most calls in progress at one instant. */
  readonly concurrentCalls: number;
  /** Longest run n, n + 1, n + 2, … among the numbers called. */
  readonly sequentialNumbers: number;
  /** Distinct hours of the day, civil time, in which a call started. */
  readonly hoursOfDay: number;
  /** Most distinct numbers called within one block of 1,000. */
  readonly numbersInRange: number;
  readonly distinctNumbers: number;
  /** Whole seconds of the calls with `CallFlag.usesMinutes`, each rounded up once. */
  readonly includedSeconds: number;
}

/** A month's call, for a condition that takes them in order. */
export interface MonthCall extends CallTo {
  readonly durationMs: number;
}

/** A call that shows a breach by itself, with what its record and its line's facts say. */
export interface ShowingCall {
  readonly call: CallRef;
  readonly flags: number;
  readonly usageClass: string;
  readonly userAgent: string | null;
  readonly sourceIp: string | null;
  /** The registration of the line that tells what the record does not; `null` where none does. */
  readonly registration: RegistrationRef | null;
}

/** A registration as evidence names it. */
export interface RegistrationRef {
  /** When it was made, or renewed last; ms since the epoch. */
  readonly at: number;
  readonly userAgent: string | null;
  readonly sourceIp: string | null;
}

interface AnyCondition<Id extends string> {
  readonly id: Id;
  /** The bits of `CallFlag` by which a call shows what the condition asks of it; 0: it asks nothing of one call. */
  readonly flags: number;
  /** What is wrong with an effect that an offer gives the condition; `null`: nothing. */
  effectFault(effect: Effect): EffectFault | null;
}

/** A condition on single calls: a call that shows it is metered, it alone. Nothing is found against the line. */
export interface AloneCondition<Id extends string, Settings> extends AnyCondition<Id> {
  readonly kind: 'alone';
  /** Whether a call shows it; its flag is set then. */
  isShownBy(call: AloneFacts, settings: Settings): boolean;
  /** Why such a call is metered, for a person. */
  readonly whyMetered: string;
}

/** What a condition on single calls may ask. */
export interface AloneFacts {
  readonly isForwarded: boolean;
  readonly durationMs: number;
}

interface JudgesLines<Id extends string, Finding> extends AnyCondition<Id> {
  /** What shows the breach, in a sentence for someone who knows the offer and not the code. */
  inWords(finding: Finding, words: EvidenceWords): string;
}

/** How far over a limit a line's month is: `value` of `measure`, where at most `most` is allowed. */
export interface HowFar {
  readonly measure: 'numbers' | 'minutes' | 'per-mille' | 'calls' | 'hours';
  readonly value: number;
  readonly most: number;
}

interface HasLimit<Finding> {
  /** @param numbersInMonth how many different numbers the line called in the whole month, where that is known */
  howFar(finding: Finding, numbersInMonth: number | undefined): HowFar;
}

/** A condition that a single call breaks: the first such call of the period is the evidence. */
export interface FirstCallCondition<Id extends string, Settings, Finding extends Found<Id>> extends JudgesLines<
  Id,
  Finding
> {
  readonly kind: 'first-call';
  /** What a call shows. The same for calls of one line with the same facts: forwarded legs are not asked. */
  flagsOf(call: CallFacts, settings: Settings): number;
  /** What a call with any of the condition's flags proves. */
  findingOf(call: ShowingCall): Finding;
}

/** A condition that one call of the period crosses, in order of start, then identity. */
export interface CrossingCondition<Id extends string, Settings, Finding extends Found<Id>>
  extends JudgesLines<Id, Finding>, HasLimit<Finding> {
  readonly kind: 'crossing';
  /**
   * The calls that it goes by: those that conditions count (`isCounted`), or those that the offer includes as far as
   * the call alone tells, which have the condition's flags then.
   */
  readonly goesBy: 'counted-calls' | 'included-calls';
  /** What of the month tells that some call crossed: more than `most`. */
  readonly measure: keyof MonthMeasures;
  most(settings: Settings): number;
  /** @param calls those that it goes by, in order */
  judge(calls: readonly MonthCall[], settings: Settings): Finding | null;
}

/** A condition on what all counted calls of the period come to. */
export interface MeasuredCondition<Id extends string, Settings, Finding extends Found<Id>>
  extends JudgesLines<Id, Finding>, HasLimit<Finding> {
  readonly kind: 'measured';
  /** Whether the measures break it: asked after nearly every call, so that nothing is made. */
  breaks(measures: MonthMeasures, settings: Settings): boolean;
  /** @param periodStart ms since the epoch */
  judge(measures: MonthMeasures, settings: Settings, periodStart: number): Finding | null;
}

/** For a condition to which an offer may give any effect. */
export function anyEffect(): null {
  return null;
}

/** A condition without settings. */
export type NoSettings = Readonly<Record<never, never>>;
