import type { FastifyBaseLogger } from 'fastify';
import type { RatingEngine } from '../engine/index.ts';

/**
 * Has the engine settle what a post has touched, without the sender waiting for it: once at a time, however many posts
 * come. What it fails at, or what comes meanwhile, is settled within a second by who runs the server.
 */
export class CatchUpSoon {
  readonly #engine: Pick<RatingEngine, 'catchUp'>;
  readonly #log: FastifyBaseLogger;
  #running: Promise<void> | null = null;

  constructor(engine: Pick<RatingEngine, 'catchUp'>, log: FastifyBaseLogger) {
    this.#engine = engine;
    this.#log = log;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Settles when nothing is under way. */
  get idle(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  async #run(): Promise<void> {
    try {
      await this.#engine.catchUp();
    } catch (error) {
      this.#log.warn({ err: error }, 'what a post has touched is not settled yet: it is tried again');
    } finally {
      this.#running = null;
    }
  }
}
