import { ENTRY_BYTES, type EntryNames, type JsonBytes, type Piece, piece, writeEntry } from '../services/index.ts';
import type { FeedEntry } from '../ledger/index.ts';

/** Most bytes of an event, beside its names, its reason and its record. */
export const FIXED_BYTES = ENTRY_BYTES + 200;
const DASH = 0x2d;
const END = 0x7d;

const RATED = piece('{"specversion":"1.0","type":"usage.rated","id":"');
const CORRECTED = piece('{"specversion":"1.0","type":"usage.corrected","id":"');
const SOURCE = piece('","source":"');
const SUBJECT = piece('","subject":');
const DATA = piece(',"data":');

/**
 * Writes an entry as a CloudEvent: `usage.rated` with the record that was rated, or `usage.corrected` with what it
 * corrects. Its names were looked up last, and there must be room for it.
 *
 * @param source the ledger's life that the entry is of, as `EventSources` names it
 */
export function writeUsage(out: JsonBytes, entry: FeedEntry, names: EntryNames, source: Piece): void {
  out.piece(entry.kind === 'usage' ? RATED : CORRECTED);
  out.whole(entry.bucket);
  out.byte(DASH);
  out.whole(entry.position);
  out.piece(SOURCE);
  out.piece(source);
  out.piece(SUBJECT);
  names.writeLine(out);
  out.piece(DATA);
  writeEntry(out, entry, names);
  out.byte(END);
}
