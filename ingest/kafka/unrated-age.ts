/**
 * The beginning of messages that were fetched and are not in the ledger: the offset after them, and when the first
 * was written.
 */
interface Fetched {
  readonly to: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/**
 * How old the oldest record of a partition is that is not in the ledger: by the timestamp of its message, which its
 * producer or its broker gave it. Of messages that were not fetched yet no more is known than that they came after
 * what was taken in, and after the partition was last seen with nothing left. Instants are ms since the epoch.
 */
export class UnratedAge {
  #position = 0;
  #end = 0;
  /** In the order of the log. */
  #fetched: Fetched[] = [];
  /** No message that is not fetched yet is older. */
  #since: number;
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#since = now();
  }

  /**
   * Messages up to the offset `to` were fetched; they follow those fetched before, or begin anew before them. A clock
   * that is ahead of ours makes nothing younger than it is here.
   */
  fetched(to: number, firstAt: number, lastAt: number): void {
    const now = this.#now();
    this.#fetched = this.#fetched.filter((before) => before.to < to);
    this.#fetched.push({ to, firstAt: plausible(firstAt, now), lastAt: plausible(lastAt, now) });
    this.#end = Math.max(this.#end, to);
  }

  /** The ledger stands at `position`, the log ends at `end`. */
  at(position: number, end: number): void {
    this.#position = position;
    this.#end = end;
    const taken = this.#fetched.filter(({ to }) => to <= position);
    this.#fetched = this.#fetched.filter(({ to }) => to > position);
    this.#since = Math.max(this.#since, ...taken.map(({ lastAt }) => lastAt));
    if (position >= end) this.#since = this.#now();
  }

  /** In seconds; 0 while nothing waits. */
  seconds(): number {
    if (this.#position >= this.#end) return 0;
    return Math.max(0, this.#now() - (this.#fetched[0]?.firstAt ?? this.#since)) / 1000;
  }
}

/** Kafka has -1 where a producer gave none. */
function plausible(timestamp: number, now: number): number {
  return timestamp > 0 && timestamp < now ? timestamp : now;
}
