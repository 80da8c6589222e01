import type { Connection, PoolClient, Submittable } from 'pg';
import { CopyMessages } from './copy-messages.ts';

/** The server is read from no further while so much was not taken. */
const AHEAD_BYTES = 1 << 18;

/**
 * Carries out a `COPY … TO STDOUT`: its bytes, chunk by chunk, each the reader's to keep. Where he stops early, the
 * connection is free for something else once the server has sent the rest.
 */
export async function* copyFrom(client: PoolClient, sql: string): AsyncGenerator<Buffer, void, undefined> {
  const copy = new CopyOut(sql);
  client.query(copy);
  try {
    for (let chunk = await copy.next(); chunk !== null; chunk = await copy.next()) yield chunk;
  } finally {
    copy.letGo();
  }
}

type Listener = (chunk: Buffer) => void;

/** The names of the methods are those by which `pg` calls a query object. */
class CopyOut implements Submittable {
  readonly #sql: string;
  readonly #messages = new CopyMessages();
  readonly #chunks: Buffer[] = [];
  #aheadBytes = 0;
  #stream: Connection['stream'] | null = null;
  /** The driver's own, which hears nothing of the rows. */
  #drivers: readonly Listener[] = [];
  #isLetGo = false;
  #isOver = false;
  #failure: unknown;
  #wake: (() => void) | null = null;

  constructor(sql: string) {
    this.#sql = sql;
  }

  /** The next chunk; `null` once all came and the connection is ready for something else. Throws what went wrong. */
  async next(): Promise<Buffer | null> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#aheadBytes -= chunk.length;
        if (this.#stream?.isPaused() === true && this.#aheadBytes < AHEAD_BYTES) this.#stream.resume();
        return chunk;
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isOver) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Whatever comes from now on is dropped. */
  letGo(): void {
    this.#isLetGo = true;
    this.#chunks.length = 0;
    this.#aheadBytes = 0;
    if (this.#stream?.isPaused() === true) this.#stream.resume();
  }

  submit(connection: Connection): void {
    const { stream } = connection;
    this.#stream = stream;
    this.#drivers = stream.listeners('data') as Listener[];
    stream.on('data', this.#take);
    for (const driver of this.#drivers) stream.off('data', driver);
    connection.query(this.#sql);
  }

  readonly #take = (chunk: Buffer): void => {
    const stream = this.#stream;
    if (stream === null) return;
    let taken;
    try {
      taken = this.#messages.take(chunk);
    } catch (cause) {
      stream.destroy(new Error('Connection terminated: what came was not understood', { cause }));
      return;
    }
    const { rows, others } = taken;
    if (rows.length > 0 && !this.#isLetGo) {
      this.#chunks.push(rows);
      this.#aheadBytes += rows.length;
    }
    if (this.#messages.isOver) this.#giveBack(stream);
    else if (this.#aheadBytes >= AHEAD_BYTES) stream.pause();
    for (const other of others) for (const driver of this.#drivers) driver(other);
    this.#tell();
  };

  /** What comes from now on is the driver's again. */
  #giveBack(stream: Connection['stream']): void {
    this.#stream = null;
    for (const driver of this.#drivers) stream.on('data', driver);
    stream.off('data', this.#take);
  }

  #tell(): void {
    this.#wake?.();
    this.#wake = null;
  }

  handleError(cause: unknown): void {
    this.#failure ??= cause;
    this.#tell();
  }

  /** After an error too: what was settled first stands. */
  handleReadyForQuery(): void {
    this.#isOver = true;
    this.#tell();
  }

  handleCommandComplete(): void {}
}
