import type { StopReason } from './partition-standing.ts';

/** A server that was not heard of for so long is away. */
const SILENT_MS = 30_000;

/** The connection that every part of a worker needs. */
export const DATABASE = 'PostgreSQL';

/** A partition that is not read until somebody decides how to go on. */
export interface StoppedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly reason: StopReason;
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

/** What a worker knows of its own health; instants are ms since the epoch. */
export class WorkerHealth {
  readonly #heardAt: Map<string, number>;
  readonly #stopped = new Map<string, StoppedPartition>();
  readonly #now: () => number;

  /** @param connections names of what must be heard of, for people: `PostgreSQL`, … */
  constructor(connections: readonly string[], now: () => number = Date.now) {
    this.#heardAt = new Map(connections.map((connection) => [connection, -Infinity]));
    this.#now = now;
  }

  /** The other end has answered. */
  heardOf(connection: string): void {
    this.#heardAt.set(connection, this.#now());
  }

  silentMs(connection: string): number {
    return this.#now() - (this.#heardAt.get(connection) ?? -Infinity);
  }

  stopped(partition: StoppedPartition): void {
    this.#stopped.set(`${partition.topic}/${partition.partition}`, partition);
  }

  goesOn(topic: string, partition: number): void {
    this.#stopped.delete(`${topic}/${partition}`);
  }

  report(): HealthReport {
    const silent = [...this.#heardAt.keys()].filter((connection) => this.silentMs(connection) > SILENT_MS);
    return {
      isHealthy: silent.length === 0,
      reasons: silent.map((connection) => `${connection}: no answer for ${SILENT_MS / 1000} s`),
      stopped: [...this.#stopped.values()],
    };
  }
}
