import { type JsonBytes, WORD_BYTES, viewOf } from './json-bytes.ts';

/** Of the whole piece, and of the line's id at its end. */
const LENGTHS_BYTES = 4;
/** Nothing begins where the lengths of the first would. */
const UNKNOWN = 0;

/**
 * With what entries of lines begin, as JSON, all in one buffer: hundreds of thousands of small arrays would be walked
 * at every collection of garbage.
 */
export class LinePieces {
  #bytes = Buffer.alloc(65_536);
  #view = viewOf(this.#bytes);
  #end = WORD_BYTES;
  /** Where the piece of a line begins, by its number: its lengths, then the piece, up to a whole number of words. */
  #starts = new Uint32Array(1_024);
  #found = 0;

  /** Looks a line up, by the ledger's number; whether it is known. */
  find(no: number): boolean {
    if (no >= this.#starts.length) return false;
    const start = this.#starts[no]!;
    if (start === UNKNOWN) return false;
    this.#found = start;
    return true;
  }

  /** Of the line that was looked up last. */
  get length(): number {
    return this.#view.getUint16(this.#found, true);
  }

  /** Of the id of that line alone. */
  get lineLength(): number {
    return this.#view.getUint16(this.#found + 2, true);
  }

  write(out: JsonBytes): void {
    out.words(this.#view, this.#found + LENGTHS_BYTES, this.length);
  }

  /** The line's id alone. */
  writeLine(out: JsonBytes): void {
    const end = this.#found + LENGTHS_BYTES + this.length;
    out.raw(this.#bytes, end - this.lineLength, end);
  }

  /** @param json what ends with the id of the line, `lineJson` */
  add(no: number, json: string, lineJson: string): void {
    const bytes = Buffer.from(json, 'utf8');
    const next = this.#end + LENGTHS_BYTES + Math.ceil(bytes.length / WORD_BYTES) * WORD_BYTES;
    if (next > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes], next * 2);
      this.#view = viewOf(this.#bytes);
    }
    if (no >= this.#starts.length) {
      const more = new Uint32Array(2 * no);
      more.set(this.#starts);
      this.#starts = more;
    }
    this.#view.setUint16(this.#end, bytes.length, true);
    this.#view.setUint16(this.#end + 2, Buffer.byteLength(lineJson), true);
    this.#bytes.set(bytes, this.#end + LENGTHS_BYTES);
    this.#starts[no] = this.#end;
    this.#end = next;
  }
}
