import * as fc from 'fast-check';
import type { Line, LineSpan } from '../../../rater/line/line.ts';
import { BEGINNING } from './seasons.ts';

/** Lines by index, with their accounts: three of one customer, two of another. */
export const LINE_IDS = ['L000001', 'L000002', 'L000003', 'L000004', 'L000005'] as const;
const ACCOUNTS = ['A1', 'A1', 'A1', 'A2', 'A2'] as const;

/** The number that passes from one line to another at an instant. */
export const REUSED_NUMBER = 33_140_000_099;

/** A line's own number, and the one that it may get later. */
export function ownNumber(index: number): number {
  return 33_140_000_001 + index;
}
function laterNumber(index: number): number {
  return 33_140_000_051 + index;
}

/** The user agents and addresses that calls may show; `null` is not reported. */
export const USER_AGENTS = [
  null,
  'Yealink SIP-T46U 108.86.0.20',
  'Yealink SIP-T46U 108.86.0.90',
  'MicroSIP/3.21.3',
  'Asterisk PBX 18.9.0',
  'GoIP Gateway',
] as const;
export const SOURCE_IPS = [
  null,
  '192.0.2.10',
  '192.0.2.11',
  '198.51.100.7',
  '2001:db8:1::5',
  '2001:db8:ffff::5',
] as const;

/** How a line looked before all was known of it. */
const EARLIER = [
  'absent',
  'first-facts',
  'other-facts',
  'no-number',
  'no-devices',
  'begins-later',
  'ends-earlier',
  'ends-later',
] as const;
type Earlier = (typeof EARLIER)[number];

interface Facts {
  readonly offer: string | null;
  readonly usageClass: LineSpan['usageClass'];
  readonly mobility: LineSpan['mobility'];
  readonly equipment: LineSpan['equipment'];
  readonly number: 'own' | 'later' | 'none';
}

interface Dated<T> {
  readonly what: T;
  /** Index of a landmark from which or until which it holds; `null`: from the beginning, or open. */
  readonly from: number | null;
  readonly to: number | null;
}

interface DatedText {
  readonly what: string;
  readonly from: number;
  readonly to: number;
}

interface LineSpec {
  readonly cuts: readonly number[];
  readonly facts: readonly Facts[];
  readonly begins: number | null;
  readonly ends: number | null;
  readonly gap: boolean;
  readonly devices: readonly Dated<string>[];
  readonly networks: readonly Dated<string>[];
  readonly earlier: readonly Earlier[];
}

export interface LinesSpec {
  readonly lines: readonly LineSpec[];
  /** Which line had the reused number until the landmark, and which from it on. */
  readonly reuse: { readonly before: number; readonly after: number; readonly landmark: number } | null;
}

/** Mostly the ordinary value, so that a month does not break everything at once. */
function mostly<T>(ordinary: readonly T[], others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...ordinary) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

const facts: fc.Arbitrary<Facts> = fc.record({
  offer: mostly<Facts['offer']>(['petite', 'petite', 'petite', 'autre'], [null]),
  usageClass: mostly<Facts['usageClass']>(['residential', 'business'], ['call-centre', 'carrier']),
  mobility: mostly<Facts['mobility']>(['off', 'unknown'], ['used']),
  equipment: mostly<Facts['equipment']>(['managed', 'unknown'], ['customer-pbx', 'customer-gateway']),
  number: mostly<Facts['number']>(['own'], ['later', 'none']),
});

const landmark = fc.nat({ max: 4 });

/** A value once in six, else `null`. */
function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
}

function dated(values: readonly string[]): fc.Arbitrary<Dated<string>> {
  return fc.record({ what: fc.constantFrom(...values), from: seldom(landmark), to: seldom(landmark) });
}

const lineSpec: fc.Arbitrary<LineSpec> = fc.record({
  cuts: fc.uniqueArray(landmark, { maxLength: 2 }),
  facts: fc.array(facts, { minLength: 3, maxLength: 3 }),
  begins: seldom(landmark),
  ends: seldom(landmark),
  gap: seldom(fc.constant(true)).map((gap) => gap === true),
  devices: fc.array(dated(['Yealink SIP-T46U 108.86.0.20', 'Yealink SIP-T46U*', 'Yealink SIP-T46U 1*']), {
    maxLength: 2,
  }),
  networks: fc.array(dated(['192.0.2.0/24', '192.0.2.10/32', '2001:db8:1::/48', '192.0.2.10/31']), { maxLength: 2 }),
  earlier: fc.array(fc.constantFrom(...EARLIER), { maxLength: 2 }),
});

/** A line that nothing is wrong with, of which little changes. */
const calmLineSpec: fc.Arbitrary<LineSpec> = lineSpec.map((spec) => ({
  ...spec,
  cuts: spec.cuts.slice(0, 1),
  facts: [FALLBACK, FALLBACK, spec.facts[2] ?? FALLBACK],
  begins: null,
  gap: false,
  devices: [],
  networks: [],
  earlier: spec.earlier.slice(0, 1),
}));

/** Five lines with dated facts, what was known of them earlier, and perhaps a number that moves. */
export const linesArbitrary = linesOf(lineSpec);
export const calmLinesArbitrary = linesOf(calmLineSpec);

function linesOf(spec: fc.Arbitrary<LineSpec>): fc.Arbitrary<LinesSpec> {
  return fc.record({
    lines: fc.array(spec, { minLength: LINE_IDS.length, maxLength: LINE_IDS.length }),
    reuse: fc.option(
      fc
        .record({ before: fc.nat({ max: 4 }), after: fc.nat({ max: 4 }), landmark })
        .filter(({ before, after }) => before !== after),
      { nil: null, freq: 2 },
    ),
  });
}

function numberOf(index: number, known: Facts): number | null {
  if (known.number === 'none') return null;
  return known.number === 'own' ? ownNumber(index) : laterNumber(index);
}

function instantOf(landmarks: readonly number[], index: number | null, otherwise: number): number {
  return (index === null ? undefined : landmarks[index]) ?? otherwise;
}

function datedSpans(specs: readonly Dated<string>[], landmarks: readonly number[]): DatedText[] {
  return specs
    .map(({ what, from, to }) => {
      return { what, from: instantOf(landmarks, from, BEGINNING), to: instantOf(landmarks, to, Infinity) };
    })
    .filter(({ from, to }) => from < to)
    .toSorted((a, b) => a.from - b.from);
}

/** The instants at which the spans of a line begin and end, in order. */
function boundsOf(spec: LineSpec, index: number, reuse: LinesSpec['reuse'], landmarks: readonly number[]): number[] {
  const begin = instantOf(landmarks, spec.begins, BEGINNING);
  const wantedEnd = instantOf(landmarks, spec.ends, Infinity);
  const end = wantedEnd > begin ? wantedEnd : Infinity;
  const cuts = spec.cuts.map((cut) => instantOf(landmarks, cut, BEGINNING));
  if (reuse !== null && (reuse.before === index || reuse.after === index)) {
    cuts.push(instantOf(landmarks, reuse.landmark, BEGINNING));
  }
  const inside = [...new Set(cuts)].filter((cut) => begin < cut && cut < end).toSorted((a, b) => a - b);
  return [begin, ...inside, end];
}

function spansOf(spec: LineSpec, index: number, reuse: LinesSpec['reuse'], landmarks: readonly number[]): LineSpan[] {
  const bounds = boundsOf(spec, index, reuse, landmarks);
  const spans = bounds.slice(0, -1).map((from, position): LineSpan => {
    const known = spec.facts[position % spec.facts.length] ?? FALLBACK;
    const { offer, usageClass, mobility, equipment } = known;
    const number = reusedNumber(index, from, reuse, landmarks) ?? numberOf(index, known);
    return { from, to: bounds[position + 1] ?? Infinity, number, offer, usageClass, mobility, equipment };
  });
  return spec.gap && spans.length > 2 ? spans.toSpliced(1, 1) : spans;
}

const FALLBACK: Facts = {
  offer: 'petite',
  usageClass: 'business',
  mobility: 'unknown',
  equipment: 'unknown',
  number: 'own',
};

function reusedNumber(
  index: number,
  from: number,
  reuse: LinesSpec['reuse'],
  landmarks: readonly number[],
): number | null {
  if (reuse === null) return null;
  const passes = instantOf(landmarks, reuse.landmark, BEGINNING);
  const holds = (reuse.before === index && from < passes) || (reuse.after === index && from >= passes);
  return holds ? REUSED_NUMBER : null;
}

function finalLine(spec: LineSpec, index: number, reuse: LinesSpec['reuse'], landmarks: readonly number[]): Line {
  const devices = datedSpans(spec.devices, landmarks).map(({ what, from, to }) => ({ from, to, userAgent: what }));
  const networks = datedSpans(spec.networks, landmarks).map(({ what, from, to }) => ({ from, to, cidr: what }));
  const id = LINE_IDS[index] ?? `L${index}`;
  return { id, account: ACCOUNTS[index] ?? 'A1', spans: spansOf(spec, index, reuse, landmarks), devices, networks };
}

/** The last span with another end, unless that end would give a reused number to two lines at once. */
function endingAt(line: Line, to: number): Line {
  const last = line.spans.at(-1);
  if (last === undefined || to <= last.from || (to > last.to && last.number === REUSED_NUMBER)) return line;
  return { ...line, spans: [...line.spans.slice(0, -1), { ...last, to }] };
}

/** The line as it was known earlier; `null`: not at all. Numbers are never at two lines at once in any state. */
function earlierLine(line: Line, earlier: Earlier, landmarks: readonly number[]): Line | null {
  const first = line.spans[0];
  if (first === undefined) return line;
  const { offer, usageClass, mobility, equipment } = first;
  switch (earlier) {
    case 'absent':
      return null;
    case 'first-facts':
      return { ...line, spans: line.spans.map((span) => ({ ...span, offer, usageClass, mobility, equipment })) };
    case 'other-facts': {
      const plain = { offer: 'autre', usageClass: 'business', mobility: 'unknown', equipment: 'managed' } as const;
      return { ...line, spans: line.spans.map((span) => ({ ...span, ...plain })) };
    }
    case 'no-number':
      return { ...line, spans: line.spans.map((span) => ({ ...span, number: null })) };
    case 'no-devices':
      return { ...line, devices: [], networks: [] };
    case 'begins-later': {
      const from = landmarks[0] ?? first.from;
      return from < first.to && from > first.from ? { ...line, spans: line.spans.with(0, { ...first, from }) } : line;
    }
    case 'ends-earlier':
      return endingAt(line, landmarks[2] ?? Infinity);
    case 'ends-later':
      return endingAt(line, Infinity);
    default:
      return earlier satisfies never;
  }
}

/** The states that each line goes through, the final one last. `null` comes first only: the line is not yet there. */
export function lineStates(spec: LinesSpec, landmarks: readonly number[]): (Line | null)[][] {
  return spec.lines.map((one, index) => {
    const line = finalLine(one, index, spec.reuse, landmarks);
    const earlier = one.earlier.map((kind, position) => {
      const state = earlierLine(line, kind, landmarks);
      return state === null && position > 0 ? earlierLine(line, 'no-devices', landmarks) : state;
    });
    return [...earlier, line];
  });
}
