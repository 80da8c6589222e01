import type { Coverage, EntryKind } from '../rater/index.ts';
import type { FeedEntry } from '../ledger/index.ts';
import type { EntryNames } from './entry-names.ts';
import { type JsonBytes, piece } from './json-bytes.ts';

/** Most bytes of an event, beside its names, its reason and its record. */
export const FIXED_BYTES = 1_100;
/**
 * A longer record is left out: with it the message would be more than brokers take, and nothing after it would be
 * published.
 */
const LONGEST_RECORD_BYTES = 400_000;
/** Codes below stand for short codes as they are dialled; all others are E.164. */
const SHORT_CODES = 1_000_000;
const DASH = 0x2d;
const PLUS = 0x2b;

const RATED = piece('{"specversion":"1.0","type":"usage.rated","id":"');
const CORRECTED = piece('{"specversion":"1.0","type":"usage.corrected","id":"');
const SOURCE = piece('","source":"');
const AFTER_SOURCE = piece('",');
const BUCKET = piece(',"bucket":');
const POSITION = piece(',"position":');
const CALL = piece(',"call":"');
const REVISION = piece('","revision":');
const KIND: Readonly<Record<EntryKind, Uint8Array>> = {
  usage: piece(',"kind":"usage","period":'),
  rerate: piece(',"kind":"rerate","period":'),
  reversal: piece(',"kind":"reversal","period":'),
  reprice: piece(',"kind":"reprice","period":'),
};
const BILLED_PERIOD = piece(',"billedPeriod":');
const STARTED_AT = piece(',"startedAt":');
const DURATION = piece(',"durationMs":');
const CALLED = piece(',"called":"');
const DESTINATION = piece('","destination":');
const COVERAGE: Readonly<Record<Coverage, Uint8Array>> = {
  included: piece(',"coverage":"included","reason":"'),
  metered: piece(',"coverage":"metered","reason":"'),
  free: piece(',"coverage":"free","reason":"'),
};
const NO_COVERAGE = piece(',"coverage":null,"reason":"');
const BILLED_SECONDS = piece('","billedSeconds":');
const CHARGE = piece(',"charge":');
const METERED_PRICE = piece(',"meteredPrice":');
const COMMA = 0x2c;
const OFFER = piece(',"offer":');
const RECORD = piece(',"record":');
const NULL = piece('null');
const CORRECTS = piece(',"corrects":{"revision":');
const CORRECTED_COVERAGE: Readonly<Record<Coverage, Uint8Array>> = {
  included: piece(',"coverage":"included"}'),
  metered: piece(',"coverage":"metered"}'),
  free: piece(',"coverage":"free"}'),
};
const CORRECTED_NO_COVERAGE = piece(',"coverage":null}');
const END = piece('}}');

/**
 * Writes an entry as a CloudEvent: `usage.rated` with the record that was rated, or `usage.corrected` with what it
 * corrects. Its names were looked up last, and there must be room for it.
 *
 * @param source the ledger's life that the entry is of, as `EventSources` names it
 */
export function writeUsage(out: JsonBytes, entry: FeedEntry, names: EntryNames, source: Uint8Array): void {
  const isRating = entry.kind === 'usage';
  out.piece(isRating ? RATED : CORRECTED);
  out.whole(entry.bucket);
  out.byte(DASH);
  out.whole(entry.position);
  out.piece(SOURCE);
  out.piece(source);
  out.piece(AFTER_SOURCE);
  names.writeLine(out);
  out.piece(BUCKET);
  out.whole(entry.bucket);
  out.piece(POSITION);
  out.whole(entry.position);
  writeCall(out, entry);
  writeRating(out, entry, names);
  if (isRating) {
    out.piece(RECORD);
    if (isTooLong(entry)) out.piece(NULL);
    else out.raw(entry.bytes, entry.recordStart, entry.recordEnd);
  } else {
    out.piece(CORRECTS);
    out.whole(entry.revision - 1);
    out.piece(entry.coverageBefore === null ? CORRECTED_NO_COVERAGE : CORRECTED_COVERAGE[entry.coverageBefore]);
  }
  out.piece(END);
}

function isTooLong({ recordStart, recordEnd }: FeedEntry): boolean {
  return recordEnd - recordStart > LONGEST_RECORD_BYTES;
}

function writeCall(out: JsonBytes, entry: FeedEntry): void {
  out.piece(CALL);
  out.hex(entry.identityHigh, entry.identityLow);
  out.piece(REVISION);
  out.whole(entry.revision);
  out.piece(KIND[entry.kind]);
  out.period(entry.period);
  out.piece(BILLED_PERIOD);
  out.period(entry.billedPeriod);
  out.piece(STARTED_AT);
  out.instant(entry.startedAt);
  out.piece(DURATION);
  out.whole(entry.durationMs);
  out.piece(CALLED);
  if (entry.called >= SHORT_CODES) out.byte(PLUS);
  out.whole(entry.called);
}

function writeRating(out: JsonBytes, entry: FeedEntry, names: EntryNames): void {
  out.piece(DESTINATION);
  out.piece(names.destination);
  out.piece(entry.coverage === null ? NO_COVERAGE : COVERAGE[entry.coverage]);
  out.raw(entry.bytes, entry.reasonStart, entry.reasonEnd);
  out.piece(BILLED_SECONDS);
  out.whole(entry.billedSeconds);
  out.piece(CHARGE);
  out.money(entry.charge);
  out.piece(METERED_PRICE);
  out.money(entry.meteredPrice);
  out.byte(COMMA);
  out.piece(names.rateDeck);
  out.piece(OFFER);
  out.piece(names.offer);
}
