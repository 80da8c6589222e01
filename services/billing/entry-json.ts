import { BUCKET_COUNT, type Coverage, type EntryKind } from '../../rater/index.ts';
import type { FeedEntry } from '../../ledger/index.ts';
import type { EntryNames } from './entry-names.ts';
import { DAY_MS, type JsonBytes, type Piece, dateJson, periodJson, piece } from './json-bytes.ts';

/** Most bytes of an entry in JSON, beside its names and its record. */
export const ENTRY_BYTES = 1_000;
/** A longer record is left out (`null`): with it a message would be more than brokers take. */
const LONGEST_RECORD_BYTES = 400_000;
/** Codes below stand for short codes as they are dialled; all others are E.164. */
const SHORT_CODES = 1_000_000;
const END = 0x7d;

const BEFORE_POSITION = Array.from({ length: BUCKET_COUNT }, (_, bucket) => piece(`,"bucket":${bucket},"position":`));
const CALL = piece(',"call":"');
const DURATION = piece(',"durationMs":');
const SHORT_CODE = piece(',"called":"');
const NUMBER = piece(',"called":"+');
const CHARGE = piece(',"charge":');
const METERED_PRICE = piece(',"meteredPrice":');
/** Of most calls. */
const NO_CHARGE = piece(',"charge":"0.000000","meteredPrice":');
const RECORD = piece(',"record":');
const NO_RECORD = piece(',"record":null');
const CORRECTS = piece(',"corrects":{"revision":');
const CORRECTED_COVERAGE: Readonly<Record<Coverage, Piece>> = {
  included: piece(',"coverage":"included"}'),
  metered: piece(',"coverage":"metered"}'),
  free: piece(',"coverage":"free"}'),
};
const CORRECTED_NO_COVERAGE = piece(',"coverage":null}');

/**
 * Writes an entry of the feed as a JSON object: with the record that was rated, or with what it corrects. Its names
 * were looked up last, and there must be room for it. What entries have in common is written in few pieces, each made
 * once: that takes half of what a piece for each field does.
 */
export function writeEntry(out: JsonBytes, entry: FeedEntry, names: EntryNames): void {
  names.writeBeginning(out);
  out.piece(BEFORE_POSITION[entry.bucket]!);
  out.whole(entry.position);
  out.piece(CALL);
  out.hex(entry.identityHigh, entry.identityLow);
  const day = Math.floor(entry.startedAt / DAY_MS);
  out.piece(beforeTime(entry, day));
  out.time(entry.startedAt - day * DAY_MS);
  out.piece(DURATION);
  out.whole(entry.durationMs);
  out.piece(entry.called < SHORT_CODES ? SHORT_CODE : NUMBER);
  out.whole(entry.called);
  out.piece(names.rating);
  out.whole(entry.billedSeconds);
  if (entry.charge === 0) out.piece(NO_CHARGE);
  else {
    out.piece(CHARGE);
    out.money(entry.charge);
    out.piece(METERED_PRICE);
  }
  out.money(entry.meteredPrice);
  out.piece(names.terms);
  if (entry.kind === 'usage') writeRecord(out, entry);
  else writeCorrected(out, entry);
  out.byte(END);
}

function writeRecord(out: JsonBytes, { bytes, recordStart, recordEnd }: FeedEntry): void {
  if (recordEnd - recordStart > LONGEST_RECORD_BYTES) out.piece(NO_RECORD);
  else {
    out.piece(RECORD);
    out.raw(bytes, recordStart, recordEnd);
  }
}

function writeCorrected(out: JsonBytes, { revision, coverageBefore }: FeedEntry): void {
  out.piece(CORRECTS);
  out.whole(revision - 1);
  out.piece(coverageBefore === null ? CORRECTED_NO_COVERAGE : CORRECTED_COVERAGE[coverageBefore]);
}

/** What stands between an entry's call and the time of its start. */
interface BeforeTime {
  readonly day: number;
  readonly revision: number;
  readonly kind: EntryKind;
  readonly period: number;
  readonly billedPeriod: number;
  readonly piece: Piece;
}

/** Of days, by their remainders: those of two months, among which entries go to and fro; first ratings and others. */
const KEPT_DAYS = 64;
const keptBeforeTime = Array.from<BeforeTime | undefined>({ length: 2 * KEPT_DAYS });

function beforeTime({ revision, kind, period, billedPeriod }: FeedEntry, day: number): Piece {
  const at = (day & (KEPT_DAYS - 1)) + (kind === 'usage' ? 0 : KEPT_DAYS);
  const kept = keptBeforeTime[at];
  if (
    kept !== undefined &&
    kept.day === day &&
    kept.revision === revision &&
    kept.kind === kind &&
    kept.period === period &&
    kept.billedPeriod === billedPeriod
  ) {
    return kept.piece;
  }
  const made = piece(
    `","revision":${revision},"kind":"${kind}","period":${periodJson(period)},` +
      `"billedPeriod":${periodJson(billedPeriod)},"startedAt":${dateJson(day)}`,
  );
  keptBeforeTime[at] = { day, revision, kind, period, billedPeriod, piece: made };
  return made;
}
