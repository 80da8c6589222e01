import type { Connection, PoolClient, Submittable } from 'pg';

/**
 * PostgreSQL takes a message of COPY whole into its memory before it reads any of it. In messages of this size it works
 * on the first while the others are on their way.
 */
const MESSAGE_BYTES = 1 << 16;
const COPY_DATA = 0x64;
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);

/**
 * Carries out a `COPY … FROM STDIN (FORMAT binary)` with `bytes`, which the caller may read meanwhile, and change once
 * it has settled.
 */
export function copyInto(client: PoolClient, sql: string, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(sql, bytes, { resolve, reject }));
  });
}

interface Outcome {
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * Statement, data and end go out in one write: no answer is waited for in between, which would come late while this
 * process rates the next batch. When the statement fails the server drops the data unread, as its protocol promises
 * ("COPY Operations"). The names of the methods are those by which `pg` calls a query object.
 */
class CopyIn implements Submittable {
  readonly #sql: string;
  readonly #bytes: Uint8Array;
  readonly #outcome: Outcome;

  constructor(sql: string, bytes: Uint8Array, outcome: Outcome) {
    this.#sql = sql;
    this.#bytes = bytes;
    this.#outcome = outcome;
  }

  submit(connection: Connection): void {
    const { stream } = connection;
    stream.cork();
    connection.query(this.#sql);
    for (let from = 0; from < this.#bytes.length; from += MESSAGE_BYTES) {
      const data = this.#bytes.subarray(from, from + MESSAGE_BYTES);
      stream.write(copyDataHeader(data.length));
      stream.write(data);
    }
    stream.write(COPY_DONE);
    stream.uncork();
  }

  handleError(cause: unknown): void {
    this.#outcome.reject(cause);
  }

  /** After an error too: what was settled first stands. */
  handleReadyForQuery(): void {
    this.#outcome.resolve();
  }

  handleCopyInResponse(): void {}

  handleCommandComplete(): void {}
}

function copyDataHeader(dataBytes: number): Buffer {
  const header = Buffer.allocUnsafe(5);
  header.writeUInt8(COPY_DATA, 0);
  header.writeUInt32BE(dataBytes + 4, 1);
  return header;
}
