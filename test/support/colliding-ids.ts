import { type CallIdentity, identityHash } from '../../rater/index.ts';

/**
 * Makes call ids whose identities (switch, id, no leg) all have one hash: real collisions, as an attacker makes them.
 * From a state of the running hash, two strings of three words are sought that lead to one state: the third word is
 * solved so that the high lane comes out as wished, and chance makes the low lanes meet (a birthday over 32 bits).
 * From there the next two, and so on: `n` such pairs are 2^n ids. Some 0.3 s of one core a pair.
 */
export function collidingIds(count: number, switchId: string): string[] {
  let ids = [''];
  const pairs = Math.ceil(Math.log2(count));
  // The hash takes the length of the id first, so the length of all is fixed before the first word.
  let state = afterPart(START, switchId);
  state = { high: state.high ^ (pairs * PAIR_BYTES), low: state.low };
  for (let pair = 0; pair < pairs; pair++) {
    const found = meet(state);
    ids = ids.flatMap((id) => found.texts.map((text) => id + text));
    state = found.state;
  }
  return ids.slice(0, count);
}

/** The hash of an identity, as the ledger has it. */
export function hashOf(identity: CallIdentity): bigint {
  const out = new Int32Array(2);
  identityHash(identity, out);
  return (BigInt(out[0]!) << 32n) | BigInt(out[1]! >>> 0);
}

interface HashState {
  readonly high: number;
  readonly low: number;
}

const START: HashState = { high: 0x239b961b, low: 0x38b34ae5 };
const PAIR_BYTES = 12;
const [A, B, C] = [0x239b961b, 0xab0e9789 | 0, 0x38b34ae5];
const [A_INVERSE, B_INVERSE, FIVE_INVERSE] = [inverse(A), inverse(B), inverse(5)];
/** Of the high lane after each pair: any number does. */
const WISHED = 0x12345678;

/** One round of the hash (`absorb` in rater/call/identity.ts). */
function step({ high, low }: HashState, word: number): HashState {
  let h = high ^ Math.imul(rotate(Math.imul(word, A), 15), B);
  h = (Math.imul((rotate(h, 19) + low) | 0, 5) + 0x561ccd1b) | 0;
  let l = low ^ Math.imul(rotate(Math.imul(word, B), 16), C);
  l = (Math.imul((rotate(l, 17) + h) | 0, 5) + 0x0bcaa747) | 0;
  return { high: h, low: l };
}

/** A whole part of an identity, in ASCII. */
function afterPart(from: HashState, text: string): HashState {
  const bytes = Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(4 - (text.length % 4))]);
  let state: HashState = { high: from.high ^ text.length, low: from.low };
  for (let at = 0; at < bytes.length; at += 4) state = step(state, bytes.readInt32LE(at));
  return state;
}

/** Two texts of three words that lead from `from` to one state. */
function meet(from: HashState): { readonly texts: readonly [string, string]; readonly state: HashState } {
  const met = new Map<number, string>();
  for (let n = 0; ; n++) {
    const words = [letters(n), letters(Math.floor(n / 62 ** 4) + 12_345)];
    const before = step(step(from, words[0]!), words[1]!);
    const rotated = (Math.imul((WISHED - 0x561ccd1b) | 0, FIVE_INVERSE) - before.low) | 0;
    const mixed = rotate(rotated, 13) ^ before.high;
    const solved = Math.imul(rotate(Math.imul(mixed, B_INVERSE), 17), A_INVERSE);
    if (!isPlain(solved)) continue;
    const state = step(before, solved);
    const text = textOf([...words, solved]);
    const other = met.get(state.low);
    if (other !== undefined && other !== text) return { texts: [other, text], state };
    met.set(state.low, text);
  }
}

const ALPHABET = Buffer.from('0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ');

function letters(n: number): number {
  let word = 0;
  for (let at = 0, left = n; at < 4; at++, left = Math.floor(left / 62)) word |= ALPHABET[left % 62]! << (8 * at);
  return word;
}

/** Whether the four bytes of a word are printable ASCII that JSON writes as it is. */
function isPlain(word: number): boolean {
  for (let at = 0; at < 32; at += 8) {
    const byte = (word >>> at) & 255;
    if (byte < 0x21 || byte > 0x7e || byte === 0x22 || byte === 0x5c) return false;
  }
  return true;
}

function textOf(words: readonly number[]): string {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [index, word] of words.entries()) bytes.writeInt32LE(word, index * 4);
  return bytes.toString('latin1');
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** The number that makes 1 of an odd one, in 32 bits. */
function inverse(odd: number): number {
  let x = odd;
  for (let round = 0; round < 5; round++) x = Math.imul(x, 2 - Math.imul(odd, x));
  return x | 0;
}
