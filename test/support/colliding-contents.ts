import { type CdrContent, canonicalText } from '../../rater/index.ts';

/**
 * What a byte of one text must be ahead of the other's, place by place, so that FNV-1a 64 comes out the same: the sum
 * of each times the prime to the power of the bytes from there on is 0 modulo 2^64. Found by reducing a lattice
 * (LLL).
 */
const AHEAD = [1, 8, -2, -4, -10, -6, 14, 2, 18, 13, -15, 17];
const PRIME_LOW_BYTE = 0xb3;
const OFFSET_LOW_BYTE = 0x25;

/** Two calling numbers with which a record has one hash of its content (`contentHash`), though it says two things. */
export function collidingCallers(content: CdrContent): readonly [string, string] {
  const place = '?'.repeat(AHEAD.length);
  const [before = ''] = canonicalText({ ...content, calling: place }).split(place);
  let low = OFFSET_LOW_BYTE;
  for (const byte of Buffer.from(before, 'utf8')) low = next(low, byte);
  const found = extend(low, low, 0);
  if (found === null) throw new Error('Cannot make two contents with one hash: no bytes fit');
  return found;
}

/** Only the lowest byte of the running hash says what the next byte adds to it. */
function next(low: number, byte: number): number {
  return Math.imul(low ^ byte, PRIME_LOW_BYTE) & 255;
}

function extend(a: number, b: number, at: number): readonly [string, string] | null {
  if (at === AHEAD.length) return ['', ''];
  for (let byte = 0x30; byte <= 0x7a; byte++) {
    const sum = b + ((a ^ byte) - a) + AHEAD[at]!;
    const other = sum ^ b;
    if (sum < 0 || sum > 255 || !isPlain(byte) || !isPlain(other)) continue;
    const rest = extend(next(a, byte), next(b, other), at + 1);
    if (rest !== null) return [String.fromCharCode(byte) + rest[0], String.fromCharCode(other) + rest[1]];
  }
  return null;
}

function isPlain(byte: number): boolean {
  return byte >= 0x23 && byte <= 0x7e && byte !== 0x5c;
}
