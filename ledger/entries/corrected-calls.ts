import type { MonthCall } from './month-call.ts';

/** A call as its latest entry has it, of those that were corrected. */
export interface CorrectedCall {
  readonly revision: number;
  readonly isReversed: boolean;
  readonly call: MonthCall;
}

const FIRST_BITS = 1 << 16;
/** So many bits for each call at least: of the others, fewer than one in sixteen is looked for by its text. */
const BITS_A_CALL = 16;

/** The corrected calls of a month, by account and identity. Nearly all that is asked for is none: a bit tells so. */
export class CorrectedCalls {
  readonly #calls = new Map<string, CorrectedCall>();
  /** By the last bits of identities: 1 where a call has them. A power of two of bits. */
  #bits = new Uint32Array(FIRST_BITS / 32);

  get size(): number {
    return this.#calls.size;
  }

  values(): Iterable<CorrectedCall> {
    return this.#calls.values();
  }

  /** Takes what an entry says that corrects another; one that comes after a later one says nothing new. */
  take(call: MonthCall, revision: number, isReversed: boolean): void {
    const { account, identityHigh, identityLow } = call;
    const key = keyOf(account, identityHigh, identityLow);
    const before = this.#calls.get(key);
    if (before !== undefined && before.revision > revision) return;
    this.#calls.set(key, { revision, isReversed, call: { ...call } });
    if (this.#calls.size * BITS_A_CALL > this.#bits.length * 32) this.#grow();
    this.#note(identityLow);
  }

  has(account: number, identityHigh: number, identityLow: number): boolean {
    const bits = this.#bits;
    const bit = identityLow & (bits.length * 32 - 1);
    if ((bits[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
    return this.#calls.has(keyOf(account, identityHigh, identityLow));
  }

  #note(identityLow: number): void {
    const bits = this.#bits;
    const bit = identityLow & (bits.length * 32 - 1);
    bits[bit >>> 5]! |= 1 << (bit & 31);
  }

  #grow(): void {
    this.#bits = new Uint32Array(this.#bits.length * 2);
    for (const { call } of this.#calls.values()) this.#note(call.identityLow);
  }
}

function keyOf(account: number, identityHigh: number, identityLow: number): string {
  return `${account}:${identityHigh}:${identityLow}`;
}
