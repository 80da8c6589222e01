/**
 * What came of asking the kernel: `held` gives the lock free again with `release`; `busy`, someone else holds it;
 * `unsupported`, this file system (or this build of Node.js) has no locks to give.
 */
export type KernelLock =
  { readonly kind: 'held'; release(): void } | { readonly kind: 'busy' } | { readonly kind: 'unsupported' };

/** Two who try at the same instant may each see the other: SQLite tries again for so long. */
const TRY_FOR_MS = 500;

/** SQLite's `SQLITE_BUSY`: the primary result code is the lowest byte. */
const BUSY = 5;

/**
 * Takes the kernel's lock on `file`, which is made when absent and stays empty. Node.js itself gives no such locks,
 * but the SQLite inside it takes them (`fcntl`): they end with the process that holds them, however it ends, and hold
 * across containers, whatever names they give to folders and processes.
 *
 * Nothing else in this process may open and close the file: the system would then drop the lock.
 */
export function takeKernelLock(file: string): KernelLock {
  const sqlite = process.getBuiltinModule('node:sqlite');
  // A build of Node.js may lack it.
  if (sqlite === undefined) return { kind: 'unsupported' };
  let connection;
  try {
    connection = new sqlite.DatabaseSync(file, { timeout: TRY_FOR_MS });
    // Nothing is ever written: no journal beside the file.
    connection.exec('pragma journal_mode = memory; begin exclusive');
  } catch (cause) {
    if (connection?.isOpen === true) connection.close();
    return { kind: isBusy(cause) ? 'busy' : 'unsupported' };
  }
  const held = connection;
  return { kind: 'held', release: () => held.close() };
}

function isBusy(cause: unknown): boolean {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'errcode') : undefined;
  return typeof code === 'number' && (code & 0xff) === BUSY;
}
