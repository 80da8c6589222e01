/*
 * A hash of 32 bits of the switch's id of a call: it says where an entry may be whose id is known, and the record's
 * text decides. Stored in `call_stretch`: never change it. 0 stands for an entry without a record.
 */

/** What a canonical record begins with, as we and most others write it. */
const BEGINNING = Buffer.from('{"v":1,"switch":"');
const BEGINNING_VIEW = viewOf(BEGINNING);
const BETWEEN = Buffer.from(',"call":"');
const BETWEEN_VIEW = viewOf(BETWEEN);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The hash of an id. */
export function callIdHash(callId: string): number {
  const bytes = Buffer.from(callId, 'utf8');
  return hashOfBytes(viewOf(bytes), 0, bytes.length);
}

/** The hash of the id of the call whose canonical record lies in `[start, end)`. */
export function callIdHashOfRecord(view: DataView, start: number, end: number): number {
  if (startsWith(view, start, end, BEGINNING_VIEW)) {
    const switchEnd = endOfPlainText(view, start + BEGINNING.length, end);
    if (switchEnd >= 0 && startsWith(view, switchEnd + 1, end, BETWEEN_VIEW)) {
      const callStart = switchEnd + 1 + BETWEEN.length;
      const callEnd = endOfPlainText(view, callStart, end);
      if (callEnd >= 0) return hashOfBytes(view, callStart, callEnd);
    }
  }
  const text = Buffer.from(view.buffer, view.byteOffset + start, end - start).toString('utf8');
  const { call }: { call?: unknown } = parsed(text);
  return typeof call === 'string' ? callIdHash(call) : 0;
}

/** What is no JSON has no call: entries hold records that were read, but a test may post any. */
function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return Object(value);
  } catch {
    return {};
  }
}

function startsWith(view: DataView, start: number, end: number, wanted: DataView): boolean {
  const { byteLength } = wanted;
  if (start + byteLength > end) return false;
  let at = 0;
  for (; at + 4 <= byteLength; at += 4) if (view.getInt32(start + at) !== wanted.getInt32(at)) return false;
  for (; at < byteLength; at++) if (view.getUint8(start + at) !== wanted.getUint8(at)) return false;
  return true;
}

/** Where the text ends that has no escape in it; -1 where it has one, or no end. */
function endOfPlainText(view: DataView, start: number, end: number): number {
  let at = start;
  // Four bytes at a time: the lowest of the marks is a true one.
  for (; at + 4 <= end; at += 4) {
    const word = view.getInt32(at, true);
    const quotes = word ^ 0x22222222;
    const backslashes = word ^ 0x5c5c5c5c;
    const marks = ((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes);
    if ((marks & 0x80808080) !== 0) break;
  }
  for (; at < end; at++) {
    const byte = view.getUint8(at);
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) return -1;
  }
  return -1;
}

/** Like MurmurHash3 x86-32, four bytes a round; never 0. */
function hashOfBytes(view: DataView, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) hash = mixed(hash, view.getInt32(at, true));
  let rest = 0;
  for (let place = at; place < end; place++) rest |= view.getUint8(place) << ((place - at) * 8);
  hash = mixed(hash, rest);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0 || 1;
}

function mixed(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
