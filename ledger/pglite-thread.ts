import { parentPort, workerData } from 'node:worker_threads';
import { DatabaseError } from './database-error.ts';
import type { LockProof } from './directory-lock.ts';
import { openSession, type PgliteSession } from './pglite-session.ts';

/** What the thread is asked; `close` ends it. */
export type ThreadRequest =
  | { readonly kind: 'query'; readonly sql: string; readonly params: readonly (string | null)[] }
  | { readonly kind: 'exec'; readonly sql: string }
  | { readonly kind: 'commit' }
  | { readonly kind: 'copy-in'; readonly sql: string; readonly bytes: Uint8Array }
  | { readonly kind: 'copy-out'; readonly sql: string }
  | { readonly kind: 'close' };

/** Its answer to the request with this number; number 0, which nobody asks, says that the database is open. */
export type ThreadAnswer = {
  readonly no: number;
  /** The database broke down: it answers nothing any more. */
  readonly isOver: boolean;
} & ({ readonly kind: 'done'; readonly value: unknown } | { readonly kind: 'failed'; readonly error: ToldError });

/** An error as it goes from thread to thread, which keeps of a class only that it is an `Error`. */
export type ToldError =
  | { readonly isDatabaseError: true; readonly message: string; readonly fields: DatabaseErrorFields }
  | { readonly isDatabaseError: false; readonly message: string; readonly stack: string };

/** All that it says beside its message. */
type DatabaseErrorFields = ConstructorParameters<typeof DatabaseError>[1];

export interface ThreadData {
  readonly proof: LockProof;
}

const { proof }: ThreadData = workerData;
const port = parentPort;
if (port === null) throw new Error('Cannot run: this is a thread of the embedded database');

try {
  const session = await openSession({ proof });
  port.postMessage({ no: 0, isOver: false, kind: 'done', value: undefined } satisfies ThreadAnswer);
  port.on('message', ({ no, request }: { readonly no: number; readonly request: ThreadRequest }) => {
    void answer(session, no, request).then((reply) => port.postMessage(reply, bytesIn(reply)));
  });
} catch (cause) {
  port.postMessage({ no: 0, isOver: true, kind: 'failed', error: toldError(cause) } satisfies ThreadAnswer);
}

async function answer(session: PgliteSession, no: number, request: ThreadRequest): Promise<ThreadAnswer> {
  try {
    const value = await carryOut(session, request);
    return { no, isOver: session.isOver, kind: 'done', value };
  } catch (cause) {
    return { no, isOver: session.isOver, kind: 'failed', error: toldError(cause) };
  }
}

function carryOut(session: PgliteSession, request: ThreadRequest): Promise<unknown> {
  switch (request.kind) {
    case 'query':
      return session.query(request.sql, request.params);
    case 'exec':
      return session.exec(request.sql);
    case 'commit':
      return session.commit();
    case 'copy-in':
      return session.copyIn(request.sql, request.bytes);
    case 'copy-out':
      return session.copyOut(request.sql);
    case 'close':
      return session.close();
    default:
      return request satisfies never;
  }
}

function toldError(cause: unknown): ToldError {
  if (!(cause instanceof Error)) return { isDatabaseError: false, message: String(cause), stack: '' };
  if (!(cause instanceof DatabaseError)) {
    return { isDatabaseError: false, message: cause.message, stack: cause.stack ?? '' };
  }
  const { code, message } = cause;
  return { isDatabaseError: true, message, fields: { ...cause, code } };
}

/** Bytes are handed over rather than copied. */
function bytesIn(reply: ThreadAnswer): ArrayBuffer[] {
  const value = reply.kind === 'done' ? reply.value : null;
  return value instanceof Uint8Array && value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
}
