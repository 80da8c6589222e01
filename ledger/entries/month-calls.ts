import { CorrectedCalls } from './corrected-calls.ts';
import type { Identities, MonthCall } from './month-call.ts';
import type { PackedBlock } from '../stretches/packed-block.ts';
import { ACCOUNT, IDENTITY_HIGH, IDENTITY_LOW, PACKED_WORDS } from '../stretches/packed-call.ts';

/** Who is told of a month's calls. */
export interface MonthVisitor {
  /** Each billed call once, as its latest entry has it. */
  readonly visit: (call: MonthCall) => void;
  /** Each identity once, of reversed calls too, since a record that comes again must find them. */
  readonly visitIdentities: (identities: Identities) => void;
  /**
   * Where it is there, calls that are packed come to it instead of `visit`, block by block: whoever keeps them asks
   * for a line's when there is need of them.
   */
  readonly keep?: (bucket: number, block: PackedBlock) => void;
}

/** So many that what they ask of memory is on its way at once. */
const IDENTITIES_AT_ONCE = 128;

/** Tells a visitor of calls, whose corrections come first: each call as its latest entry has it. */
export class MonthCalls {
  readonly #visitor: MonthVisitor;
  readonly #corrected = new CorrectedCalls();
  readonly #identities: Identities = {
    count: 0,
    accounts: new Int32Array(IDENTITIES_AT_ONCE),
    highs: new Int32Array(IDENTITIES_AT_ONCE),
    lows: new Int32Array(IDENTITIES_AT_ONCE),
  };

  constructor(visitor: MonthVisitor) {
    this.#visitor = visitor;
  }

  /** Takes an entry that corrects another, before `usage` is told of that; one that came before says nothing new. */
  correction(call: MonthCall, revision: number, isReversed: boolean): void {
    this.#corrected.take(call, revision, isReversed);
  }

  /** Takes the first entry of a call. */
  usage(call: MonthCall): void {
    if (this.#corrected.has(call.account, call.identityHigh, call.identityLow)) return;
    this.#identity(call);
    this.#visitor.visit(call);
  }

  /** What is told of blocks of packed calls; `undefined` where each call is visited. */
  get keep(): MonthVisitor['keep'] {
    return this.#visitor.keep;
  }

  /**
   * Tells of the identities of packed entries, the first of a call each. Returns the numbers of those that were not
   * corrected, in the order given.
   *
   * @param ordered the numbers of all of them, in the order in which they are kept
   */
  packedUsages(words: Int32Array, ordered: Uint32Array): Uint32Array {
    const corrected = this.#corrected;
    if (corrected.size === 0) {
      // As they lie in memory: the order of lines is nothing to the filter.
      for (let entry = 0; entry < ordered.length; entry++) this.#packedIdentity(words, entry * PACKED_WORDS);
      return ordered;
    }
    const kept = ordered.filter((entry) => {
      const at = entry * PACKED_WORDS;
      return !corrected.has(words[at + ACCOUNT]!, words[at + IDENTITY_HIGH]!, words[at + IDENTITY_LOW]!);
    });
    for (const entry of kept) this.#packedIdentity(words, entry * PACKED_WORDS);
    return kept;
  }

  #packedIdentity(words: Int32Array, from: number): void {
    const identities = this.#identities;
    const at = identities.count++;
    identities.accounts[at] = words[from + ACCOUNT]!;
    identities.highs[at] = words[from + IDENTITY_HIGH]!;
    identities.lows[at] = words[from + IDENTITY_LOW]!;
    if (identities.count === IDENTITIES_AT_ONCE) this.#tellIdentities();
  }

  /** Tells of the calls that were corrected, once all entries are taken. */
  finish(): void {
    for (const { call, isReversed } of this.#corrected.values()) {
      this.#identity(call);
      if (!isReversed) this.#visitor.visit(call);
    }
    this.#tellIdentities();
  }

  #identity({ account, identityHigh, identityLow }: MonthCall): void {
    const identities = this.#identities;
    const at = identities.count++;
    identities.accounts[at] = account;
    identities.highs[at] = identityHigh;
    identities.lows[at] = identityLow;
    if (identities.count === IDENTITIES_AT_ONCE) this.#tellIdentities();
  }

  #tellIdentities(): void {
    this.#visitor.visitIdentities(this.#identities);
    this.#identities.count = 0;
  }
}
