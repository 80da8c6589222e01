import type { StretchTally } from '../../ledger/index.ts';
import type { RecordBatch } from './record-reader.ts';

/**
 * What the bytes `[from, batch.nextPosition)` of a file hold: those of records, and those between records that no
 * record can begin with (line ends, blanks, an array's punctuation). An endless record's rest, which the reader threw
 * away, is the record's. What is neither is not explained.
 *
 * @param from where the batch before ended: bytes before it were counted with that one, though a last line without an
 * end may be read once more; 0 for a file's first, before whose records a header may stand
 */
export function tallyOfBatch(batch: RecordBatch, from: number): StretchTally {
  const { buffer, records, count, position, nextPosition } = batch;
  const start = Math.max(0, from - position);
  let taken = nextPosition - position - buffer.length;
  let empty = from === 0 ? position : 0;
  let at = start;
  for (let i = 0; i < count; i++) {
    const begin = Math.max(start, records[2 * i]!);
    const end = Math.max(start, records[2 * i + 1]!);
    empty += separatorsIn(buffer, at, begin);
    taken += end - begin;
    at = end;
  }
  return { taken, empty: empty + separatorsIn(buffer, at, buffer.length) };
}

function separatorsIn(buffer: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if (isSeparator(buffer[at]!)) count++;
  return count;
}

const LF = 10;
const CR = 13;
const TAB = 9;
const SPACE = 0x20;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

function isSeparator(byte: number): boolean {
  return (
    byte === LF ||
    byte === CR ||
    byte === SPACE ||
    byte === TAB ||
    byte === COMMA ||
    byte === OPEN_BRACKET ||
    byte === CLOSE_BRACKET
  );
}
