import { type ByteWriter, pieceOf } from '../call/byte-writer.ts';

const DAY_MS = 86_400_000;
/** The day of the instant before, which nearly all share: its number since the epoch, and its date with `T`. */
let lastDay = NaN;
let lastDate = pieceOf('');
const COLON = pieceOf(':');
const POINT = pieceOf('.');
const Z = pieceOf('Z');

/** Writes an instant, ms since the epoch, as the canonical form has it: `2026-11-03T10:15:00.250Z`. */
export function writeInstant(writer: ByteWriter, instant: number): void {
  const day = Math.floor(instant / DAY_MS);
  if (day !== lastDay) {
    lastDay = day;
    lastDate = pieceOf(new Date(instant).toISOString().slice(0, -13));
  }
  const ms = instant - day * DAY_MS;
  const seconds = (ms / 1000) | 0;
  const minutes = (seconds / 60) | 0;
  const hours = (minutes / 60) | 0;
  writer.piece(lastDate);
  writer.padded(hours, 2);
  writer.piece(COLON);
  writer.padded(minutes - hours * 60, 2);
  writer.piece(COLON);
  writer.padded(seconds - minutes * 60, 2);
  writer.piece(POINT);
  writer.padded(ms - seconds * 1000, 3);
  writer.piece(Z);
}
