import * as fc from 'fast-check';
import { type ConditionId, CONDITION_IDS } from '../../../rules/conditions.ts';
import type { ConversationalUseSettings } from '../../../rules/conversational-use.ts';
import type { Effect } from '../../../rules/effect.ts';
import type { Offer, OfferCondition } from '../../../rules/offer.ts';

type OfferClass = Effect['rerate']['classes'][number];
type Extent = Pick<Effect, 'suspension'> & Pick<Effect['rerate'], 'scope'>;

const CALL_ALONE: Extent = { scope: 'call', suspension: 'none' };
const EXTENTS: readonly Extent[] = [
  { scope: 'period', suspension: 'period' },
  { scope: 'period', suspension: 'until-reinstated' },
  { scope: 'from-breach', suspension: 'period' },
  { scope: 'from-breach', suspension: 'until-reinstated' },
];

/** What comes after the call that crossed, in the month alone. */
const BEYOND: readonly Extent[] = [
  { scope: 'from-breach', suspension: 'none' },
  { scope: 'from-breach', suspension: 'period' },
];

const rerateClasses: fc.Arbitrary<OfferClass[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<OfferClass[]>(['national-fixed', 'national-mobile', 'international']) },
  {
    weight: 1,
    arbitrary: fc.subarray<OfferClass>(['national-fixed', 'national-mobile', 'international'], { minLength: 1 }),
  },
);

/** Effects that an offer may give a condition; where no call breaks it alone, none that re-rates single calls. */
function effectOf(extents: readonly Extent[]): fc.Arbitrary<Effect> {
  return fc
    .record({
      mode: fc.constantFrom<Effect['mode'][]>('automatic', 'automatic', 'review'),
      classes: rerateClasses,
      extent: fc.constantFrom(...extents),
      opensCase: fc.boolean(),
    })
    .map(({ mode, classes, extent, opensCase }) => {
      return { mode, rerate: { scope: extent.scope, classes }, suspension: extent.suspension, opensCase };
    });
}

/** What no month of a history breaks. */
const LENIENT: ConversationalUseSettings = {
  minCalls: 4,
  shortMs: 1_000,
  maxShortCallsPerMille: 1_000,
  maxConcurrentCalls: 100,
  maxSequentialNumbers: 100,
  maxHoursOfDay: 24,
  maxNumbersInRange: 100,
};

const strictBehaviour: fc.Arbitrary<ConversationalUseSettings> = fc.record({
  minCalls: fc.integer({ min: 2, max: 6 }),
  shortMs: fc.constantFrom(1_000, 6_000),
  maxShortCallsPerMille: fc.constantFrom(333, 500, 1_000),
  maxConcurrentCalls: fc.integer({ min: 1, max: 3 }),
  maxSequentialNumbers: fc.integer({ min: 1, max: 4 }),
  maxHoursOfDay: fc.integer({ min: 1, max: 4 }),
  maxNumbersInRange: fc.integer({ min: 1, max: 4 }),
});

/** Thresholds that a dozen calls cross, or such that they hardly do. */
interface Thresholds {
  readonly maxNumbers: fc.Arbitrary<number>;
  readonly behaviour: fc.Arbitrary<ConversationalUseSettings>;
  /** Of a call, and of a month. */
  readonly maxMinutes: readonly [fc.Arbitrary<number>, fc.Arbitrary<number>];
}

const STRICT: Thresholds = {
  maxNumbers: fc.integer({ min: 1, max: 5 }),
  behaviour: strictBehaviour,
  maxMinutes: [fc.constantFrom(1, 2), fc.integer({ min: 1, max: 6 })],
};
const CALM: Thresholds = {
  maxNumbers: fc.integer({ min: 7, max: 11 }),
  behaviour: fc.constant(LENIENT),
  maxMinutes: [fc.constantFrom(60, 180), fc.constantFrom(8, 600)],
};

function conditionArbitrary(
  id: ConditionId,
  { maxNumbers, behaviour, maxMinutes }: Thresholds,
): fc.Arbitrary<OfferCondition> {
  const anyEffect = effectOf([...EXTENTS, CALL_ALONE]);
  switch (id) {
    case 'distinct-numbers':
      return fc.record({
        id: fc.constant(id),
        settings: fc.record({ maxNumbers }),
        effect: effectOf(EXTENTS),
      });
    case 'forwarding':
      return fc.record({ id: fc.constant(id), settings: fc.constant({}), effect: effectOf([CALL_ALONE]) });
    case 'sip-mobility':
      return fc.record({ id: fc.constant(id), settings: fc.constant({}), effect: anyEffect });
    case 'equipment':
      return fc.record({
        id: fc.constant(id),
        settings: fc.record({ pbxUserAgents: fc.constantFrom(['asterisk'], ['asterisk', '3cx'], ['gateway']) }),
        effect: anyEffect,
      });
    case 'usage-class':
      return fc.record({
        id: fc.constant(id),
        settings: fc.record({ excludedClasses: fc.constantFrom(['carrier', 'call-centre'], ['call-centre']) }),
        effect: anyEffect,
      });
    case 'conversational-use':
      return fc.record({ id: fc.constant(id), settings: behaviour, effect: effectOf(EXTENTS) });
    case 'call-length':
      return fc.record({
        id: fc.constant(id),
        settings: fc.record({ maxMinutes: maxMinutes[0], metered: fc.constant('whole-call' as const) }),
        effect: effectOf([CALL_ALONE]).map((effect) => ({ ...effect, mode: 'automatic' as const, opensCase: false })),
      });
    case 'monthly-minutes':
      return fc.record({
        id: fc.constant(id),
        settings: fc.record({ maxMinutes: maxMinutes[1], crossingCall: fc.constant('whole-call' as const) }),
        effect: effectOf(BEYOND),
      });
    default:
      return id satisfies never;
  }
}

/** An offer with small thresholds, so that a dozen calls cross them, and any effects and order of precedence. */
export function offerArbitrary(id: string): fc.Arbitrary<Offer> {
  return offerOf(id, STRICT);
}

/** The same, with thresholds that few months cross. */
export function calmOfferArbitrary(id: string): fc.Arbitrary<Offer> {
  return offerOf(id, CALM);
}

function offerOf(id: string, thresholds: Thresholds): fc.Arbitrary<Offer> {
  return fc.record({
    id: fc.constant(id),
    name: fc.constant(`Essai ${id}`),
    timeZone: fc.constant('Europe/Paris'),
    included: fc.record({
      classes: fc.constantFrom<Offer['included']['classes'][]>(
        ['national-fixed', 'national-mobile'],
        ['national-fixed', 'national-mobile'],
        ['national-fixed'],
      ),
      destinations: fc.subarray(['Espagne Fixe', 'Etats Unis Fixe'], { minLength: 1 }),
    }),
    conditions: fc
      .shuffledSubarray([...CONDITION_IDS], { minLength: 3 })
      .chain((ids) => fc.tuple(...ids.map((condition) => conditionArbitrary(condition, thresholds)))),
  });
}
