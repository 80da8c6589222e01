import type { SeenCalls } from '../../rater/index.ts';
import { halvesOf, identityKey } from '../settling/identity-halves.ts';

/** The hashes of `watched_hash` that memory took in: no call that has one is taken for a new one. */
export class WatchedIdentities {
  readonly #taken = new Set<string>();

  /**
   * Puts hashes among the calls that were seen. Returns those that were seen before, by `identityKey`: a batch under
   * way may have them as new.
   */
  take(
    hashes: readonly bigint[],
    { seen, unposted }: { readonly seen: SeenCalls; readonly unposted: Set<string> },
  ): string[] {
    const known: string[] = [];
    for (const hash of hashes) {
      const { high, low } = halvesOf(hash);
      const key = identityKey(high, low);
      if (this.#taken.has(key)) continue;
      this.#taken.add(key);
      unposted.delete(key);
      if (seen.has(high, low)) known.push(key);
      seen.add(high, low, 0);
    }
    return known;
  }
}
