/** A server that was not heard of for so long is away. */
const SILENT_MS = 30_000;
/** What has failed again and again for so long does not mend itself. */
export const UNHEALTHY_AFTER_MS = 120_000;

/** The connection that every part of a worker needs. */
export const DATABASE = 'PostgreSQL';

/** A partition that is not read until somebody decides how to go on. */
export interface StoppedPartition {
  readonly topic: string;
  readonly partition: number;
  /** A code, as `position-before-log`. */
  readonly reason: string;
  readonly position: number;
  readonly logStart: number;
  readonly logEnd: number;
}

export interface HealthReport {
  readonly isHealthy: boolean;
  readonly reasons: readonly string[];
  /** They make a worker no less healthy: starting it again would not help, and the other partitions go on. */
  readonly stopped: readonly StoppedPartition[];
}

/** What fails and is tried again. */
interface Failing {
  /** Since when, in ms since the epoch. */
  readonly since: number;
  /** Why the last try failed, as a code. */
  readonly code: string;
}

/** What a worker knows of its own health; instants are ms since the epoch. */
export class WorkerHealth {
  readonly #heardAt: Map<string, number>;
  readonly #stopped = new Map<string, StoppedPartition>();
  readonly #failing = new Map<string, Failing>();
  readonly #unhealthyAfterMs: number;
  readonly #now: () => number;

  /**
   * @param connections names of what must be heard of, for people: `PostgreSQL`, …
   * @param unhealthyAfterMs how long something may fail again and again
   */
  constructor(
    connections: readonly string[],
    now: () => number = Date.now,
    unhealthyAfterMs: number = UNHEALTHY_AFTER_MS,
  ) {
    this.#heardAt = new Map(connections.map((connection) => [connection, -Infinity]));
    this.#now = now;
    this.#unhealthyAfterMs = unhealthyAfterMs;
  }

  /** The other end has answered. */
  heardOf(connection: string): void {
    this.#heardAt.set(connection, this.#now());
  }

  silentMs(connection: string): number {
    return this.#now() - (this.#heardAt.get(connection) ?? -Infinity);
  }

  /**
   * Something failed, and is tried again.
   *
   * @param what it is, for people: `take cdr/3 from 17 to 42`
   */
  fails(what: string, error: unknown): void {
    const since = this.#failing.get(what)?.since ?? this.#now();
    this.#failing.set(what, { since, code: codeOf(error) });
  }

  /** It has worked, or nobody wants it any more. */
  failsNoMore(what: string): void {
    this.#failing.delete(what);
  }

  stopped(partition: StoppedPartition): void {
    this.#stopped.set(`${partition.topic}/${partition.partition}`, partition);
  }

  goesOn(topic: string, partition: number): void {
    this.#stopped.delete(`${topic}/${partition}`);
  }

  report(): HealthReport {
    const silent = [...this.#heardAt.keys()].filter((connection) => this.silentMs(connection) > SILENT_MS);
    const failing = [...this.#failing].filter(([, { since }]) => this.#now() - since > this.#unhealthyAfterMs);
    return {
      isHealthy: silent.length === 0 && failing.length === 0,
      reasons: [
        ...silent.map((connection) => `${connection}: no answer for ${SILENT_MS / 1000} s`),
        ...failing.map(
          ([what, { since, code }]) =>
            `Cannot ${what}: it has failed for ${Math.floor((this.#now() - since) / 1000)} s, last by '${code}'`,
        ),
      ],
      stopped: [...this.#stopped.values()],
    };
  }
}

/** The code of an error, and never its message, which may quote a record; the error's kind where it has no code. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  for (const field of ['code', 'sqlState', 'type', 'name']) {
    const value: unknown = Reflect.get(error, field);
    if (typeof value === 'string' && /^[\w.-]{1,60}$/.test(value) && value !== 'other') return value;
  }
  return 'unknown';
}
