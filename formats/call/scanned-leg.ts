import { BYTES_AFTER } from '../canonical/bytes-after.ts';
import { ByteWriter, pieceOf } from './byte-writer.ts';
import type { LegFamily } from './leg.ts';

/** Longer records are read the plain way: no switch writes such a row of an ordinary call. */
export const MOST_SCANNED_BYTES = 4_096;
/** Room for all texts of a leg: no text of a record stands in more than three places. */
const TEXTS_BYTES = 8 * MOST_SCANNED_BYTES;

/**
 * A leg that was read from the bytes of its record, of a format that has such a fast way (`Format.scanLeg`): no object
 * is made of its fields. It is written over by the next.
 */
export class ScannedLeg {
  switchId = '';
  groupId = '';
  /** Family, switch, group, leg and evidence, one after the other, each after its length (`ByteWriter.endText`). */
  readonly texts = new ByteWriter(new Uint8Array(TEXTS_BYTES));
  /** The call that the leg is by itself, in canonical form. */
  readonly call = new ScannedCallBytes();
  /** Whether it is one by itself; else other legs must tell, and nothing was written to `call`. */
  isCall = false;

  /** Begins a leg of that family. */
  begin(family: Uint8Array, switchId: string, switchPiece: Uint8Array, groupId: string): void {
    this.switchId = switchId;
    this.groupId = groupId;
    const { texts } = this;
    texts.at = 0;
    const familyAt = texts.beginText();
    texts.piece(family);
    texts.endText(familyAt);
    const switchAt = texts.beginText();
    texts.piece(switchPiece);
    texts.endText(switchAt);
  }
}

/** The name of a family, as bytes. */
export function familyPiece(family: LegFamily): Uint8Array {
  return pieceOf(family);
}

/** Records are written one after the other into memory that they share. */
const ROOM_BYTES = 131_072;

/** Where a call in canonical form was written; what was written stays as it is. */
export class ScannedCallBytes {
  buffer: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  readonly #writer = new ByteWriter(this.buffer);

  /** A writer that has room for so many bytes; the call begins there. */
  begin(most: number): ByteWriter {
    const writer = this.#writer;
    if (this.end + most + BYTES_AFTER > this.buffer.length) {
      this.buffer = Buffer.allocUnsafeSlow(Math.max(ROOM_BYTES, most + BYTES_AFTER));
      writer.bytes = this.buffer;
      this.end = 0;
    }
    this.start = this.end;
    writer.at = this.start;
    return writer;
  }

  /** Ends the call where its writer stands. */
  finish(): void {
    this.end = this.#writer.at;
  }
}
