import { describe, expect, it } from 'vitest';
import {
  type AloneCondition,
  CONDITIONS,
  type Condition,
  type CrossingCondition,
  type FirstCallCondition,
  type MeasuredCondition,
  callLength,
  conversationalUse,
  equipment,
  monthlyMinutes,
} from '../../rules/index.ts';

type Alone = typeof callLength extends AloneCondition<infer Id, infer S> ? AloneCondition<Id, S> : never;
type FirstCall =
  typeof equipment extends FirstCallCondition<infer Id, infer S, infer F> ? FirstCallCondition<Id, S, F> : never;
type Crossing =
  typeof monthlyMinutes extends CrossingCondition<infer Id, infer S, infer F> ? CrossingCondition<Id, S, F> : never;
type Measured =
  typeof conversationalUse extends MeasuredCondition<infer Id, infer S, infer F> ? MeasuredCondition<Id, S, F> : never;

/** The parts of each kind of condition: one that is added or taken away does not compile here. */
const PARTS = {
  alone: { id: 1, kind: 1, flags: 1, isShownBy: 1, whyMetered: 1, effectFault: 1 } satisfies Record<keyof Alone, 1>,
  'first-call': { id: 1, kind: 1, flags: 1, flagsOf: 1, findingOf: 1, inWords: 1, effectFault: 1 } satisfies Record<
    keyof FirstCall,
    1
  >,
  crossing: {
    id: 1,
    kind: 1,
    flags: 1,
    goesBy: 1,
    measure: 1,
    most: 1,
    judge: 1,
    inWords: 1,
    howFar: 1,
    effectFault: 1,
  } satisfies Record<keyof Crossing, 1>,
  measured: { id: 1, kind: 1, flags: 1, breaks: 1, judge: 1, inWords: 1, howFar: 1, effectFault: 1 } satisfies Record<
    keyof Measured,
    1
  >,
} satisfies Record<Condition['kind'], object>;

describe('a condition that leaves a part out', () => {
  it('does not compile: tsc takes each of these lines for a fault, and would say so if it were none', () => {
    const { whyMetered, ...withoutWords } = callLength;
    const { isShownBy, ...withoutAsking } = callLength;
    const { flagsOf, ...withoutFlags } = equipment;
    const { findingOf, ...withoutFinding } = equipment;
    const { inWords, ...withoutSentence } = equipment;
    const { judge, ...withoutJudgement } = monthlyMinutes;
    const { measure, ...withoutMeasure } = monthlyMinutes;
    const { breaks, ...withoutBreach } = conversationalUse;
    const { howFar, ...withoutDistance } = conversationalUse;
    const { effectFault, ...withoutEffect } = conversationalUse;
    const parts = [whyMetered, isShownBy, flagsOf, findingOf, inWords, judge, measure, breaks, howFar, effectFault];
    const left = [
      // @ts-expect-error 'whyMetered' is missing
      withoutWords satisfies Alone,
      // @ts-expect-error 'isShownBy' is missing
      withoutAsking satisfies Alone,
      // @ts-expect-error 'flagsOf' is missing
      withoutFlags satisfies FirstCall,
      // @ts-expect-error 'findingOf' is missing
      withoutFinding satisfies FirstCall,
      // @ts-expect-error 'inWords' is missing
      withoutSentence satisfies FirstCall,
      // @ts-expect-error 'judge' is missing
      withoutJudgement satisfies Crossing,
      // @ts-expect-error 'measure' is missing
      withoutMeasure satisfies Crossing,
      // @ts-expect-error 'breaks' is missing
      withoutBreach satisfies Measured,
      // @ts-expect-error 'howFar' is missing
      withoutDistance satisfies Measured,
      // @ts-expect-error 'effectFault' is missing
      withoutEffect satisfies Measured,
    ];
    expect(left).toHaveLength(parts.length);
  });

  it.each(CONDITIONS)('$id has every part of its kind, and no other', (condition) => {
    expect(Object.keys(condition).toSorted()).toEqual(Object.keys(PARTS[condition.kind]).toSorted());
  });
});
