import { type FileHandle, constants, open } from 'node:fs/promises';
import { CommandError } from './command-error.ts';
import { whyOf } from './system-fault.ts';

/** Whoever keeps it, and programs of his group, such as Prometheus. */
const MODE = 0o640;
const MOST_KEY_BYTES = 4_096;

/**
 * Keeps a key in a file, for a program that reads it there; `shown` is its name in messages. A key that the file holds
 * already stays if it still `serves`; else a new one takes its place. Says whether one was made. Throws a
 * `CommandError` when the file can't be written, before a key is made.
 */
export async function keepKey(
  { path, shown }: { readonly path: string; readonly shown: string },
  serves: (key: string) => Promise<boolean>,
  make: () => Promise<string>,
): Promise<boolean> {
  const file = await openOrExplain(path, shown);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_KEY_BYTES), 0, MOST_KEY_BYTES, 0);
    if (await serves(buffer.subarray(0, bytesRead).toString('utf8').trim())) return false;
    await file.chmod(MODE);
    const key = await make();
    await file.truncate(0);
    await file.write(`${key}\n`, 0);
    await file.sync();
    return true;
  } finally {
    await file.close();
  }
}

async function openOrExplain(path: string, shown: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDWR | constants.O_CREAT, MODE);
  } catch (cause) {
    throw new CommandError(`Cannot keep a key in '${shown}': ${whyOf(cause)}`);
  }
}
