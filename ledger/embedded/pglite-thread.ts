import { parentPort } from 'node:worker_threads';
import { DatabaseError } from '../database/database-error.ts';
import type { LockProof } from './directory-lock.ts';
import { openSession, type PgliteSession } from './pglite-session.ts';

/** What the thread is asked: first to open a database, and when that is closed perhaps another. */
export type ThreadRequest =
  | { readonly kind: 'open'; readonly proof: LockProof; readonly bufferMegabytes: number | undefined }
  | { readonly kind: 'query'; readonly sql: string; readonly params: readonly (string | null)[] }
  | { readonly kind: 'exec'; readonly sql: string }
  | { readonly kind: 'commit' }
  | { readonly kind: 'copy-in'; readonly sql: string; readonly bytes: Uint8Array }
  | { readonly kind: 'copy-out'; readonly sql: string }
  | { readonly kind: 'close' };

/** Its answer to the request with this number. */
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

const port = parentPort;
if (port === null) throw new Error('Cannot run: this is a thread of the embedded database');
let session: PgliteSession | null = null;

port.on('message', ({ no, request }: { readonly no: number; readonly request: ThreadRequest }) => {
  void answer(no, request).then((reply) => port.postMessage(reply, bytesIn(reply)));
});

async function answer(no: number, request: ThreadRequest): Promise<ThreadAnswer> {
  try {
    if (request.kind === 'open') session = await openSession(request);
    const value = request.kind === 'open' ? undefined : await carryOut(opened(), request);
    return { no, isOver: session?.isOver ?? true, kind: 'done', value };
  } catch (cause) {
    return { no, isOver: session?.isOver ?? true, kind: 'failed', error: toldError(cause) };
  }
}

function opened(): PgliteSession {
  if (session === null) throw new Error('Cannot run: the database is not open');
  return session;
}

function carryOut(on: PgliteSession, request: Exclude<ThreadRequest, { kind: 'open' }>): Promise<unknown> {
  switch (request.kind) {
    case 'query':
      return on.query(request.sql, request.params);
    case 'exec':
      return on.exec(request.sql);
    case 'commit':
      return on.commit();
    case 'copy-in':
      return on.copyIn(request.sql, request.bytes);
    case 'copy-out':
      return on.copyOut(request.sql);
    case 'close':
      return on.close();
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
