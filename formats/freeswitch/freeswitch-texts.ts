import { MAX_TEXT_LENGTH } from '../canonical/canonical-fields.ts';
import { areSameBytes, type ByteWriter, pieceOf } from '../call/byte-writer.ts';
import type { NestedJson } from '../reading/locate-nested-json.ts';

const [QUOTE, PERCENT, PLUS, COLON, LESS, BACKSLASH] = [0x22, 0x25, 0x2b, 0x3a, 0x3c, 0x5c];
const [SPACE, TILDE] = [0x20, 0x7e];

/** The texts of a document that was located, one after the other, out of their percent-encoding: by field. */
export class FreeSwitchTexts {
  /** Printable ASCII without quotes or backslashes. */
  readonly bytes: Buffer;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** How long all of them are together. */
  total = 0;
  readonly #json: NestedJson;
  readonly #encoded: readonly number[];
  readonly #plain: readonly number[];

  /**
   * @param encoded the fields whose values may be percent-encoded
   * @param plain those whose values never are
   * @param most how long all texts together may be
   */
  constructor(json: NestedJson, encoded: readonly number[], plain: readonly number[], most: number) {
    this.bytes = Buffer.alloc(most);
    this.starts = new Int32Array(json.starts.length);
    this.ends = new Int32Array(json.starts.length);
    this.#json = json;
    this.#encoded = encoded;
    this.#plain = plain;
  }

  /** Takes the texts of the document located last; `false` where one is too long, or decodes to no plain text. */
  take(from: Buffer, isEncoded: boolean): boolean {
    this.total = 0;
    for (const field of this.#encoded) if (!this.#copy(from, field, isEncoded)) return false;
    for (const field of this.#plain) if (!this.#copy(from, field, false)) return false;
    return true;
  }

  #copy(from: Buffer, field: number, isEncoded: boolean): boolean {
    const start = this.#json.starts[field]!;
    const end = this.#json.ends[field]!;
    const { bytes } = this;
    let at = this.total;
    if (end - start > MAX_TEXT_LENGTH || at + end - start > bytes.length) return false;
    this.starts[field] = at;
    for (let place = start; place < end; place++) {
      let code = from[place]!;
      if (isEncoded && code === PERCENT) {
        code = place + 2 < end ? HEX[from[place + 1]!]! * 16 + HEX[from[place + 2]!]! : -1;
        if (code < SPACE || code > TILDE || code === QUOTE || code === BACKSLASH) return false;
        place += 2;
      }
      bytes[at++] = code;
    }
    this.ends[field] = at;
    this.total = at;
    return true;
  }

  length(field: number): number {
    return this.ends[field]! - this.starts[field]!;
  }

  isEmpty(field: number): boolean {
    return this.ends[field] === this.starts[field];
  }

  text(field: number): string {
    return this.bytes.toString('latin1', this.starts[field], this.ends[field]);
  }

  is(field: number, piece: Uint8Array): boolean {
    return areSameBytes(this.bytes, this.starts[field]!, this.ends[field]!, piece, 0, piece.length);
  }

  begins(field: number, piece: Uint8Array): boolean {
    const start = this.starts[field]!;
    return (
      this.length(field) >= piece.length &&
      areSameBytes(this.bytes, start, start + piece.length, piece, 0, piece.length)
    );
  }

  /** The first of some fields that says something; -1 where none does. */
  firstOf(fields: readonly number[]): number {
    for (let at = 0; at < fields.length; at++) if (!this.isEmpty(fields[at]!)) return fields[at]!;
    return -1;
  }

  /** Whether it is a name or a number without any packing. */
  isBare(field: number): boolean {
    let at = this.starts[field]!;
    const end = this.ends[field]!;
    if (this.bytes[at] === PLUS) at++;
    if (at >= end) return false;
    for (; at < end; at++) if (IS_WORD[this.bytes[at]!] !== 1) return false;
    return true;
  }

  /** Whether it can be no address of SIP, in which a name is packed. */
  isPlainName(field: number): boolean {
    const end = this.ends[field]!;
    for (let at = this.starts[field]!; at < end; at++) {
      if (this.bytes[at] === LESS || this.bytes[at] === COLON) return false;
    }
    return true;
  }

  write(writer: ByteWriter, field: number): void {
    writer.copy(this.bytes, this.starts[field]!, this.ends[field]!);
  }

  /** Writes a field after its name; nothing where it says nothing, or for field -1. */
  writeNamed(writer: ByteWriter, name: Uint8Array, field: number): void {
    if (field < 0 || this.isEmpty(field)) return;
    writer.piece(name);
    this.write(writer, field);
    writer.piece(QUOTES);
  }

  writeOrNull(writer: ByteWriter, field: number): void {
    if (this.isEmpty(field)) writer.piece(NULL);
    else this.writeNamed(writer, QUOTES, field);
  }

  /** Writes a list of fields after its name; nothing where none says anything. */
  writeList(writer: ByteWriter, name: Uint8Array, fields: readonly number[]): void {
    if (this.firstOf(fields) < 0) return;
    writer.piece(name);
    for (let at = 0; at < fields.length; at++) {
      writer.piece(at === 0 ? QUOTES : COMMA_QUOTES);
      this.write(writer, fields[at]!);
      writer.piece(QUOTES);
    }
    writer.piece(BRACKET);
  }
}

const [QUOTES, COMMA_QUOTES, BRACKET, NULL] = [pieceOf('"'), pieceOf(',"'), pieceOf(']'), pieceOf('null')];
/** What a sign is as a digit of base 16; far below 0 where it is none. */
const HEX = Int32Array.from({ length: 256 }, (_, code) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase());
  return digit < 0 ? -10_000 : digit;
});
const IS_WORD = Uint8Array.from({ length: 256 }, (_, code) => (/\w/.test(String.fromCharCode(code)) ? 1 : 0));
