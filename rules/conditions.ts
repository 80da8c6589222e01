import { callLength } from './call-length.ts';
import type {
  AloneCondition,
  CrossingCondition,
  EvidenceWords,
  FirstCallCondition,
  Found,
  HowFar,
  MeasuredCondition,
} from './condition.ts';
import { conversationalUse } from './conversational-use.ts';
import { distinctNumbers } from './distinct-numbers.ts';
import { equipment } from './equipment.ts';
import { forwarding } from './forwarding.ts';
import { monthlyMinutes } from './monthly-minutes.ts';
import { sipMobility } from './sip-mobility.ts';
import { usageClass } from './usage-class.ts';

/**
 * Every condition that an offer may have: the one list of them. The first six are article 7's, by the ids of the domain
 * page. Their order is that of conditions that a call's offer lacks, and never changes: new ones are added at the end.
 */
export const CONDITIONS = [
  distinctNumbers,
  forwarding,
  sipMobility,
  equipment,
  usageClass,
  conversationalUse,
  callLength,
  monthlyMinutes,
] as const;

type Listed = (typeof CONDITIONS)[number];

export type ConditionId = Listed['id'];

/** What `CONDITIONS` has under an id. */
export type ConditionOf<Id extends ConditionId> = Extract<Listed, { readonly id: Id }>;

type SettingsOf<C> =
  C extends AloneCondition<string, infer S>
    ? S
    : C extends FirstCallCondition<string, infer S, Found<string>>
      ? S
      : C extends CrossingCondition<string, infer S, Found<string>>
        ? S
        : C extends MeasuredCondition<string, infer S, Found<string>>
          ? S
          : never;

/** The settings of each condition, by its id. */
export type ConditionSettings = { readonly [Id in ConditionId]: SettingsOf<ConditionOf<Id>> };

/** The conditions that judge a line's period; the others judge calls one by one and find nothing against a line. */
export type FindingCondition = Exclude<Listed, { readonly kind: 'alone' }>['id'];

/** What a condition finds against a line in a period, with its evidence. */
export type Finding = {
  readonly [Id in FindingCondition]: Parameters<ConditionOf<Id>['inWords']>[0];
}[FindingCondition];

export const CONDITION_IDS: readonly ConditionId[] = CONDITIONS.map(({ id }) => id);

/** A condition of any kind, by what it does. */
export type Condition =
  | AloneCondition<ConditionId, unknown>
  | FirstCallCondition<FindingCondition, unknown, Finding>
  | CrossingCondition<FindingCondition, unknown, Finding>
  | MeasuredCondition<FindingCondition, unknown, Finding>;

const BY_ID: ReadonlyMap<string, Condition> = new Map(CONDITIONS.map((condition) => [condition.id, condition]));

/** The condition of an id. */
export function conditionById(id: ConditionId): Condition {
  const condition = BY_ID.get(id);
  if (condition === undefined) throw new Error(`Cannot find condition '${id}'`);
  return condition;
}

/** What shows a breach, in a sentence for someone who knows the offer and not the code. */
export function inWords(finding: Finding, words: EvidenceWords): string {
  const condition = conditionById(finding.condition);
  if (condition.kind === 'alone') throw new Error(`Cannot tell a breach of '${finding.condition}': it finds none`);
  return condition.inWords(finding, words);
}

/**
 * How far over the limit a finding is; `null`: its condition is broken by a single call and has none.
 *
 * @param numbersInMonth how many different numbers the line called in the whole month, where that is known
 */
export function howFarOver(finding: Finding, numbersInMonth?: number): HowFar | null {
  const condition = conditionById(finding.condition);
  return 'howFar' in condition ? condition.howFar(finding, numbersInMonth) : null;
}

/** Whether a text is the id of a condition that judges a line's period. */
export function isFindingCondition(id: string): id is FindingCondition {
  const condition = BY_ID.get(id);
  return condition !== undefined && condition.kind !== 'alone';
}
