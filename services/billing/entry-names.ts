import {
  type Database,
  type FeedEntry,
  type LineName,
  loadDestinationNames,
  loadLineNames,
  loadOfferVersions,
  loadRateDeckNames,
  type Queryable,
} from '../../ledger/index.ts';
import { type JsonBytes, piece } from './json-bytes.ts';

const NO_OFFER = piece('null');
const UNKNOWN = piece('');
/** Of the whole piece, and of the line's id at its end. */
const LENGTHS_BYTES = 4;

/**
 * What the numbers of entries stand for, as pieces of JSON. Numbers are given once and never change their meaning, so
 * what was asked for is kept; what is missing is noted, to be loaded between two visits of the entries.
 */
export class EntryNames {
  readonly #lines = new LinePieces();
  readonly #destinations = new Map<number, Uint8Array>();
  readonly #rateDecks = new Map<number, Uint8Array>();
  readonly #offers = new Map<number, Uint8Array>();
  readonly #missingLines = new Set<number>();
  #isMissingOther = false;
  /** Of the entry that was looked up last. */
  destination = UNKNOWN;
  /** `"currency":"EUR","rateDeck":"‹name›@‹version›"`. */
  rateDeck = UNKNOWN;
  /** Its version; `null` for none. */
  offer = NO_OFFER;

  /** Looks an entry's names up; whether all are known. */
  find(entry: FeedEntry): boolean {
    const hasLine = this.#lines.find(entry.line);
    const destination = this.#destinations.get(entry.destination);
    const rateDeck = this.#rateDecks.get(entry.rateDeck);
    const offer = entry.offer === null ? NO_OFFER : this.#offers.get(entry.offer);
    if (!hasLine) this.#missingLines.add(entry.line);
    if (destination === undefined || rateDeck === undefined || offer === undefined) this.#isMissingOther = true;
    else if (hasLine) {
      this.destination = destination;
      this.rateDeck = rateDeck;
      this.offer = offer;
      return true;
    }
    return false;
  }

  /** How long the names are that were looked up last, with the line's id twice, as events have it. */
  get bytes(): number {
    return (
      this.#lines.length + this.#lines.lineLength + this.destination.length + this.rateDeck.length + this.offer.length
    );
  }

  /** Writes `"‹line›"`. */
  writeLine(out: JsonBytes): void {
    this.#lines.writeLine(out);
  }

  /** Writes `{"account":"‹account›","line":"‹line›"`, with which an entry begins. */
  writeBeginning(out: JsonBytes): void {
    this.#lines.write(out);
  }

  /** Loads what was missing; whether anything was. */
  async loadMissing(q: Queryable): Promise<boolean> {
    const lines = [...this.#missingLines];
    if (lines.length === 0 && !this.#isMissingOther) return false;
    for (const [no, name] of await loadLineNames(q, lines))
      this.#lines.add(no, beginningJson(name), JSON.stringify(name.line));
    if (this.#isMissingOther) await this.#loadOthers(q);
    this.#missingLines.clear();
    this.#isMissingOther = false;
    return true;
  }

  async #loadOthers(q: Queryable): Promise<void> {
    for (const [no, name] of await loadDestinationNames(q)) this.#destinations.set(no, piece(JSON.stringify(name)));
    for (const [no, version] of await loadOfferVersions(q)) this.#offers.set(no, piece(JSON.stringify(version)));
    for (const [no, { currency, rateDeck }] of await loadRateDeckNames(q)) {
      const json = `"currency":${JSON.stringify(currency)},"rateDeck":${JSON.stringify(rateDeck)}`;
      this.#rateDecks.set(no, piece(json));
    }
  }
}

const namesByLedger = new WeakMap<Database, EntryNames>();

/**
 * The names of a ledger, which all who read its feed share: what is looked up, and written, is looked up and written
 * in one turn of the event loop.
 */
export function namesOf(db: Database): EntryNames {
  const known = namesByLedger.get(db) ?? new EntryNames();
  namesByLedger.set(db, known);
  return known;
}

function beginningJson({ line, account }: LineName): Uint8Array {
  return piece(`{"account":${JSON.stringify(account)},"line":${JSON.stringify(line)}`);
}

/**
 * Pieces of lines, all in one buffer: hundreds of thousands of small arrays would be walked at every collection of
 * garbage.
 */
class LinePieces {
  #bytes = Buffer.alloc(65_536);
  #end = 0;
  /** Where the piece of a line begins, by its number: its lengths, then the piece. */
  readonly #starts = new Map<number, number>();
  #found = 0;

  /** Looks a line up; whether it is known. */
  find(no: number): boolean {
    const start = this.#starts.get(no);
    if (start === undefined) return false;
    this.#found = start;
    return true;
  }

  /** Of the line that was looked up last. */
  get length(): number {
    return this.#bytes.readUInt16LE(this.#found);
  }

  /** Of the id of that line alone. */
  get lineLength(): number {
    return this.#bytes.readUInt16LE(this.#found + 2);
  }

  write(out: JsonBytes): void {
    const start = this.#found + LENGTHS_BYTES;
    out.raw(this.#bytes, start, start + this.length);
  }

  /** The line's id alone. */
  writeLine(out: JsonBytes): void {
    const end = this.#found + LENGTHS_BYTES + this.length;
    out.raw(this.#bytes, end - this.lineLength, end);
  }

  add(no: number, json: Uint8Array, lineJson: string): void {
    const next = this.#end + LENGTHS_BYTES + json.length;
    if (next > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], next * 2);
    this.#bytes.writeUInt16LE(json.length, this.#end);
    this.#bytes.writeUInt16LE(Buffer.byteLength(lineJson), this.#end + 2);
    this.#bytes.set(json, this.#end + LENGTHS_BYTES);
    this.#starts.set(no, this.#end);
    this.#end = next;
  }
}
