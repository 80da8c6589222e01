import { Worker } from 'node:worker_threads';
import { DatabaseError } from '../database/database-error.ts';
import type { LockProof } from './directory-lock.ts';
import type { PgliteSession, TextRows } from './pglite-session.ts';
import type { ThreadAnswer, ThreadRequest, ToldError } from './pglite-thread.ts';

const THREAD = new URL('./pglite-thread.ts', import.meta.url);

/** A thread whose database was closed: to begin one costs more than to open a database. */
let idle: Worker | null = null;

/**
 * Opens the database of a folder, whose lock we have, in a thread of its own: PostgreSQL in WebAssembly runs a
 * statement in one go, and this thread must hear signals meanwhile.
 *
 * @param bufferMegabytes how much of the database is kept in memory; PostgreSQL's own 128 when left out
 */
export async function openThread(proof: LockProof, bufferMegabytes?: number): Promise<PgliteSession> {
  const thread = idle ?? new Worker(THREAD, { name: 'ledger', execArgv: [] });
  idle = null;
  const talk = new Talk(thread, proof.directory);
  try {
    await talk.ask({ kind: 'open', proof, bufferMegabytes });
  } catch (cause) {
    await thread.terminate();
    throw cause;
  }
  return sessionOver(thread, talk);
}

function sessionOver(thread: Worker, talk: Talk): PgliteSession {
  return {
    get isOver() {
      return talk.isOver;
    },
    query: (sql, params) => talk.ask<TextRows>({ kind: 'query', sql, params }),
    exec: (sql) => talk.ask({ kind: 'exec', sql }),
    commit: () => talk.ask({ kind: 'commit' }),
    copyIn(sql, bytes) {
      // The caller goes on using the bytes, and they may be a small part of a large buffer. `slice()` of a `Buffer`
      // would copy nothing.
      const own = new Uint8Array(bytes);
      return talk.ask({ kind: 'copy-in', sql, bytes: own }, [own.buffer]);
    },
    copyOut: (sql) => talk.ask<Uint8Array>({ kind: 'copy-out', sql }),
    async close() {
      try {
        if (!talk.isOver) await talk.ask({ kind: 'close' });
      } finally {
        const isOfUse = !talk.isOver && idle === null;
        talk.forgetThread();
        if (isOfUse) idle = thread;
        else await thread.terminate();
      }
    },
  };
}

const CLOSED = 'Cannot use the embedded database: it was closed';

interface Asked {
  resolve(value: unknown): void;
  reject(cause: unknown): void;
}

/** Requests to a thread and its answers; the process is kept for as long as one is waited for. */
class Talk {
  isOver = false;
  readonly #thread: Worker;
  readonly #onMessage = (answer: ThreadAnswer): void => this.#take(answer);
  readonly #onError: (cause: unknown) => void;
  readonly #asked = new Map<number, Asked>();
  #count = 0;
  #isForgotten = false;

  constructor(thread: Worker, directory: string) {
    this.#thread = thread;
    this.#onError = (cause) => this.#end(directory, cause);
    thread.on('message', this.#onMessage);
    thread.on('error', this.#onError);
    thread.on('exit', this.#onError);
  }

  /** Another talk may be had with it. */
  forgetThread(): void {
    this.#isForgotten = true;
    this.#thread.off('message', this.#onMessage);
    this.#thread.off('error', this.#onError);
    this.#thread.off('exit', this.#onError);
  }

  ask<T>(request: ThreadRequest, transfer: readonly ArrayBuffer[] = []): Promise<T> {
    if (this.#isForgotten) return Promise.reject(new DatabaseError(CLOSED, { code: 'unusable' }));
    this.#count += 1;
    const answer = this.#waitFor<T>(this.#count);
    this.#thread.postMessage({ no: this.#count, request }, [...transfer]);
    return answer;
  }

  #waitFor<T>(no: number): Promise<T> {
    this.#thread.ref();
    return new Promise((resolve, reject) => {
      // What it answers to is what was asked: the types of both stand side by side in `pglite-thread.ts`.
      this.#asked.set(no, { resolve: (value) => resolve(value as T), reject });
    });
  }

  #take(answer: ThreadAnswer): void {
    this.isOver ||= answer.isOver;
    const asked = this.#asked.get(answer.no);
    this.#asked.delete(answer.no);
    if (this.#asked.size === 0) this.#thread.unref();
    if (answer.kind === 'done') asked?.resolve(answer.value);
    else asked?.reject(errorOf(answer.error));
  }

  /** The thread is no more: what was asked of it gets no answer. */
  #end(directory: string, cause: unknown): void {
    this.isOver = true;
    const why = cause instanceof Error ? cause.message : 'its thread ended';
    const error = new DatabaseError(`Cannot go on with the database in '${directory}': ${why}`, {
      code: 'connection-lost',
      cause,
    });
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }
}

function errorOf(told: ToldError): unknown {
  if (!told.isDatabaseError) return Object.assign(new Error(told.message), { stack: told.stack });
  return Object.assign(new DatabaseError(told.message, told.fields), told.fields);
}
