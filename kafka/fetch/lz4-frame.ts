import { UnreadableError } from './unreadable-error.ts';

const FRAME_MAGIC = 0x184d2204;
/** Frames with any of sixteen magics from here on are to be skipped. */
const SKIPPABLE_MAGIC = 0x184d2a50;
/** A match reaches back so far at most: the format has 16 bits for it. */
const HISTORY_BYTES = 65_536;
const UNCOMPRESSED = 0x8000_0000;
const LEAST_MATCH = 4;

/**
 * Decompresses LZ4 frames, in a row, one block at a time: a block has 4 MiB at most, so whatever the frame claims,
 * no more is held. Checksums are passed over: Kafka's batch has its own. Throws `UnreadableError` where the data is
 * none.
 */
export function* lz4Chunks(bytes: Buffer): Generator<Buffer> {
  let at = 0;
  do {
    need(bytes, at, 8);
    const magic = bytes.readUInt32LE(at);
    if ((magic & 0xffff_fff0) >>> 0 === SKIPPABLE_MAGIC) {
      at += 8 + bytes.readUInt32LE(at + 4);
      continue;
    }
    if (magic !== FRAME_MAGIC) throw new UnreadableError('lz4: no frame begins where one must');
    at = yield* frameChunks(bytes, at + 4);
  } while (at < bytes.length);
}

function* frameChunks(bytes: Buffer, from: number): Generator<Buffer, number> {
  need(bytes, from, 3);
  const flags = bytes[from]!;
  const sizeCode = (bytes[from + 1]! >> 4) & 7;
  if (flags >> 6 !== 1 || sizeCode < 4) throw new UnreadableError('lz4: a frame of no version that is known');
  if ((flags & 1) !== 0) throw new UnreadableError('lz4: a frame that needs a dictionary');
  const areLinked = (flags & 0x20) === 0;
  const checksumBytes = (flags & 0x10) === 0 ? 0 : 4;
  // A block comes to 255 times its length at most: small batches need little room.
  const blockBytes = Math.min(1 << (2 * sizeCode + 8), 255 * bytes.length);
  const work = Buffer.allocUnsafeSlow(HISTORY_BYTES + blockBytes);
  let history = 0;
  // Flags, block size, and a checksum of the two; the size of the content comes in between.
  let at = from + 3 + ((flags & 8) === 0 ? 0 : 8);
  for (;;) {
    need(bytes, at, 4);
    const word = bytes.readUInt32LE(at);
    at += 4;
    if (word === 0) return at + ((flags & 4) === 0 ? 0 : 4);
    const isPlain = word >= UNCOMPRESSED;
    const length = isPlain ? word - UNCOMPRESSED : word;
    if (length > blockBytes) throw new UnreadableError('lz4: a block is longer than its frame allows');
    need(bytes, at, length);
    const end = isPlain
      ? history + bytes.copy(work, history, at, at + length)
      : decodeBlock(bytes, at, at + length, work, history, history + blockBytes);
    if (end > history) yield Buffer.from(work.subarray(history, end));
    at += length + checksumBytes;
    if (areLinked) {
      const kept = Math.min(HISTORY_BYTES, end);
      work.copyWithin(0, end - kept, end);
      history = kept;
    }
  }
}

/** Decodes a block to `out` from `start` on, where its history ends, up to `most`; answers where it ended. */
function decodeBlock(bytes: Buffer, from: number, to: number, out: Buffer, start: number, most: number): number {
  let at = from;
  let written = start;
  while (at < to) {
    const token = bytes[at++]!;
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255 && at < to) literals += more = bytes[at++]!;
    }
    if (at + literals > to || written + literals > most) throw brokenBlock();
    copyBytes(bytes, at, out, written, literals);
    at += literals;
    written += literals;
    if (at === to) return written;
    if (at + 2 > to) throw brokenBlock();
    const distance = bytes[at]! | (bytes[at + 1]! << 8);
    at += 2;
    let length = token & 15;
    if (length === 15) {
      let more = 255;
      while (more === 255 && at < to) length += more = bytes[at++]!;
    }
    length += LEAST_MATCH;
    if (distance === 0 || distance > written || written + length > most) throw brokenBlock();
    copyMatch(out, written, distance, length);
    written += length;
  }
  return written;
}

/** Shorter copies are made byte by byte: calling into the runtime costs more. */
const LONG_COPY_BYTES = 48;

export function copyBytes(from: Buffer, at: number, to: Buffer, start: number, length: number): void {
  if (length > LONG_COPY_BYTES) from.copy(to, start, at, at + length);
  else for (let index = 0; index < length; index++) to[start + index] = from[at + index]!;
}

/** Repeats what stands `distance` before `start`; the two may overlap, and then the pattern repeats itself. */
export function copyMatch(out: Buffer, start: number, distance: number, length: number): void {
  if (length <= LONG_COPY_BYTES) {
    for (let at = start; at < start + length; at++) out[at] = out[at - distance]!;
    return;
  }
  const end = start + length;
  // Each copy doubles what there is of the pattern.
  for (let at = start, ready = distance; at < end; ready = at - start + distance) {
    const part = Math.min(ready, end - at);
    out.copyWithin(at, start - distance, start - distance + part);
    at += part;
  }
}

function need(bytes: Buffer, at: number, length: number): void {
  if (at + length > bytes.length) throw new UnreadableError('lz4: the data is cut off');
}

function brokenBlock(): UnreadableError {
  return new UnreadableError('lz4: a block is damaged');
}
