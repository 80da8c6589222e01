const QUARTER_HOUR_MS = 900_000;

/** How many calls of a delivery start in each quarter of an hour: no zone's month begins within one. */
export class CallStarts {
  readonly #counts = new Map<number, number>();
  /** The quarter of the last call, and how many in a row are of it. */
  #quarter = -1;
  #run = 0;

  /** Counts a call; `startedAt` in ms since the epoch. */
  note(startedAt: number): void {
    const quarter = Math.floor(startedAt / QUARTER_HOUR_MS);
    if (quarter !== this.#quarter) {
      this.#count();
      this.#quarter = quarter;
    }
    this.#run++;
  }

  clear(): void {
    this.#counts.clear();
    this.#run = 0;
  }

  /** Calls by the begin of the quarter that they start in, ms since the epoch. */
  get byQuarterHour(): ReadonlyMap<number, number> {
    this.#count();
    return this.#counts;
  }

  #count(): void {
    if (this.#run === 0) return;
    const begin = this.#quarter * QUARTER_HOUR_MS;
    this.#counts.set(begin, (this.#counts.get(begin) ?? 0) + this.#run);
    this.#run = 0;
  }
}
