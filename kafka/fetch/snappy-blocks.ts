import { copyBytes, copyMatch } from './lz4-frame.ts';
import { UnreadableError } from './unreadable-error.ts';

/** The frame that Java's snappy puts around blocks, each with its length; other clients send one block without it. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
/** Magic, then the versions of the writer and of the oldest reader, four bytes each. */
const XERIAL_HEADER_BYTES = 16;

/** A block up to this size is decompressed at once; of a larger one so much at a time. */
const CHUNK_BYTES = 1_048_576;
/** Writers of snappy never reach back further: they compress 64 KiB at a time. */
const HISTORY_BYTES = 65_536;

/**
 * Decompresses snappy, as Java's clients frame it or in one bare block, about 1 MiB at a time whatever a block
 * claims. Throws `UnreadableError` where the data is none.
 */
export function* snappyChunks(bytes: Buffer): Generator<Buffer> {
  if (!isXerialHeader(bytes, 0)) {
    yield* blockChunks(bytes);
    return;
  }
  for (let at = 0; at < bytes.length;) {
    if (isXerialHeader(bytes, at)) {
      at += XERIAL_HEADER_BYTES;
      continue;
    }
    const end = at + 4 <= bytes.length ? at + 4 + bytes.readUInt32BE(at) : Infinity;
    if (end > bytes.length) throw new UnreadableError('snappy: the data is cut off');
    yield* blockChunks(bytes.subarray(at + 4, end));
    at = end;
  }
}

function isXerialHeader(bytes: Buffer, at: number): boolean {
  if (bytes[at] !== XERIAL_MAGIC[0] || at + XERIAL_HEADER_BYTES > bytes.length) return false;
  return bytes.compare(XERIAL_MAGIC, 0, XERIAL_MAGIC.length, at, at + XERIAL_MAGIC.length) === 0;
}

function* blockChunks(bytes: Buffer): Generator<Buffer> {
  const { length, start } = claimedLength(bytes);
  const isWhole = length <= CHUNK_BYTES;
  const out = Buffer.allocUnsafeSlow(isWhole ? length : HISTORY_BYTES + CHUNK_BYTES);
  // Where in `out` the next byte goes, and where what was not handed on yet begins.
  let at = 0;
  let ready = 0;
  let left = length;
  for (let from = start; from < bytes.length;) {
    const element = readElement(bytes, from);
    from = element.next;
    if (element.length > left) throw new UnreadableError('snappy: a block holds more than it claims');
    left -= element.length;
    for (let done = 0; done < element.length;) {
      if (at === out.length) {
        yield Buffer.from(out.subarray(ready, at));
        out.copyWithin(0, at - HISTORY_BYTES, at);
        at = HISTORY_BYTES;
        ready = HISTORY_BYTES;
      }
      const part = Math.min(element.length - done, out.length - at);
      if (element.distance === 0) copyBytes(bytes, element.literal + done, out, at, part);
      else if (element.distance > at) throw new UnreadableError('snappy: a block is damaged');
      else copyMatch(out, at, element.distance, part);
      at += part;
      done += part;
    }
  }
  if (left > 0) throw new UnreadableError('snappy: a block holds less than it claims');
  if (at > ready) yield isWhole ? out : Buffer.from(out.subarray(ready, at));
}

function claimedLength(bytes: Buffer): { readonly length: number; readonly start: number } {
  let length = 0;
  for (let at = 0; at < Math.min(5, bytes.length); at++) {
    const byte = bytes[at]!;
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { length, start: at + 1 };
  }
  throw new UnreadableError('snappy: a block does not say how long it is');
}

/** What `readElement` read last: one object for all. */
const element = { length: 0, distance: 0, literal: 0, next: 0 };

/** The element at `at`: literal bytes, whose distance is 0, or what stands so far before. */
function readElement(bytes: Buffer, at: number): typeof element {
  const tag = bytes[at]!;
  const kind = tag & 3;
  const size = kind === 0 ? Math.max(0, (tag >> 2) - 59) : [0, 1, 2, 4][kind]!;
  if (at + 1 + size > bytes.length) throw new UnreadableError('snappy: the data is cut off');
  const number = size === 0 ? 0 : bytes.readUIntLE(at + 1, size);
  if (kind === 0) {
    element.length = (size === 0 ? tag >> 2 : number) + 1;
    element.distance = 0;
    element.literal = at + 1 + size;
    element.next = element.literal + element.length;
    if (element.next > bytes.length) throw new UnreadableError('snappy: the data is cut off');
    return element;
  }
  element.length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
  element.distance = kind === 1 ? ((tag >> 5) << 8) | number : number;
  element.next = at + 1 + size;
  if (element.distance === 0) throw new UnreadableError('snappy: a block is damaged');
  return element;
}
