import { decodeCanonicalJson } from '../../formats/canonical/canonical-json.ts';
import { canonicalNdjson } from '../../formats/canonical/canonical-ndjson.ts';
import { scanIntoColumns } from '../../formats/canonical/canonical-scanner.ts';
import { identityOf } from '../../engine/settling/identity-halves.ts';
import { canonicalText } from '../../rater/call/canonical-text.ts';
import {
  CallColumns,
  type Cdr,
  type Entry,
  type LineState,
  type MonthState,
  type OrdinaryCall,
  type RatedCall,
  type RatingContext,
  emptyMonthState,
  isStillOrdinary,
  judgeCall,
  newEntry,
  newOrdinaryCall,
  noteCrossing,
  rateCall,
  rateOrdinary,
  takeOrdinary,
} from '../../rater/index.ts';
import { WHEN_POSTED } from '../../rater/fast/rate-ordinary.ts';
import { OTHER_ENTRY } from '../support/entries.ts';
import { cdr, civilTime } from './rating-for-test.ts';

/** A record among others in one buffer, as a delivery has it. */
export interface WrittenRecord {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

/** What became of a record: its entry, or why it has none. */
export type Outcome = { readonly line: LineState; readonly entry: ShownEntry } | { readonly unrated: string };

/** What became of a record in the lane. */
export interface LaneOutcome {
  readonly record: WrittenRecord;
  readonly outcome: Outcome;
  /** What `takeOrdinary` says of an ordinary call; `null` for any other. */
  readonly mayChange: boolean | null;
}

// Used again and again, as in `engine/tasks/rate-delivery.ts`: what they held before must not matter. So before each
// use they are filled with values that no call has.
const LEFT_IN_COLUMNS = 1_234_567;
const AT_ONCE = 128;
const calls = new CallColumns(AT_ONCE);
const ordinaries = Array.from({ length: AT_ONCE }, newOrdinaryCall);

/** The canonical records of calls like `cdr()` with these differences. */
export function written(...given: readonly Partial<Cdr>[]): WrittenRecord[] {
  const texts = given.map((one) => canonicalText(cdr(one)));
  const buffer = Buffer.from(`${texts.join('\n')}\n${' '.repeat(16)}`);
  let end = -1;
  return texts.map((text) => {
    const start = end + 1;
    end = start + Buffer.byteLength(text);
    return { buffer, start, end };
  });
}

/** Rates records as `engine/tasks/rate-delivery.ts` does, so many at once: as ordinary calls where it can. */
export function* rateInLane(
  records: readonly WrittenRecord[],
  context: RatingContext,
  atOnce: number,
): Generator<LaneOutcome> {
  for (let from = 0; from < records.length; from += atOnce) {
    const some = records.slice(from, from + atOnce);
    readIntoColumns(some, context);
    const areOrdinary = some.map((_, at) => rateInColumns(at, context));
    for (const [at, record] of some.entries()) {
      const ordinary = ordinaries[at]!;
      const isTaken = areOrdinary[at] && isStillOrdinary(ordinary, context);
      if (isTaken) yield { record, ...takenIn(ordinary, context) };
      else yield { record, outcome: rateAndRemember(record, at, context), mayChange: null };
    }
    calls.clear();
  }
}

/** Whether a call like `cdr()` would be rated as ordinary; it is not taken in. */
export function isOrdinary(given: Partial<Cdr>, context: RatingContext): boolean {
  readIntoColumns(written(given), context);
  return rateInColumns(0, context) && isStillOrdinary(ordinaries[0]!, context);
}

function rateInColumns(at: number, context: RatingContext): boolean {
  Object.assign(ordinaries[at]!, OTHER_ENTRY);
  return calls.isRead[at] === 1 && rateOrdinary(calls, at, context, ordinaries[at]!);
}

/** Rates and judges a record without the lane, by the plain decoder. */
export function rateApart(record: WrittenRecord, context: RatingContext): Outcome {
  return rateAny(record, context, decodeCanonicalJson).outcome;
}

function readIntoColumns(records: readonly WrittenRecord[], { directory }: RatingContext): void {
  for (const column of Object.values<unknown>({ ...calls })) {
    if (column instanceof Int32Array || column instanceof Float64Array) column.fill(LEFT_IN_COLUMNS);
  }
  for (const [at, { buffer, start, end }] of records.entries()) {
    calls.isRead[at] = scanIntoColumns(buffer, start, end, calls, at) ? 1 : 0;
  }
  directory.findPlaces(calls, records.length);
}

function takenIn(ordinary: OrdinaryCall, context: RatingContext): Omit<LaneOutcome, 'record'> {
  const { place, compiledOffer, startedAt, destinationOfPlan, record, recordStart, recordEnd } = ordinary;
  const mayChange = takeOrdinary(ordinary, context);
  const line = context.directory.at(place);
  const month = line?.lastMonth ?? null;
  if (line === null || month === null || compiledOffer === null) {
    throw new Error(`Cannot take an ordinary call in: no line or month is at place '${place}'`);
  }
  if (mayChange) noteCrossing(month, compiledOffer, startedAt);
  const text = record?.toString('utf8', recordStart, recordEnd);
  const entry = shownEntry(ordinary, destinationOfPlan?.name, text);
  return { outcome: { line, entry }, mayChange };
}

function rateAndRemember(record: WrittenRecord, at: number, context: RatingContext): Outcome {
  const { outcome, rated } = rateAny(record, context, canonicalNdjson.decode);
  const place = calls.place[at]!;
  if (calls.isRead[at] === 1 && rated?.flags === 0) {
    context.directory.remember(place, rated.line, rated.startedAt, calls.device[at]!, calls.address[at]!);
  }
  return outcome;
}

function rateAny(
  { buffer, start, end }: WrittenRecord,
  context: RatingContext,
  decode: typeof decodeCanonicalJson,
): { readonly outcome: Outcome; readonly rated?: RatedCall } {
  const decoded = decode(buffer, start, end);
  if (decoded.kind !== 'call') return { outcome: { unrated: decoded.reason } };
  const rated = rateCall(decoded.cdr, context);
  if (typeof rated === 'string') return { outcome: { unrated: rated } };
  const { line, period, destination } = rated;
  judgeCall(enterMonth(line, period), rated, decoded.cdr, civilTime);
  const { high: identityHigh, low: identityLow } = identityOf(decoded.cdr);
  const { no, account, bucket } = line;
  const of = { billedPeriod: period, account, bucket, line: no, identityHigh, identityLow, revision: 0 };
  const offer = rated.offer === null ? null : rated.offer.no;
  const fields = { ...rated, ...of, offer, kind: 'usage' as const, coverageBefore: null };
  return { outcome: { line, entry: shownEntry(fields, destination.name, buffer.toString('utf8', start, end)) }, rated };
}

/** Fields that are shown as a text, or that the entry gets when it is posted. */
const UNSHOWN_FIELDS = [...WHEN_POSTED, 'record', 'recordStart', 'recordEnd'] as const;
type ShownFields = Omit<Entry, (typeof UNSHOWN_FIELDS)[number]>;
const SHOWN_FIELDS = Object.keys(newEntry()).filter((field) => !UNSHOWN_FIELDS.some((unshown) => unshown === field));

/** All that an entry says of its call, with names and texts in place of what the ledger numbers. */
export type ShownEntry = Readonly<Record<string, unknown>>;

function shownEntry(entry: ShownFields, destination?: string, record?: string): ShownEntry {
  const values = new Map(Object.entries(entry));
  return { ...Object.fromEntries(SHOWN_FIELDS.map((field) => [field, values.get(field)])), destination, record };
}

/** Makes a month the line's last one, as `RatingState.enterMonth` does where all months are in memory. */
function enterMonth(line: LineState, period: number): MonthState {
  if (line.lastMonth?.period === period) return line.lastMonth;
  const month = line.months.get(period) ?? emptyMonthState(line.factSpans, period, civilTime);
  line.months.set(period, month);
  line.lastMonth = month;
  return month;
}
