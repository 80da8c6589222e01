import { CommandError } from './command-error.ts';
import { readWholeFile } from './read-whole-file.ts';
import { whyOf } from './system-fault.ts';

/** Decks of 2 million rows and tables of a million lines fit; text twice as long would be more than a string holds. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * A file's text, UTF-8, 256 MiB at most; `shown` is its name in messages. Throws a `CommandError` when it can't be
 * read.
 */
export async function readTextFile(path: string, shown: string): Promise<string> {
  try {
    const bytes = await readWholeFile(path, MOST_BYTES);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CommandError(`Cannot read '${shown}': ${whyOf(cause)}`);
  }
}
