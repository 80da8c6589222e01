import * as fc from 'fast-check';
import type { Cdr } from '../../../rater/call/cdr.ts';
import type { Decision, Line } from '../../../rater/line/line.ts';
import { CONDITION_IDS } from '../../../rules/conditions.ts';
import type { Offer } from '../../../rules/offer.ts';
import { civilMonth } from './civil-month.ts';
import { encodeRecord } from './encode-record.ts';
import { ownerOf } from './find-calls.ts';
import { type Delivery, type History, type HistoryChange, formatHistory, linesAfter } from './history.ts';
import {
  type CallSpec,
  type PlannedRecord,
  callArbitrary,
  ordinaryCallArbitrary,
  recordsOfCall,
} from './history-calls.ts';
import { type LinesSpec, calmLinesArbitrary, LINE_IDS, linesArbitrary, lineStates } from './history-lines.ts';
import { type DeckSpec, deckEntryOf, deckSpecArbitrary, HISTORY_DECK } from './history-decks.ts';
import { calmOfferArbitrary, offerArbitrary } from './history-offers.ts';
import type { OracleDeckEntry } from './oracle-types.ts';
import { plainClassify } from './plain-numbering.ts';
import { canonicalContent, identityText } from './record-content.ts';
import { type Season, SEASONS } from './seasons.ts';

/** What histories may contain. */
export interface HistoryOptions {
  /** Most calls, not counting corrections, conflicts and duplicates. Default 32. */
  readonly maxCalls?: number;
  /** Records of one identity at lines of different accounts: outside the index of a ledger. Default false. */
  readonly crossAccountConflicts?: boolean;
  /** The ids of the calls of switch `sbc-1`, in place of their own; one for each of `maxCalls`. */
  readonly callIds?: readonly string[];
  /** A fact entered late gives a call to a line of another account. Default false. */
  readonly ownerMayChangeAccount?: boolean;
  /** What the first of the two offers is, under its id; made at random by default. */
  readonly firstOffer?: (id: string) => Offer;
  /** A fact entered late leaves a call that had a line without one. Default true. */
  readonly callsMayLoseTheirLine?: boolean;
  /** One to three decks are scheduled meanwhile, beside the one from ever on. Default false. */
  readonly laterDecks?: boolean;
  /** One to three months are closed meanwhile. Default false. */
  readonly closes?: boolean;
}

interface DecisionSpec {
  readonly line: number;
  readonly period: number;
  readonly condition: Decision['condition'];
  readonly kind: Decision['kind'];
  readonly landmark: number;
  readonly offsetMs: number;
  readonly withStart: boolean;
}

/**
 * The first line is reinstated, and evidence against it of the month before comes after all else, or first of all: who
 * judged in the order of arrival would suspend it again. Mobility is a condition that holds until reinstated here.
 */
interface LateEvidence {
  readonly scope: 'period' | 'from-breach';
  readonly evidence: CallSpec;
  /** A breach of the second month, in some histories. */
  readonly later: CallSpec | null;
  /** Calls of the second month that nothing is wrong with. */
  readonly ordinary: readonly CallSpec[];
  readonly reinstatement: DecisionSpec;
  readonly decidedAt: number;
}

interface HistorySpec {
  readonly season: Season;
  readonly offers: readonly Offer[];
  readonly lines: LinesSpec;
  readonly calls: readonly CallSpec[];
  readonly decisions: readonly { readonly at: number; readonly decision: DecisionSpec }[];
  readonly lateEvidence: LateEvidence | null;
  readonly decks: readonly { readonly at: number; readonly deck: DeckSpec }[];
  /** When months are closed: 0 to 999 of the way. */
  readonly closes: readonly number[];
  /** When the states of lines become known: 0 to 999 of the way. */
  readonly known: readonly number[];
  readonly batchSizes: readonly number[];
  readonly restarts: readonly number[];
}

const DEFAULT_MAX_CALLS = 32;

const ALL_OF_THE_WAY = 1_000;

const decision: fc.Arbitrary<DecisionSpec> = fc.record({
  line: fc.constantFrom(0, 0, 0, 1, 2, 3),
  period: fc.constantFrom(0, 0, 1),
  condition: fc.constantFrom(...CONDITION_IDS.filter((id) => id !== 'forwarding' && id !== 'call-length')),
  kind: fc.constantFrom<Decision['kind'][]>('confirm', 'confirm', 'dismiss', 'reinstate', 'reinstate', 'reopen'),
  landmark: fc.nat({ max: 5 }),
  offsetMs: fc.constantFrom(0, 0, 1, -1, 3_600_000),
  withStart: fc.boolean(),
});

/** A call of the first line, to where its offers include it, that arrives once, at `rank` of 999. */
function plainCall(landmark: number, offsetsMs: readonly number[], rank: number, isMobile: boolean) {
  return fc.tuple(ordinaryCallArbitrary, fc.constantFrom(...offsetsMs)).map(([spec, offsetMs]): CallSpec => ({
    ...spec,
    line: { ...spec.line, line: 0 },
    dialled: { called: 33_140_556_000, notation: 0 },
    start: { landmark, offsetMs },
    mobilityUsed: isMobile ? true : null,
    arrivals: [{ rank, style: 'canonical' }],
    variants: [],
  }));
}

const HOUR_MS = 3_600_000;
const FIRST_MONTH = 0;
const SECOND_MONTH = 4;

const lateEvidence: fc.Arbitrary<LateEvidence> = fc
  .record({
    scope: fc.constantFrom<LateEvidence['scope'][]>('period', 'from-breach'),
    rank: fc.constantFrom(999, 999, 0),
    decision,
    named: fc.constantFrom(0, 1, 1),
    landmark: fc.constantFrom(FIRST_MONTH, 1, 2, 3, SECOND_MONTH, SECOND_MONTH),
    decidedAt: fc.constantFrom(200, 600, 900),
  })
  .chain(({ scope, rank, decision: some, named: period, landmark, decidedAt }) =>
    fc.record({
      scope: fc.constant(scope),
      evidence: plainCall(FIRST_MONTH, [-HOUR_MS, -1_000, 0, 1_000], rank, true),
      later: fc.option(plainCall(SECOND_MONTH, [-HOUR_MS, -1_000, 0, 1_000], 100, true), { nil: null, freq: 2 }),
      ordinary: fc.array(plainCall(SECOND_MONTH, [-2 * HOUR_MS, HOUR_MS, 2 * HOUR_MS], 300, false), {
        minLength: 2,
        maxLength: 3,
      }),
      reinstatement: fc.constant({
        ...some,
        line: 0,
        period,
        condition: 'sip-mobility',
        kind: 'reinstate' as const,
        landmark,
      }),
      decidedAt: fc.constant(decidedAt),
    }),
  );

/** Nearly all calls of a month are ordinary, and rated in another way than the others. */
const mostlyOrdinaryCall = fc.oneof(
  { weight: 6, arbitrary: ordinaryCallArbitrary },
  { weight: 1, arbitrary: callArbitrary },
);

/** A few calls, or a busy month: both ways of going wrong deserve their share. */
function callsArbitrary(call: fc.Arbitrary<CallSpec>, maxCalls: number): fc.Arbitrary<CallSpec[]> {
  return fc.oneof(
    {
      weight: 1,
      arbitrary: fc.array(call, { minLength: 1, maxLength: Math.ceil(maxCalls / 4), size: 'max' }),
    },
    {
      weight: 3,
      arbitrary: fc.array(call, { minLength: Math.ceil(maxCalls / 2), maxLength: maxCalls, size: 'max' }),
    },
  );
}

/** One history in three is calm: nearly all is as it should be, and hardly anything is found. */
function specArbitrary(options: HistoryOptions): fc.Arbitrary<HistorySpec> {
  return fc.oneof({ weight: 2, arbitrary: specOf(options, false) }, { weight: 1, arbitrary: specOf(options, true) });
}

function specOf(options: HistoryOptions, isCalm: boolean): fc.Arbitrary<HistorySpec> {
  const offer = isCalm ? calmOfferArbitrary : offerArbitrary;
  return fc.record({
    season: fc.constantFrom(...SEASONS),
    offers: fc.tuple(
      options.firstOffer === undefined ? offer('petite') : fc.constant(options.firstOffer('petite')),
      offer('autre'),
    ),
    lines: isCalm ? calmLinesArbitrary : linesArbitrary,
    calls: callsArbitrary(isCalm ? mostlyOrdinaryCall : callArbitrary, options.maxCalls ?? DEFAULT_MAX_CALLS),
    decisions: fc.array(fc.record({ at: fc.nat({ max: ALL_OF_THE_WAY }), decision }), { maxLength: isCalm ? 1 : 5 }),
    lateEvidence: isCalm ? fc.constant(null) : fc.option(lateEvidence, { nil: null, freq: 2 }),
    decks:
      options.laterDecks === true
        ? fc.array(fc.record({ at: fc.nat({ max: ALL_OF_THE_WAY }), deck: deckSpecArbitrary }), {
            minLength: 1,
            maxLength: 3,
          })
        : fc.constant([]),
    closes:
      options.closes === true
        ? fc.array(fc.integer({ min: 100, max: ALL_OF_THE_WAY }), { minLength: 1, maxLength: 3 })
        : fc.constant([]),
    known: fc.array(fc.nat({ max: ALL_OF_THE_WAY }), { minLength: 3, maxLength: 12 }),
    batchSizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
    restarts: fc.array(fc.nat({ max: 60 }), { maxLength: 3 }),
  });
}

/**
 * Small but nasty histories: dated facts, month ends and clock changes, ties, forwarding and transfers, garbage,
 * duplicates, corrections, conflicts, facts and decisions that come late, batches of any size, restarts in the middle.
 * What is known in the end is what the oracle judges (`oracleInputOf`), whatever came first.
 */
export function histories(options: HistoryOptions = {}): fc.Arbitrary<History> {
  return specArbitrary(options).map((spec) => buildHistory(spec, options));
}

/** The one history of a seed. */
export function historyOfSeed(seed: number, options: HistoryOptions = {}): History {
  const [history] = fc.sample(histories(options), { seed, numRuns: 1 });
  if (history === undefined) throw new Error(`Cannot make a history of seed "${seed}": nothing was generated`);
  return history;
}

function buildHistory(spec: HistorySpec, options: HistoryOptions): History {
  const { landmarks } = spec.season;
  const states = lineStates(spec.lines, landmarks);
  const linesAtFirst = states.flatMap(([first]) => first ?? []);
  const news = newsOf(spec, states);
  const calls = spec.lateEvidence === null ? spec.calls : [...spec.calls, ...callsOf(spec.lateEvidence)];
  const planned = calls.flatMap((call, position) =>
    recordsOfCall(call, position, landmarks, options.callIds?.[position]),
  );
  const kept = withoutForbiddenMoves(planned, statesOfAllLines(linesAtFirst, news), options);
  const cdrs = kept.map(({ cdr }) => cdr);
  const deliveries = deliveriesOf(kept);
  const batchSizes = cutIntoBatches(deliveries.length, spec.batchSizes);
  const restarts = spec.restarts.flatMap((at) => (batchSizes.length === 0 ? [] : (at % batchSizes.length) + 1));
  const history: History = {
    offers: spec.lateEvidence === null ? spec.offers : untilReinstated(spec.offers, spec.lateEvidence.scope),
    deck: HISTORY_DECK,
    linesAtFirst,
    cdrs,
    deliveries,
    batchSizes,
    restartsAfterBatch: [...new Set(restarts)].toSorted((a, b) => a - b),
    changes: changesOf(news, batchSizes.length),
    [fc.toStringMethod]: () => formatHistory(history),
  };
  return history;
}

function callsOf({ evidence, later, ordinary }: LateEvidence): CallSpec[] {
  return [evidence, ...(later === null ? [] : [later]), ...ordinary];
}

/** The offers with mobility as the first of their conditions, in force by itself until the line is reinstated. */
function untilReinstated(offers: readonly Offer[], scope: LateEvidence['scope']): Offer[] {
  const classes = ['national-fixed', 'national-mobile', 'international'] as const;
  const effect = {
    mode: 'automatic',
    rerate: { scope, classes },
    suspension: 'until-reinstated',
    opensCase: true,
  } as const;
  return offers.map((offer) => ({
    ...offer,
    conditions: [
      { id: 'sip-mobility', settings: {}, effect },
      ...offer.conditions.filter(({ id }) => id !== 'sip-mobility'),
    ],
  }));
}

/** Something that people enter, and how far on the way. */
interface News {
  readonly at: number;
  readonly line: Line | null;
  readonly decision: Omit<Decision, 'sequence'> | null;
  readonly deck: OracleDeckEntry | null;
  readonly isClose: boolean;
}

const NO_NEWS = { line: null, decision: null, deck: null, isClose: false };

function newsOf(spec: HistorySpec, states: readonly (readonly (Line | null)[])[]): News[] {
  const { decisions, lateEvidence: late } = spec;
  const all = late === null ? decisions : [...decisions, { at: late.decidedAt, decision: late.reinstatement }];
  const news: News[] = all.map(({ at, decision: one }) => {
    return { ...NO_NEWS, at, decision: decisionOf(one, spec.season) };
  });
  for (const at of spec.closes) news.push({ ...NO_NEWS, at, isClose: true });
  for (const { at, deck } of spec.decks) news.push({ ...NO_NEWS, at, deck: deckEntryOf(deck, spec.season) });
  for (const [index, [, ...later]] of states.entries()) {
    const times = later.map((_, step) => spec.known[(index * 2 + step) % spec.known.length] ?? 0);
    const inOrder = times.toSorted((a, b) => a - b);
    for (const [step, line] of later.entries()) news.push({ ...NO_NEWS, at: inOrder[step] ?? 0, line });
  }
  return news.toSorted((a, b) => a.at - b.at);
}

function decisionOf(spec: DecisionSpec, season: Season): Omit<Decision, 'sequence'> {
  const period = season.periods[spec.period] ?? 0;
  const instant = (season.landmarks[spec.landmark] ?? 0) + spec.offsetMs;
  const isShown = spec.kind === 'confirm' && spec.withStart && civilMonth('Europe/Paris', instant) === period;
  const line = LINE_IDS[spec.line] ?? 'L000001';
  const breachFrom = isShown ? instant : null;
  return { line, period, condition: spec.condition, kind: spec.kind, effectiveAt: instant, breachFrom };
}

/** Groups what is entered by how many batches have been delivered before it. */
function changesOf(news: readonly News[], batches: number): HistoryChange[] {
  const changes: HistoryChange[] = [];
  let sequence = 0;
  for (let afterBatches = 0; afterBatches <= batches; afterBatches += 1) {
    const now = news.filter(({ at }) => Math.floor((at * batches) / ALL_OF_THE_WAY) === afterBatches);
    const decisions = now.flatMap((one) => {
      sequence += one.decision === null ? 0 : 1;
      return one.decision === null ? [] : [{ sequence, ...one.decision }];
    });
    const lines = new Map(now.flatMap(({ line }) => (line === null ? [] : [[line.id, line] as const])));
    const decks = now.flatMap(({ deck }) => deck ?? []);
    const closes = now.filter(({ isClose }) => isClose).length;
    if (now.length > 0) changes.push({ afterBatches, lines: [...lines.values()], decisions, decks, closes });
  }
  return changes;
}

/** All lines as known at first and after each piece of news: finer than the batches, so that every state is there. */
function statesOfAllLines(linesAtFirst: readonly Line[], news: readonly News[]): Line[][] {
  const changes = news.map(({ line }) => ({
    afterBatches: 0,
    lines: line === null ? [] : [line],
    decisions: [],
    decks: [],
  }));
  return [0, ...changes.map((_, index) => index + 1)].map((count) => linesAfter({ linesAtFirst, changes }, count));
}

/** The accounts to which a record goes as facts become known; `null` where it has no line. */
function accountsOf(cdr: Cdr, states: readonly (readonly Line[])[]): (string | null)[] {
  return states.map((lines) => {
    const line = ownerOf({ lines, classify: plainClassify }, cdr)?.line ?? null;
    const isThere = line?.spans.some((span) => span.from <= cdr.startedAt && cdr.startedAt < span.to) ?? false;
    return isThere ? (line?.account ?? null) : null;
  });
}

function distinctAccounts(accounts: readonly (string | null)[]): Set<string> {
  return new Set(accounts.filter((account) => account !== null));
}

/** Leaves out equal contents, and the records that do what the options forbid. */
function withoutForbiddenMoves(
  planned: readonly PlannedRecord[],
  states: readonly (readonly Line[])[],
  options: HistoryOptions,
): PlannedRecord[] {
  const kept = new Map<string, PlannedRecord>();
  const accountOf = new Map<string, string>();
  for (const one of planned) {
    const accounts = accountsOf(one.cdr, states);
    const distinct = distinctAccounts(accounts);
    if (options.ownerMayChangeAccount !== true && distinct.size > 1) continue;
    if (options.callsMayLoseTheirLine === false && accounts.some((now, at) => now === null && accounts[at - 1]))
      continue;
    const identity = identityText(one.cdr);
    const settled = accountOf.get(identity);
    const isElsewhere = settled !== undefined && [...distinct].some((account) => account !== settled);
    if (options.crossAccountConflicts !== true && isElsewhere) continue;
    for (const account of distinct) accountOf.set(identity, settled ?? account);
    const content = canonicalContent(one.cdr);
    if (!kept.has(content)) kept.set(content, one);
  }
  return [...kept.values()];
}

function deliveriesOf(records: readonly PlannedRecord[]): Delivery[] {
  return records
    .flatMap(({ cdr, arrivals }, index) =>
      arrivals.map(({ rank, style }) => ({ rank, cdr: index, text: encodeRecord(cdr, style) })),
    )
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ cdr, text }) => ({ cdr, text }));
}

function cutIntoBatches(total: number, sizes: readonly number[]): number[] {
  const cut: number[] = [];
  for (let left = total; left > 0; left -= cut.at(-1) ?? 1)
    cut.push(Math.min(left, sizes[cut.length % sizes.length] ?? 1));
  return cut;
}
