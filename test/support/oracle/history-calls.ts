import * as fc from 'fast-check';
import { type RecordStyle, RECORD_STYLES, recordOf } from './encode-record.ts';
import { LINE_IDS, ownNumber, REUSED_NUMBER, SOURCE_IPS, USER_AGENTS } from './history-lines.ts';
import type { NoCallSpelling, OracleRecord } from './oracle-types.ts';
import { writeNumber } from './plain-numbering.ts';

type Fields = Omit<OracleRecord, 'recordBuffer' | 'recordStart' | 'recordEnd'>;

/** A line as a record names it: by id, by its own number, by the reused number, or one that is not ours. */
interface Named {
  readonly line: number;
  readonly by: 'id' | 'number' | 'reused' | 'outside';
  readonly notation: number;
}

interface Start {
  readonly landmark: number;
  readonly offsetMs: number;
}

/** A record of the same identity with something else in it. */
interface Variant {
  readonly revision: number;
  readonly what:
    | 'start'
    | 'month'
    | 'duration'
    | 'dialled'
    | 'line'
    | 'account'
    | 'diversion'
    | 'calling'
    | 'unknown-line'
    | 'garbage'
    | 'no-call';
  readonly noCall: NoCallSpelling;
  readonly start: Start;
  readonly durationMs: number;
  readonly line: number;
  readonly called: number;
  readonly arrivals: readonly Arrival[];
}

interface Arrival {
  /** Records arrive in ascending rank. */
  readonly rank: number;
  readonly style: RecordStyle;
}

export interface CallSpec {
  readonly line: Named;
  readonly start: Start;
  readonly durationMs: number;
  readonly dialled: { readonly called: number; readonly notation: number } | string;
  readonly userAgent: number;
  readonly sourceIp: number;
  readonly diversions: readonly Named[];
  readonly transferredBy: Named | null;
  readonly mobilityUsed: boolean | null;
  readonly revision: number;
  readonly names: { readonly switchId: string; readonly prefix: string };
  readonly arrivals: readonly Arrival[];
  readonly variants: readonly Variant[];
}

/** A record, and when it arrives in which spelling. */
export interface PlannedRecord {
  readonly cdr: OracleRecord;
  readonly arrivals: readonly Arrival[];
}

const NATIONAL = [
  33_612_345_670, 33_612_345_671, 33_612_345_672, 33_612_345_673, 33_612_345_674, 33_612_345_999, 33_612_346_000,
  33_140_556_000, 33_299_887_766, 33_987_654_321,
];
const FOREIGN = [34_910_123_456, 34_910_123_457, 34_622_123_456, 12_125_550_123, 12_464_211_234];
const SPECIAL = [15, 112, 3949, 118_218, 33_800_123_456, 33_806_123_456, 33_892_123_456];
const GARBAGE = ['anonymous', '0603', '+333949', '+3315', 's', '+'];

const called = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...NATIONAL) },
  { weight: 3, arbitrary: fc.constantFrom(...FOREIGN) },
  { weight: 3, arbitrary: fc.constantFrom(...SPECIAL) },
  { weight: 1, arbitrary: fc.nat({ max: LINE_IDS.length - 1 }).map(ownNumber) },
);

const notation = fc.nat({ max: 6 });

/** The first line has most of the calls, so that its months come to something. */
const lineIndex = fc.constantFrom(...Array.from({ length: 14 }, () => 0), 1, 1, 1, 2, 3, 4);

const named: fc.Arbitrary<Named> = fc.record({
  line: lineIndex,
  by: fc.constantFrom<Named['by'][]>('id', 'id', 'id', 'number', 'number', 'reused', 'outside'),
  notation,
});

const caller: fc.Arbitrary<Named> = fc.record({
  line: lineIndex,
  by: fc.constantFrom<Named['by'][]>(
    ...Array.from({ length: 16 }, () => 'id' as const),
    'number',
    'number',
    'reused',
    'outside',
  ),
  notation,
});

const start: fc.Arbitrary<Start> = fc.record({
  landmark: fc.constantFrom(0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 4, 5),
  offsetMs: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(0, 0, 0, -1, 1, -1_000, 1_000, 500) },
    { weight: 1, arbitrary: fc.constantFrom(-60_000, 60_000, 30_000, -3_600_000, 3_600_000, 7_200_000, -7_200_000) },
    { weight: 1, arbitrary: fc.integer({ min: -86_400_000, max: 86_400_000 }) },
  ),
});

const durationMs = fc.constantFrom(
  0,
  1,
  999,
  1_000,
  1_001,
  5_999,
  6_000,
  6_001,
  29_999,
  30_001,
  59_000,
  59_001,
  60_000,
  60_001,
  61_000,
  3_600_000,
  10_800_001,
);

const arrivals: fc.Arbitrary<Arrival[]> = fc
  .array(fc.record({ rank: fc.nat({ max: 999 }), style: fc.constantFrom(...RECORD_STYLES) }), {
    minLength: 1,
    maxLength: 4,
  })
  .chain((all) => fc.constantFrom(all, all.slice(0, 1), all.slice(0, 1)));

const variant: fc.Arbitrary<Variant> = fc.record({
  revision: fc.constantFrom(0, 0, 0, 1, 1, 2),
  noCall: fc.constantFrom<NoCallSpelling[]>('unanswered', 'unanswered', 'attempt', 'internal', 'inbound', 'interim'),
  what: fc.constantFrom<Variant['what'][]>(
    'start',
    'month',
    'duration',
    'duration',
    'dialled',
    'dialled',
    'line',
    'account',
    'diversion',
    'calling',
    'unknown-line',
    'garbage',
    'no-call',
    'no-call',
  ),
  start,
  durationMs,
  line: lineIndex,
  called,
  arrivals,
});

function sometimes<T>(nil: T, arbitrary: fc.Arbitrary<T>, weight = 1): fc.Arbitrary<T> {
  return fc.oneof({ weight: 5, arbitrary: fc.constant(nil) }, { weight, arbitrary });
}

/** One call with its records: diversions, transfers, corrections, conflicts, garbage, and when each arrives. */
export const callArbitrary: fc.Arbitrary<CallSpec> = fc.record({
  line: caller,
  start,
  durationMs,
  dialled: fc.oneof(
    { weight: 20, arbitrary: fc.record({ called, notation }) },
    { weight: 1, arbitrary: fc.constantFrom(...GARBAGE) },
  ),
  userAgent: fc.nat({ max: USER_AGENTS.length - 1 }),
  sourceIp: fc.nat({ max: SOURCE_IPS.length - 1 }),
  diversions: sometimes<Named[]>([], fc.array(named, { maxLength: 3 })),
  transferredBy: sometimes<Named | null>(null, named),
  mobilityUsed: sometimes<boolean | null>(null, fc.constantFrom(false, false, true)),
  revision: fc.constantFrom(0, 0, 0, 0, 0, 1),
  names: fc.record({
    switchId: fc.constantFrom('sbc-1', 'sbc-2'),
    // UTF-16 puts the surrogates of an emoji before the full-width letter; UTF-8 and code points put it after.
    prefix: fc.constantFrom('c-', 'c-', 'C-', 'é-', 'c/a-', '\u{1F600}-', '\uFF41-'),
  }),
  arrivals,
  variants: sometimes<Variant[]>([], fc.array(variant, { minLength: 1, maxLength: 3 }), 2),
});

/** Mostly in one month. */
const ordinaryStart: fc.Arbitrary<Start> = fc.record({
  landmark: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 1),
  offsetMs: fc.integer({ min: 1, max: 40_000_000 }),
});

/** A call as most calls are: by the line's id, from one device, written by one switch, with nothing else to tell. */
export const ordinaryCallArbitrary: fc.Arbitrary<CallSpec> = fc
  .tuple(callArbitrary, ordinaryStart)
  .map(([spec, ordinary]) => ({
    ...spec,
    start: ordinary,
    line: { ...spec.line, by: 'id' },
    userAgent: USER_AGENTS.indexOf('Yealink SIP-T46U 108.86.0.20'),
    sourceIp: SOURCE_IPS.indexOf('192.0.2.10'),
    diversions: [],
    transferredBy: null,
    mobilityUsed: null,
    revision: 0,
    names: { ...spec.names, prefix: 'c-' },
    arrivals: spec.arrivals.map(({ rank }) => ({ rank, style: 'canonical' as const })),
  }));

function nameText({ line, by, notation: style }: Named): string {
  switch (by) {
    case 'id':
      return LINE_IDS[line] ?? 'L000001';
    case 'number':
      return writeNumber(ownNumber(line), style);
    case 'reused':
      return writeNumber(REUSED_NUMBER, style);
    case 'outside':
      return line % 2 === 0 ? writeNumber(33_177_000_001, style) : 'X999999';
    default:
      return by satisfies never;
  }
}

function instantOf({ landmark, offsetMs }: Start, landmarks: readonly number[]): number {
  return (landmarks[landmark] ?? 0) + offsetMs;
}

/** The first record of a call. The position makes its identity unique: two legs share a call id. */
function fieldsOf(spec: CallSpec, position: number, landmarks: readonly number[]): Fields {
  return {
    switchId: spec.names.switchId,
    callId: `${spec.names.prefix}${Math.floor(position / 2)}`,
    legId: position % 2 === 0 ? '' : 'a',
    revision: spec.revision,
    line: nameText(spec.line),
    dialled: typeof spec.dialled === 'string' ? spec.dialled : writeNumber(spec.dialled.called, spec.dialled.notation),
    calling: position % 3 === 0 ? '+33140000001' : null,
    startedAt: instantOf(spec.start, landmarks),
    durationMs: spec.durationMs,
    userAgent: USER_AGENTS[spec.userAgent] ?? null,
    sourceIp: SOURCE_IPS[spec.sourceIp] ?? null,
    diversions: spec.diversions.map(nameText),
    transferredBy: spec.transferredBy === null ? null : nameText(spec.transferredBy),
    mobilityUsed: spec.mobilityUsed,
  };
}

function variantFields(first: Fields, change: Variant, landmarks: readonly number[]): Fields {
  const { revision } = change;
  switch (change.what) {
    case 'start':
      return { ...first, revision, startedAt: first.startedAt + (change.durationMs % 7_000) - 3_000 };
    case 'month':
      return { ...first, revision, startedAt: instantOf(change.start, landmarks) };
    case 'duration':
      return { ...first, revision, durationMs: change.durationMs };
    case 'dialled':
      return { ...first, revision, dialled: writeNumber(change.called, change.durationMs) };
    case 'line': // Of the same customer, when the first is named by id.
      return { ...first, revision, line: first.line < 'L000004' ? 'L000002' : 'L000005' };
    case 'account':
      return { ...first, revision, line: first.line < 'L000004' ? 'L000004' : 'L000001' };
    case 'diversion':
      return { ...first, revision, diversions: [LINE_IDS[change.line] ?? 'L000001'] };
    case 'calling':
      return { ...first, revision, calling: `+3314000${change.durationMs}` };
    case 'unknown-line':
      return {
        ...first,
        revision,
        line: 'X999999',
        durationMs: change.durationMs,
        diversions: [],
        transferredBy: null,
      };
    case 'garbage':
      return { ...first, revision, dialled: 'anonymous', durationMs: change.durationMs };
    case 'no-call':
      return { ...first, revision, durationMs: 0, noCall: change.noCall };
    default:
      return change.what satisfies never;
  }
}

/**
 * The records of a call: the first, then those of the same identity that say something else.
 *
 * @param callId its id, in place of one of its own: then it has one switch and no leg
 */
export function recordsOfCall(
  spec: CallSpec,
  position: number,
  landmarks: readonly number[],
  callId?: string,
): PlannedRecord[] {
  const own = fieldsOf(spec, position, landmarks);
  const first = callId === undefined ? own : { ...own, switchId: 'sbc-1', callId, legId: '' };
  const variants = spec.variants.map((change) => {
    return { cdr: recordOf(variantFields(first, change, landmarks)), arrivals: change.arrivals };
  });
  return [{ cdr: recordOf(first), arrivals: spec.arrivals }, ...variants];
}
