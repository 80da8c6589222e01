import { canonicalText, type CdrContent, type NoCallContent } from './canonical-text.ts';
import type { CallIdentity } from './cdr.ts';

/**
 * Order of identities: switch, call, leg, each compared by UTF-16 code units. Calls that start in the same
 * millisecond are taken in this order, so that no verdict hangs on which record arrived first.
 */
export function compareIdentity(a: CallIdentity, b: CallIdentity): number {
  return compareText(a.switchId, b.switchId) || compareText(a.callId, b.callId) || compareText(a.legId, b.legId);
}

/** Order of texts by UTF-16 code units: the same whatever the language of the machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A call's identity as one text that no other identity has: each part after its length in bytes. */
export function identityText({ switchId, callId, legId }: CallIdentity): string {
  return [switchId, callId, legId].map((part) => `${utf8Length(part)}:${part}`).join('');
}

function utf8Length(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // A surrogate is half of a character of four bytes.
    if (unit > 0x7f) length += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return length;
}

// The 64-bit state of the running hash. Module state instead of an object: this runs for every call.
let high = 0;
let low = 0;

/**
 * 64-bit hash of a call's identity, written to `out` as two signed halves [high, low]: two 32-bit lanes mixed like
 * MurmurHash3 x86-128 over the UTF-8 bytes of each part, four a round, with the length of each part mixed in, so that
 * no concatenation of parts is confused with another. It says where to look, not who it is: whoever wants to makes
 * calls that share one, and their text decides (docs/decisions/0021-calls-that-share-a-hash-have-numbers.md). Stored
 * in the ledger's unique index: never change it.
 */
export function identityHash({ switchId, callId, legId }: CallIdentity, out: Int32Array): void {
  begin();
  absorbText(switchId);
  absorbText(callId);
  absorbText(legId);
  finish(out);
}

const utf8 = new TextEncoder();
/** Room for the parts of nearly all identities: a UTF-16 unit takes three bytes at most. */
const room = new Uint8Array(3 * 512);
const roomView = new DataView(room.buffer);

function absorbText(part: string): void {
  if (part.length * 3 <= room.length) {
    absorb(roomView, 0, utf8.encodeInto(part, room).written);
    return;
  }
  const bytes = utf8.encode(part);
  absorb(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
}

/** `identityHash` of parts that lie in memory as UTF-8: switch, call and leg, each from a start to an end. */
export function identityHashOfBytes(
  view: DataView,
  switchStart: number,
  switchEnd: number,
  callStart: number,
  callEnd: number,
  legStart: number,
  legEnd: number,
  out: Int32Array,
): void {
  begin();
  absorb(view, switchStart, switchEnd);
  absorb(view, callStart, callEnd);
  absorb(view, legStart, legEnd);
  finish(out);
}

function begin(): void {
  high = 0x239b961b;
  low = 0x38b34ae5;
}

function absorb(view: DataView, start: number, end: number): void {
  let h = high ^ (end - start);
  let l = low;
  let at = start;
  // The last round takes the bytes that are left: three, or none.
  for (let isLast = false; !isLast; at += 4) {
    isLast = at + 4 > end;
    const word = isLast ? lastWord(view, at, end) : view.getInt32(at, true);
    let k = Math.imul(word, 0x239b961b);
    h ^= Math.imul((k << 15) | (k >>> 17), 0xab0e9789);
    h = (Math.imul(((h << 19) | (h >>> 13)) + l, 5) + 0x561ccd1b) | 0;
    k = Math.imul(word, 0xab0e9789);
    l ^= Math.imul((k << 16) | (k >>> 16), 0x38b34ae5);
    l = (Math.imul(((l << 17) | (l >>> 15)) + h, 5) + 0x0bcaa747) | 0;
  }
  high = h;
  low = l;
}

/** The bytes from `at` to `end`, at most three, as a word. */
function lastWord(view: DataView, at: number, end: number): number {
  let word = 0;
  for (let place = at; place < end; place++) word |= view.getUint8(place) << ((place - at) * 8);
  return word;
}

function finish(out: Int32Array): void {
  high = (high + low) | 0;
  low = avalanche((low + high) | 0);
  high = (avalanche(high) + low) | 0;
  out[0] = high;
  out[1] = (low + high) | 0;
}

/** MurmurHash3's finalizer: every input bit reaches every output bit. */
function avalanche(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * FNV-1a 64 over the UTF-8 bytes of the canonical text, as 16 hex digits: equal for records that say the same, whatever
 * their key order or white space. Decides between conflicting records; not for the hot path.
 */
export function contentHash(cdr: CdrContent | NoCallContent): string {
  return contentHashOfText(canonicalText(cdr));
}

/** `contentHash` of a record whose canonical text is at hand. */
export function contentHashOfText(text: string): string {
  high = 0xcbf29ce4;
  low = 0x84222325;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) ?? 0;
    if (point > 0xffff) i++;
    feedUtf8(point);
  }
  return (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0');
}

function feedUtf8(point: number): void {
  if (point < 0x80) return feedByte(point);
  if (point < 0x800) feedByte(0xc0 | (point >> 6));
  else if (point < 0x10000) feedByte(0xe0 | (point >> 12));
  else feedByte(0xf0 | (point >> 18));
  if (point >= 0x10000) feedByte(0x80 | ((point >> 12) & 63));
  if (point >= 0x800) feedByte(0x80 | ((point >> 6) & 63));
  feedByte(0x80 | (point & 63));
}

/** One FNV-1a step; the prime is 2^40 + 0x1b3, so the product is two shorter ones that stay exact in a double. */
function feedByte(byte: number): void {
  const mixed = (low ^ byte) >>> 0;
  const product = mixed * 0x1b3;
  high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x100000000) + (mixed << 8)) | 0;
  low = product | 0;
}
