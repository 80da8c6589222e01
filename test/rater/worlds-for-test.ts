import * as fc from 'fast-check';
import {
  type Cdr,
  Directory,
  type Hold,
  type Line,
  LineState,
  type RatingContext,
  factSpansOf,
  judgeMeasures,
  offersBetween,
} from '../../rater/index.ts';
import type { Offer } from '../../rules/index.ts';
import { fullIllimite } from '../rules/full-illimite-for-test.ts';
import { smallForfait99 } from '../rules/offers-for-test.ts';
import { rateDeckOf } from '../tariffs/decks/deck-for-test.ts';
import { at, civilTime, contextOf, line, offersOf, plan, span } from './rating-for-test.ts';

export const NOVEMBER = at('2026-11-01');
export const DECEMBER = at('2026-12-01');
export const NOON = at('2026-11-15 12:00');
export const MID = at('2026-11-16') + 12_345;
/** The end of facts that hold on. */
const OPEN = Number.POSITIVE_INFINITY;

/** Full Illimité with thresholds that a handful of calls cross, and some of its conditions. */
function smallOffer(id: string, conditions: readonly string[]): Offer {
  const offer = fullIllimite();
  const behaviour = { minCalls: 5, maxShortCallsPerMille: 600, maxConcurrentCalls: 2, maxSequentialNumbers: 2 };
  const changed = offer.conditions.map((condition) => {
    if (condition.id === 'distinct-numbers') return { ...condition, settings: { maxNumbers: 8 } };
    if (condition.id !== 'conversational-use') return condition;
    return { ...condition, settings: { ...condition.settings, ...behaviour, maxHoursOfDay: 2, maxNumbersInRange: 3 } };
  });
  return { ...offer, id, conditions: changed.filter((condition) => conditions.includes(condition.id)) };
}

const ALL = fullIllimite().conditions.map(({ id }) => id);
/** By id. */
export const known = offersOf(
  fullIllimite(),
  smallOffer('small', ALL),
  smallOffer('numbers', ['distinct-numbers']),
  smallOffer('behaviour', ['conversational-use', 'sip-mobility']),
  smallOffer('bare', []),
  smallForfait99('few-minutes'),
);

/**
 * Dearer from the 16th on, a connection charge, and seconds; a price where none is ever charged, and destinations
 * without.
 */
export const deck =
  rateDeckOf(`destination,effective_from,effective_to,price_per_minute,connection_charge,next_increment_s
France Fixe,,,0.02,,60
France Mobile,,2026-11-16,0.09,,60
France Mobile,2026-11-16,,0.11,0.05,1
Espagne Fixe,,,0.04,,60
Barbade,,,0.24,,60
SVA majoré 089,,,0.66,,60
numéro court généraliste,,,0.50,,60
urgence,,,0.10,,60
SVA gratuit,,,0.10,,60
`);

// One looks like a number that others may have, one is too long for the directory's places.
const IDS = ['L1', 'L2', '0140000003', `L${'3'.repeat(32)}`] as const;
export const NUMBERS = [33_140_000_001, 33_140_000_003] as const;

const NETWORKS = ['192.0.2.0/24'].map((cidr) => ({ from: NOVEMBER, to: OPEN, cidr }));
const DEVICES = [{ from: NOON, to: OPEN, userAgent: 'Yealink *' }];

/** Mostly the first, now and then one of the others. */
function mostly<T>(weight: number, usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
}

const OFFERS = ['full-illimite', 'numbers', 'behaviour', 'bare', 'few-minutes', null] as const;
const factsOfSpan = fc.record({
  number: fc.constantFrom(null, ...NUMBERS),
  usageClass: mostly<'business' | 'phoning'>(30, 'business', 'phoning'),
  mobility: mostly<'unknown' | 'off' | 'used'>(30, 'unknown', 'off', 'used'),
  equipment: mostly<'unknown' | 'managed' | 'customer-pbx'>(30, 'unknown', 'managed', 'customer-pbx'),
});

/** A line's facts: spans that follow each other or leave one out, mostly under one offer. */
const factsOfLine = fc
  .record({
    offer: mostly(4, 'small', ...OFFERS),
    offerOfLast: mostly(6, undefined, 'small', ...OFFERS),
    spans: fc.tuple(factsOfSpan, factsOfSpan, factsOfSpan),
    cuts: fc.uniqueArray(fc.constantFrom(NOVEMBER, NOON, MID, DECEMBER), { maxLength: 2 }),
    left: mostly<number | null>(9, null, 0, 1, 2),
    devices: mostly(2, [], DEVICES),
    networks: mostly(2, [], NETWORKS),
  })
  .map(({ offer, offerOfLast = offer, spans, cuts, left, devices, networks }) => {
    const bounds = [Number.NEGATIVE_INFINITY, ...cuts.toSorted((a, b) => a - b), OPEN];
    const all = bounds.slice(1).map((to, place) => {
      const isLast = place === bounds.length - 2;
      return span({ ...spans[place], from: bounds[place]!, to, offer: isLast ? offerOfLast : offer });
    });
    return { spans: all.filter((_, place) => place !== left), devices, networks };
  });
export type FactsOfLine = Omit<Line, 'id' | 'account'>;

const hold: fc.Arbitrary<Hold> = fc.record({
  condition: fc.constantFrom('distinct-numbers', 'equipment', 'usage-class'),
  period: fc.constant(202611),
  from: fc.constantFrom(NOVEMBER, NOON),
  to: fc.constantFrom(MID, DECEMBER, OPEN),
  onlyBreakingCalls: fc.boolean(),
  classes: fc.constantFrom(['national-fixed'], ['national-fixed', 'national-mobile', 'international']),
});

const startedAt = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -20, max: 60 }).map((minutes) => NOON + minutes * 60_000) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom(NOVEMBER, NOON, MID, DECEMBER),
        fc.constantFrom(-131_072, -65_536, -1, 0, 1, 65_536, 131_072),
      )
      .map(([cut, ms]) => cut + ms),
  },
);

const call: fc.Arbitrary<Partial<Cdr>> = fc.record({
  line: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...IDS.slice(0, 3)) },
    { weight: 1, arbitrary: fc.constantFrom(IDS[3], '0140000001', '+33140000003', 'L9') },
  ),
  startedAt,
  durationMs: mostly(5, 10_000, 0, 1, 6000, 6001, 60_000, 61_000, 3_600_000, 604_800_000, 604_800_001),
  dialled: fc.oneof(
    { weight: 7, arbitrary: fc.integer({ min: 0, max: 4 }).map((last) => `+3361234567${last}`) },
    { weight: 3, arbitrary: fc.constantFrom('0123456789', '+34911234567', '+12465550100', '0892123456', '3949') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('15', '112', '0800123456', '+12125550100', '118218', '*98', '', 'anonymous'),
    },
  ),
  userAgent: mostly(25, 'Yealink T46', 'Yealink T54', 'Linphone', 'Asterisk 20', '', null, 'x'.repeat(60)),
  sourceIp: mostly(25, '192.0.2.1', '192.0.2.2', '203.0.113.1', '0.0.0.0', '2001:db8::1', '', null),
  diversions: mostly<string[]>(40, [], ['L2'], ['+33155555555']),
  transferredBy: mostly<string | null>(40, null, 'L1', '+33155555555'),
  mobilityUsed: mostly<boolean | null>(40, null, true, false),
  revision: mostly(40, 0, 1),
});

const index = fc.nat(IDS.length - 1);
/** What may come between two deliveries. */
const change = fc.oneof(
  fc.record({ kind: fc.constantFrom('forget-month', 'release-months', 'put-anew', 'judge'), of: index }),
  fc.record({ kind: fc.constant('hold' as const), of: index, holds: fc.array(hold, { maxLength: 2 }) }),
  fc.record({ kind: fc.constant('facts' as const), of: index, facts: factsOfLine }),
  // Not the line whose id is a number of others: the product takes no line out for good.
  fc.record({ kind: fc.constant('remove' as const), of: fc.constantFrom(0, 1, 3) }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** Four lines, deliveries of their calls, and a change after each. */
export const history = fc.record({
  lines: fc.tuple(factsOfLine, factsOfLine, factsOfLine, factsOfLine),
  deliveries: fc.array(fc.record({ calls: fc.array(call, { maxLength: 60, size: 'max' }), change }), { maxLength: 6 }),
});

/** Lines of one process, in the order of `IDS`: two of them that are told the same can be compared. */
export interface World {
  readonly context: RatingContext;
  readonly lines: LineState[];
}

export function worldOf(lines: readonly FactsOfLine[]): World {
  const directory = new Directory(plan);
  const states = lines.map(
    (given, of) => new LineState({ id: IDS[of]!, no: of + 1, account: of + 11, bucket: of + 21 }, epochsOf(of, given)),
  );
  for (const state of states) directory.put(state);
  return { context: contextOf(directory, deck), lines: states };
}

function epochsOf(of: number, given: FactsOfLine) {
  return factSpansOf(line(IDS[of]!, given), known);
}

/** Makes a change to a world, as the product would. */
export function make(made: Change, { context: { directory }, lines }: World): void {
  const state = lines[made.of]!;
  switch (made.kind) {
    case 'hold':
      state.holds = made.holds;
      return;
    case 'forget-month':
      state.lastMonth = null;
      return;
    case 'release-months':
      for (const { month } of state.months.values()) month.release();
      state.months.clear();
      state.lastMonth = null;
      return;
    case 'judge':
      for (const month of state.months.values()) {
        judgeMeasures(month);
        month.savedFindings = month.findings;
        month.crossingMayMove = false;
      }
      return;
    case 'remove':
      directory.remove(state);
      return;
    case 'put-anew': {
      const anew = new LineState(state, state.factSpans, state.months);
      directory.put(anew);
      lines[made.of] = anew;
      return;
    }
    case 'facts':
      directory.remove(state);
      state.factSpans = epochsOf(made.of, made.facts);
      directory.put(state);
      for (const month of state.months.values()) {
        const { period } = month;
        month.offers = offersBetween(state.factSpans, civilTime.periodStart(period), civilTime.periodEnd(period));
      }
      return;
  }
}
