import { createHash } from 'node:crypto';
import type { Queryable } from '../../ledger/index.ts';
import { type KeyHolder, keyHolder } from './api-keys.ts';

const RECENT_MS = 2_000;
const MOST_HELD = 10_000;

/**
 * Who holds a key, as the ledger said it no longer than two seconds ago: for requests that are answered from memory,
 * and would wait for the database for nothing else. A key that is revoked opens them for so long still.
 */
export class RecentHolders {
  readonly #q: Queryable;
  /** By SHA-256 of the key. */
  readonly #held = new Map<string, { readonly holder: KeyHolder; readonly until: number }>();

  constructor(q: Queryable) {
    this.#q = q;
  }

  async find(key: string, now: number): Promise<KeyHolder | null> {
    const hash = createHash('sha256').update(key).digest('base64');
    const held = this.#held.get(hash);
    if (held !== undefined && now < held.until && now >= held.until - RECENT_MS) return held.holder;
    const holder = await keyHolder(this.#q, key, now);
    if (holder === null) this.#held.delete(hash);
    else {
      if (this.#held.size >= MOST_HELD) this.#held.clear();
      this.#held.set(hash, { holder, until: now + RECENT_MS });
    }
    return holder;
  }
}
