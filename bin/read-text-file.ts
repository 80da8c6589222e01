import { readFile } from 'node:fs/promises';
import { CommandError } from './command-error.ts';
import { whyOf } from './system-fault.ts';

/** A file's text, UTF-8; `shown` is its name in messages. Throws a `CommandError` when it can't be read. */
export async function readTextFile(path: string, shown: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CommandError(`Cannot read '${shown}': ${whyOf(cause)}`);
  }
}
