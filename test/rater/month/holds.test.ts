import { describe, expect, it } from 'vitest';
import {
  holdsOf,
  sameHolds,
  type CompiledOffer,
  type Decision,
  type Finding,
  type Hold,
} from '../../../rater/index.ts';
import type { Effect, EffectMode, Offer, RerateScope, Suspension } from '../../../rules/index.ts';
import { fullIllimite } from '../../rules/full-illimite-for-test.ts';
import { at, offersOf, offerWithEffect } from '../rating-for-test.ts';

const START = at('2026-11-01');
const EARLY = at('2026-11-05');
const BREACH = at('2026-11-10 09:30');
const LATER = at('2026-11-20');
const END = at('2026-12-01');
const NEXT = at('2026-12-15');
const NEVER = Number.POSITIVE_INFINITY;
const NOVEMBER = { period: 202611, start: START, end: END };

const INSTANTS: Readonly<Record<string, number>> = { START, EARLY, BREACH, LATER, END, NEXT, NEVER };

const MOBILITY: Finding = {
  condition: 'sip-mobility',
  breachFrom: BREACH,
  why: 'switch',
  firstCall: { startedAt: BREACH, switchId: 's', callId: 'c1', legId: '' },
  userAgent: null,
  sourceIp: null,
};

/** The offers of a month: one whose `sip-mobility` has this effect. */
function under(change: Partial<Effect>): CompiledOffer[] {
  return [...offersOf(offerWithEffect('under-test', 'sip-mobility', change)).values()];
}

function effect(mode: EffectMode, scope: RerateScope, suspension: Suspension): Partial<Effect> {
  return { mode, rerate: { scope, classes: ['national-fixed'] }, suspension };
}

/** Decisions written `confirm`, `dismiss`, `reinstate@LATER`, in the order in which they were taken. */
function decisions(text: string): Decision[] {
  return text
    .split(' ')
    .filter((word) => word !== '' && word !== '-')
    .map((word, index) => {
      const [kind, instant = 'START'] = word.split('@');
      if (kind !== 'confirm' && kind !== 'dismiss' && kind !== 'reinstate') throw new Error(`Cannot read '${word}'`);
      const effectiveAt = INSTANTS[instant] ?? Number.NaN;
      const breachFrom = kind === 'confirm' ? BREACH : null;
      return {
        sequence: index + 1,
        line: 'L1',
        period: 202611,
        condition: 'sip-mobility',
        kind,
        effectiveAt,
        breachFrom,
      };
    });
}

/** The same on another month than November. */
function decidedOn(period: number, text: string): Decision[] {
  return decisions(text).map((one) => ({ ...one, period }));
}

function holdOf(change: Partial<Effect>, isFound: boolean, decided: readonly Decision[]): Hold | null {
  const [hold, ...others] = holdsOf(NOVEMBER, isFound ? [MOBILITY] : [], decided, under(change));
  expect(others).toEqual([]);
  return hold ?? null;
}

/** Mode, whether the verdict stands, decisions; whether the condition is in force. */
const IN_FORCE = `
  automatic  found      -                            yes
  automatic  found      confirm                      yes
  automatic  found      dismiss                      no
  automatic  found      confirm dismiss              no
  automatic  found      dismiss confirm              yes
  automatic  found      confirm dismiss confirm      yes
  automatic  not-found  -                            no
  automatic  not-found  confirm                      yes
  automatic  not-found  dismiss                      no
  automatic  not-found  confirm dismiss              no
  automatic  not-found  dismiss confirm              yes
  review     found      -                            no
  review     found      confirm                      yes
  review     found      dismiss                      no
  review     found      confirm dismiss              no
  review     found      dismiss confirm              yes
  review     not-found  -                            no
  review     not-found  confirm                      yes
  review     not-found  dismiss                      no
  review     not-found  confirm dismiss              no
  review     not-found  dismiss confirm              yes`;

/** Scope, suspension, reinstatement; which calls are held, by their start. */
const EXTENTS = `
  call         none              -                 START   END
  call         none              reinstate@LATER   START   END
  call         period            -                 START   END
  call         period            reinstate@LATER   START   END
  call         until-reinstated  -                 START   END
  call         until-reinstated  reinstate@LATER   START   END
  call         until-reinstated  reinstate@NEXT    START   END
  from-breach  none              -                 BREACH  END
  from-breach  none              reinstate@LATER   BREACH  END
  from-breach  period            -                 BREACH  END
  from-breach  period            reinstate@EARLY   BREACH  END
  from-breach  period            reinstate@BREACH  BREACH  BREACH
  from-breach  period            reinstate@LATER   BREACH  LATER
  from-breach  period            reinstate@NEXT    BREACH  END
  from-breach  until-reinstated  -                 BREACH  NEVER
  from-breach  until-reinstated  reinstate@EARLY   BREACH  NEVER
  from-breach  until-reinstated  reinstate@BREACH  BREACH  BREACH
  from-breach  until-reinstated  reinstate@LATER   BREACH  LATER
  from-breach  until-reinstated  reinstate@END     BREACH  END
  from-breach  until-reinstated  reinstate@NEXT    BREACH  NEXT
  period       none              -                 START   END
  period       none              reinstate@LATER   START   END
  period       period            -                 START   END
  period       period            reinstate@START   START   START
  period       period            reinstate@EARLY   START   EARLY
  period       period            reinstate@LATER   START   LATER
  period       period            reinstate@NEXT    START   END
  period       until-reinstated  -                 START   NEVER
  period       until-reinstated  reinstate@EARLY   START   EARLY
  period       until-reinstated  reinstate@LATER   START   LATER
  period       until-reinstated  reinstate@NEXT    START   NEXT`;

function rowsOf(table: string): string[][] {
  return table
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/ {2,}/));
}

function readMode(text: string | undefined): EffectMode {
  if (text === 'automatic' || text === 'review') return text;
  throw new Error(`Cannot read mode '${text}'`);
}

function readScope(text: string | undefined): RerateScope {
  if (text === 'call' || text === 'from-breach' || text === 'period') return text;
  throw new Error(`Cannot read scope '${text}'`);
}

function readSuspension(text: string | undefined): Suspension {
  if (text === 'none' || text === 'period' || text === 'until-reinstated') return text;
  throw new Error(`Cannot read suspension '${text}'`);
}

describe('holdsOf(): which condition is in force', () => {
  it.each(rowsOf(IN_FORCE))('%s, %s, %s: %s', (mode, found, decided, inForce) => {
    const change = effect(readMode(mode), 'period', 'period');
    expect(holdOf(change, found === 'found', decisions(decided ?? '')) !== null).toBe(inForce === 'yes');
  });
});

describe('holdsOf(): which calls it holds', () => {
  it.each(rowsOf(EXTENTS))('scope %s, suspension %s, %s: [%s, %s)', (scope, suspension, reinstated, from, to) => {
    const change = effect('automatic', readScope(scope), readSuspension(suspension));
    expect(holdOf(change, true, decisions(reinstated ?? ''))).toEqual({
      condition: 'sip-mobility',
      period: 202611,
      from: INSTANTS[from ?? ''],
      to: INSTANTS[to ?? ''],
      onlyBreakingCalls: scope === 'call',
      classes: ['national-fixed'],
    });
  });

  it.each(rowsOf(EXTENTS))(
    'is the same of a confirmed breach, in review, also once its measure fell: %s, %s, %s: [%s, %s)',
    (scope, suspension, reinstated) => {
      const extent = [readScope(scope), readSuspension(suspension)] as const;
      const expected = holdOf(effect('automatic', ...extent), true, decisions(reinstated ?? ''));
      const confirmed = decisions(`confirm ${reinstated}`);
      expect(holdOf(effect('review', ...extent), true, confirmed)).toEqual(expected);
      expect(holdOf(effect('review', ...extent), false, confirmed)).toEqual(expected);
    },
  );

  it.each(rowsOf(EXTENTS))(
    'is nothing once dismissed, whatever came before: %s, %s, %s',
    (scope, suspension, reinstated) => {
      const change = effect('automatic', readScope(scope), readSuspension(suspension));
      expect(holdOf(change, true, decisions(`confirm ${reinstated} dismiss`))).toBeNull();
    },
  );

  it('ends at the earliest of several reinstatements that are not before its start', () => {
    const change = effect('automatic', 'from-breach', 'until-reinstated');
    const decided = decisions('reinstate@EARLY reinstate@NEXT reinstate@LATER');
    expect(holdOf(change, true, decided)).toMatchObject({ from: BREACH, to: LATER });
  });

  it('begins where the breach is found now, not where it was when it was confirmed', () => {
    const change = effect('review', 'from-breach', 'period');
    const confirmed = decisions('confirm').map((decision) => ({ ...decision, breachFrom: LATER }));
    expect(holdOf(change, true, confirmed)?.from).toBe(BREACH);
    expect(holdOf(change, false, confirmed)?.from).toBe(LATER);
  });
});

describe('holdsOf()', () => {
  const automatic = effect('automatic', 'period', 'period');

  it('takes decisions in their sequence, in whatever order they are handed in', () => {
    expect(holdOf(automatic, true, decisions('confirm dismiss').toReversed())).toBeNull();
    expect(holdOf(automatic, true, decisions('dismiss confirm').toReversed())).not.toBeNull();
  });

  it('binds a decision to its period and its condition', () => {
    const elsewhere = decisions('dismiss').flatMap((decision) => [
      { ...decision, period: 202610 },
      { ...decision, condition: 'equipment' },
    ]);
    expect(holdOf(automatic, true, elsewhere)).not.toBeNull();
  });

  it('is undone for one condition while another still holds', () => {
    const found: Finding[] = [
      MOBILITY,
      { condition: 'usage-class', breachFrom: BREACH, usageClass: 'call-centre', firstCall: MOBILITY.firstCall },
    ];
    const holds = holdsOf(NOVEMBER, found, decisions('dismiss'), under(automatic));
    expect(holds.map(({ condition }) => condition)).toEqual(['usage-class']);
  });

  it('holds nothing in a month without offer', () => {
    expect(holdsOf(NOVEMBER, [MOBILITY], [], [])).toEqual([]);
    expect(holdsOf(NOVEMBER, [], decisions('confirm'), [])).toEqual([]);
  });

  it('holds by the terms of the first offer of the month that has the condition', () => {
    const without: Offer = { ...fullIllimite(), id: 'without', conditions: [] };
    const offers = [
      ...offersOf(without).values(),
      ...under(effect('automatic', 'from-breach', 'period')),
      ...under(effect('review', 'period', 'until-reinstated')),
    ];
    expect(holdsOf(NOVEMBER, [MOBILITY], [], offers)).toMatchObject([{ from: BREACH, to: END }]);
  });

  it('holds from the start of the period what was confirmed without a finding', () => {
    const confirmed = decisions('confirm').map((decision) => ({ ...decision, breachFrom: null }));
    expect(holdOf(effect('review', 'from-breach', 'period'), false, confirmed)).toMatchObject({ from: START, to: END });
  });

  it('never holds for forwarding, which meters its legs one by one', () => {
    const decided = decisions('confirm').map((decision) => ({ ...decision, condition: 'forwarding' }));
    expect(holdsOf(NOVEMBER, [], decided, under(automatic))).toEqual([]);
  });
});

describe('holdsOf(): a reinstatement ends every hold of that condition on the line that began before it', () => {
  /** Scope, suspension, month and instant of the reinstatement; until when November is held. */
  const OTHER_MONTHS = `
  period       until-reinstated  202612  BREACH  BREACH
  period       until-reinstated  202612  NEXT    NEXT
  period       until-reinstated  202610  LATER   LATER
  period       until-reinstated  202612  START   NEVER
  period       until-reinstated  202610  EARLIER  NEVER
  period       period            202612  LATER   LATER
  period       period            202612  NEXT    END
  period       none              202612  LATER   END
  from-breach  until-reinstated  202612  EARLY   NEVER
  from-breach  until-reinstated  202612  BREACH  NEVER
  from-breach  until-reinstated  202612  LATER   LATER
  from-breach  until-reinstated  202610  END     END
  from-breach  none              202612  LATER   END
  call         none              202612  LATER   END`;

  it.each(rowsOf(OTHER_MONTHS))(
    'scope %s, suspension %s, reinstated in %s at %s: until %s',
    (scope, suspension, period, instant, to) => {
      const change = effect('automatic', readScope(scope), readSuspension(suspension));
      const given = instant === 'EARLIER' ? at('2026-10-15') : INSTANTS[instant ?? ''];
      const decided = decisions('reinstate').map((one) => ({
        ...one,
        period: Number(period),
        effectiveAt: given ?? Number.NaN,
      }));
      expect(holdOf(change, true, decided)?.to).toBe(INSTANTS[to ?? '']);
    },
  );

  const suspends = effect('automatic', 'period', 'until-reinstated');

  it('whatever was decided on the month that it names: it was dismissed, or nothing was found there', () => {
    expect(holdOf(suspends, true, decidedOn(202612, 'dismiss reinstate@LATER'))?.to).toBe(LATER);
    expect(holdOf(suspends, true, decidedOn(202612, 'reinstate@LATER dismiss'))?.to).toBe(LATER);
  });

  it('also the hold of a breach that is confirmed after it', () => {
    const review = effect('review', 'period', 'until-reinstated');
    const decided = [...decidedOn(202612, 'reinstate@LATER'), ...decisions('- confirm')];
    expect(holdOf(review, true, decided)).toMatchObject({ from: START, to: LATER });
  });

  it('and none of another condition', () => {
    const other = decidedOn(202612, 'reinstate@LATER').map((one) => ({ ...one, condition: 'equipment' }));
    expect(holdOf(suspends, true, other)?.to).toBe(NEVER);
  });

  it('at the earliest of those that it may end by', () => {
    const decided = [...decidedOn(202612, 'reinstate@NEXT'), ...decidedOn(202610, 'reinstate@LATER')];
    expect(holdOf(suspends, true, decided)?.to).toBe(LATER);
  });

  it('and confirms or dismisses nothing of another month', () => {
    expect(holdOf(suspends, true, decidedOn(202610, 'dismiss'))?.to).toBe(NEVER);
    expect(holdOf(effect('review', 'period', 'period'), true, decidedOn(202610, 'confirm'))).toBeNull();
  });
});

describe('sameHolds()', () => {
  const hold: Hold = {
    condition: 'sip-mobility',
    period: 202611,
    from: START,
    to: END,
    onlyBreakingCalls: false,
    classes: ['national-fixed', 'national-mobile'],
  };

  it('takes equal holds as the same', () => {
    expect(sameHolds([hold], [{ ...hold, classes: [...hold.classes] }])).toBe(true);
    expect(sameHolds([], [])).toBe(true);
  });

  it.each([
    [{ condition: 'equipment' }],
    [{ period: 202612 }],
    [{ from: EARLY }],
    [{ to: NEVER }],
    [{ onlyBreakingCalls: true }],
    [{ classes: ['national-fixed'] }],
    [{ classes: ['national-fixed', 'international'] }],
  ] satisfies [Partial<Hold>][])('tells holds apart by %j', (other) => {
    expect(sameHolds([hold], [{ ...hold, ...other }])).toBe(false);
  });

  it('tells one hold from two', () => {
    expect(sameHolds([hold], [hold, { ...hold, condition: 'equipment' }])).toBe(false);
  });
});
