import { createHash } from 'node:crypto';
import type { Queryable } from '../../ledger/index.ts';
import { type KeyHolder, keyHolder } from './api-keys.ts';

/** Who was told so long ago is asked for again, while whoever asks has his answer. */
const ASKED_AGAIN_MS = 1_000;
/** Nobody is let in by what the ledger said longer ago. */
const LONGEST_MS = 5_000;
const MOST_HELD = 10_000;

/** What the ledger said of a key, and when it was asked: ms since the epoch. */
interface Held {
  readonly holder: KeyHolder;
  readonly askedAt: number;
}

/**
 * Who holds a key, as the ledger said it a moment ago: for requests that are answered from memory, and would wait for
 * the database for nothing else. While somebody asks, the ledger is asked again each second and nobody waits for it: a
 * key that is revoked opens them for a second or two, and for five where the database is slow.
 */
export class RecentHolders {
  readonly #q: Queryable;
  /** By SHA-256 of the key. */
  readonly #held = new Map<string, Held>();
  /** Questions under way: all who ask of one key share one. */
  readonly #asked = new Map<string, Promise<KeyHolder | null>>();

  constructor(q: Queryable) {
    this.#q = q;
  }

  async find(key: string, now: number): Promise<KeyHolder | null> {
    const hash = createHash('sha256').update(key).digest('base64');
    const held = this.#held.get(hash);
    const age = held === undefined ? Infinity : now - held.askedAt;
    if (held === undefined || age < 0 || age >= LONGEST_MS) return this.#ask(key, hash, now);
    // Whoever comes once it is too old is told what went wrong, if it still does.
    if (age >= ASKED_AGAIN_MS) this.#ask(key, hash, now).catch(() => undefined);
    return held.holder;
  }

  #ask(key: string, hash: string, now: number): Promise<KeyHolder | null> {
    const underWay = this.#asked.get(hash);
    if (underWay !== undefined) return underWay;
    const asked = this.#askNow(key, hash, now).finally(() => this.#asked.delete(hash));
    this.#asked.set(hash, asked);
    return asked;
  }

  async #askNow(key: string, hash: string, now: number): Promise<KeyHolder | null> {
    const holder = await keyHolder(this.#q, key, now);
    if (holder === null) this.#held.delete(hash);
    else {
      if (this.#held.size >= MOST_HELD) this.#held.clear();
      this.#held.set(hash, { holder, askedAt: now });
    }
    return holder;
  }
}
