import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Cdr,
  Directory,
  type Finding,
  type Hold,
  type Line,
  type LineState,
  type MonthState,
  type RatingContext,
  needsJudging,
} from '../../../rater/index.ts';
import { type Outcome, isOrdinary, rateApart, rateInLane, written } from '../lane-for-test.ts';
import { contextOf, line, lineState, plan, span } from '../rating-for-test.ts';
import {
  DECEMBER,
  MID,
  NOON,
  NOVEMBER,
  NUMBERS,
  type World,
  deck,
  history,
  known,
  make,
  worldOf,
} from '../worlds-for-test.ts';

/** What the property met: if too few calls were ordinary, it would prove nothing. */
interface Met {
  calls: number;
  ordinary: number;
  /** Ordinary calls that may change no verdict, and those that are charged. */
  quiet: number;
  metered: number;
}

function shownMonth(state: MonthState) {
  const { findings, isQuiet, crossingMayMove } = state;
  return { measures: state.measures(), findings, isQuiet, crossingMayMove };
}

/** What became of a record, and what its line's month says by now. */
function shown(outcome: Outcome) {
  if ('unrated' in outcome) return outcome;
  return { ...outcome.entry, month: shownMonth(outcome.line.lastMonth!) };
}

/** All months, with every number and call in them. */
function shownMonths({ lines }: World) {
  const months = lines.flatMap((state) => [...state.months.values()]);
  return months.map((state) => {
    const { month, period } = state;
    const numbers = Array.from({ length: month.numberCount }, (_, place) => month.numberAt(place));
    const starts = Array.from({ length: month.callCount }, (_, place) => month.callStart(place));
    const durations = starts.map((_, place) => month.callDuration(place));
    return { period, numbers, starts, durations, ...shownMonth(state) };
  });
}

/** Takes a delivery in by the lane, so many records at once, and apart, and compares the two after each record. */
function compareDelivery(
  given: readonly Partial<Cdr>[],
  [lane, apart]: readonly [World, World],
  atOnce: number,
  met: Met,
): void {
  const records = written(...given.map((one) => ({ ...one, callId: `c${met.calls++}` })));
  for (const { record, outcome, mayChange } of rateInLane(records, lane.context, atOnce)) {
    const expected = rateApart(record, apart.context);
    expect(shown(outcome)).toEqual(shown(expected));
    if (mayChange === null || 'unrated' in expected) continue;
    const month = expected.line.lastMonth!;
    expect(!mayChange && (needsJudging(month) || month.crossingMayMove)).toBe(false);
    met.ordinary++;
    if (!mayChange) met.quiet++;
    if (expected.entry['coverage'] === 'metered') met.metered++;
  }
}

describe('rateOrdinary() and takeOrdinary()', () => {
  it('make of every call what rateCall() and judgeCall() make of it, whatever came before', () => {
    const met: Met = { calls: 0, ordinary: 0, quiet: 0, metered: 0 };
    fc.assert(
      fc.property(history, fc.constantFrom(1, 2, 5, 128), ({ lines, deliveries }, atOnce) => {
        const worlds = [worldOf(lines), worldOf(lines)] as const;
        for (const { calls, change } of deliveries) {
          compareDelivery(calls, worlds, atOnce, met);
          for (const world of worlds) make(change, world);
        }
        expect(shownMonths(worlds[0])).toEqual(shownMonths(worlds[1]));
      }),
      { numRuns: 200 },
    );
    expect(met.ordinary).toBeGreaterThan(met.calls / 10);
    expect(met.quiet).toBeGreaterThan(met.calls / 40);
    expect(met.metered).toBeGreaterThan(met.calls / 80);
  });
});

const TICK_MS = 65_536;

const HOLD: Hold = {
  condition: 'distinct-numbers',
  period: 202611,
  from: NOVEMBER,
  to: DECEMBER,
  onlyBreakingCalls: false,
  classes: ['national-mobile'],
};
const FINDING: Finding = { condition: 'conversational-use', breachFrom: NOVEMBER, measures: [] };

const PHONE = { userAgent: 'Yealink T46', sourceIp: '192.0.2.1' };

/** A line of which a call was rated, at `NOON` from `PHONE`; another like it may be. */
function lineAfterCall(given: Partial<Line> = {}, last: Partial<Cdr> = {}) {
  const state = lineState(line('L1', given), known);
  const directory = new Directory(plan);
  directory.put(state);
  const context = contextOf(directory, deck);
  const rateAgain = (): number => [...rateInLane(written({ ...PHONE, startedAt: NOON, ...last }), context, 1)].length;
  rateAgain();
  return { state, context, rateAgain };
}

/** Whether the next call, with these differences from the last, is ordinary. */
function isNextOrdinary(given: Partial<Cdr>, { context }: { readonly context: RatingContext }): boolean {
  return isOrdinary({ ...PHONE, startedAt: NOON + 1, ...given }, context);
}

/** What `takeOrdinary` says of each of these calls of a line under the offer; `null` of those that are not ordinary. */
function changesOf(offer: string, given: readonly Partial<Cdr>[]): (boolean | null)[] {
  const directory = new Directory(plan);
  directory.put(lineState(line('L1', { spans: [span({ offer })] }), known));
  const outcomes = rateInLane(written(...given), contextOf(directory, deck), 1);
  return [...outcomes].map(({ mayChange }) => mayChange);
}

function chunksOf<T>(all: readonly T[], size: number): (readonly T[])[] {
  const chunks = Math.ceil(all.length / size);
  return Array.from({ length: chunks }, (_, chunk) => all.slice(chunk * size, (chunk + 1) * size));
}

type ChangeOfMonth = (month: MonthState) => unknown;

describe('rateOrdinary() of a call after another of its line', () => {
  it.each([
    ['from the same device', {}],
    ['to another number', { dialled: '+33698765432' }],
    ['to an included destination abroad', { dialled: '+34911234567' }],
    ['to one that is not included', { dialled: '+12465550100' }],
    ['to a short code', { dialled: '3949' }],
    ['of 1 ms', { durationMs: 1 }],
    ['of seven days', { durationMs: 604_800_000 }],
    ['in the first ms of the month', { startedAt: NOVEMBER }],
    ['in its last ms', { startedAt: DECEMBER - 1 }],
  ] satisfies [string, Partial<Cdr>][])('takes one %s', (_, given) => {
    expect(isNextOrdinary(given, lineAfterCall())).toBe(true);
  });

  it.each([
    ['from another device', { userAgent: 'Yealink T54' }],
    ['from a device that is not reported', { userAgent: null }],
    ['from another address', { sourceIp: '192.0.2.2' }],
    ['from an address that is not reported', { sourceIp: null }],
    ['of 0 ms', { durationMs: 0 }],
    ['to an emergency number', { dialled: '112' }],
    ['that is free', { dialled: '0800123456' }],
    ['without a price', { dialled: '+12125550100' }],
    ['to a service code', { dialled: '*98' }],
    ['in the last ms of the month before', { startedAt: NOVEMBER - 1 }],
    ['in the first ms of the month after', { startedAt: DECEMBER }],
    ['of another line', { line: 'L2' }],
    ['that was diverted', { diversions: ['L2'] }],
    ['that was transferred', { transferredBy: 'L2' }],
    ['of which the switch reports mobility', { mobilityUsed: true }],
    ['that corrects another', { revision: 1 }],
  ] satisfies [string, Partial<Cdr>][])('leaves one %s', (_, given) => {
    expect(isNextOrdinary(given, lineAfterCall())).toBe(false);
  });

  it('leaves one that names the line by its number', () => {
    const after = lineAfterCall({ spans: [span({ number: NUMBERS[0] })] });
    expect(isNextOrdinary({}, after)).toBe(true);
    expect(isNextOrdinary({ line: '0140000001' }, after)).toBe(false);
  });

  it('tells no address from 0.0.0.0', () => {
    expect(isNextOrdinary({ sourceIp: '0.0.0.0' }, lineAfterCall({}, { sourceIp: null }))).toBe(false);
    expect(isNextOrdinary({ sourceIp: null }, lineAfterCall({}, { sourceIp: null }))).toBe(true);
  });

  it('takes those in whole ticks of the facts in force alone', () => {
    const [from, to] = [MID, MID + 400_000];
    const [firstTick, endTick] = [Math.ceil(from / TICK_MS), Math.floor(to / TICK_MS)];
    const starts = [
      from,
      firstTick * TICK_MS - 1,
      firstTick * TICK_MS,
      endTick * TICK_MS - 1,
      endTick * TICK_MS,
      to - 1,
    ];
    const after = lineAfterCall({ spans: [span({ from, to })] }, { startedAt: from });
    expect(starts.map((startedAt) => isNextOrdinary({ startedAt }, after))).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
    ]);
  });

  it('leaves those of a line without offer, or that is held', () => {
    expect(isNextOrdinary({}, lineAfterCall({ spans: [span({ offer: null })] }))).toBe(false);
    const held = lineAfterCall();
    held.state.holds = [HOLD];
    held.rateAgain();
    expect(isNextOrdinary({}, held)).toBe(false);
  });

  it('takes nothing into the month', () => {
    const after = lineAfterCall();
    expect(isNextOrdinary({}, after)).toBe(true);
    expect(after.state.lastMonth?.month.callCount).toBe(1);
  });
});

it('rateOrdinary() remembers each of very many lines, whichever came first', () => {
  const directory = new Directory(plan);
  const ids = Array.from({ length: 600 }, (_, place) => `L${place * 7}`);
  for (const id of ids) directory.put(lineState(line(id), known));
  const context = contextOf(directory, deck);
  const inTurn = [...ids, ...ids.toReversed()].map((id) => ({ ...PHONE, startedAt: NOON, line: id }));
  const outcomes = chunksOf(inTurn, 100).flatMap((given) => [...rateInLane(written(...given), context, given.length)]);
  const ordinary = outcomes.filter(({ mayChange }) => mayChange !== null);
  expect(ordinary.map(({ outcome }) => 'line' in outcome && outcome.line.id)).toEqual(ids.toReversed());
});

describe('rateOrdinary() of a line of which something changed', () => {
  it.each([
    ['its holds', (state) => (state.holds = [])],
    ['its facts', (state) => (state.factSpans = [...state.factSpans])],
    ['which month is in memory', (state) => (state.lastMonth = null)],
    ['its line in the directory', (state, { directory }) => directory.put(state)],
  ] satisfies [string, (state: LineState, context: RatingContext) => unknown][])(
    'leaves the call after a change of %s, and takes the one after that',
    (_, change) => {
      const after = lineAfterCall();
      change(after.state, after.context);
      expect(isNextOrdinary({}, after)).toBe(false);
      after.rateAgain();
      expect(isNextOrdinary({}, after)).toBe(true);
    },
  );

  it('leaves the calls of a line that was taken out', () => {
    const after = lineAfterCall();
    after.context.directory.remove(after.state);
    expect(isNextOrdinary({}, after)).toBe(false);
    after.rateAgain();
    expect(isNextOrdinary({}, after)).toBe(false);
  });

  it.each([
    ['a finding', (month) => (month.findings = [FINDING]), (month) => (month.findings = month.savedFindings)],
    ['a crossing that may move', (month) => (month.crossingMayMove = true), (month) => (month.crossingMayMove = false)],
    [
      'two offers',
      (month) => (month.offers = [...known.values()]),
      (month) => (month.offers = month.offers.slice(0, 1)),
    ],
  ] satisfies [string, ChangeOfMonth, ChangeOfMonth][])(
    'leaves calls in a month with %s, as long as it has',
    (_, give, takeBack) => {
      const after = lineAfterCall();
      const month = after.state.lastMonth!;
      give(month);
      expect(isNextOrdinary({}, after)).toBe(false);
      takeBack(month);
      expect(isNextOrdinary({}, after)).toBe(true);
    },
  );
});

describe('takeOrdinary()', () => {
  it('says that a verdict may change from the first number too many on', () => {
    const given = Array.from({ length: 9 }, (_, place) => ({ dialled: `+3361234567${place}` }));
    expect(changesOf('numbers', given)).toEqual([null, ...Array.from({ length: 7 }, () => false), true]);
  });

  it('says so from the least number of calls on where a measure breaks, and only there', () => {
    const together = Array.from({ length: 6 }, () => ({ startedAt: NOON }));
    expect(changesOf('behaviour', together)).toEqual([null, false, false, false, true, true]);
    const inTurn = together.map(({ startedAt }, place) => ({ startedAt: startedAt + place * 61_000 }));
    expect(changesOf('behaviour', inTurn)).toEqual([null, false, false, false, false, false]);
  });
});
