import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A stream that was read to its end into a temporary file. */
export interface SpooledStream {
  readonly path: string;
  /** Known by its content alone: `stdin:` and its SHA-256. */
  readonly source: string;
  readonly bytes: number;
  /** Removes the temporary file. */
  close(): Promise<void>;
}

const STDIN_NAMES: ReadonlySet<string> = new Set(['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']);
/** Names that last no longer than the process that was given them, as `<(command)` makes them in a shell. */
const PASSING_NAME = /^\/(?:dev\/fd|proc)\//;

/** Whether a name on the command line means our stdin. */
export function isStdinName(name: string): boolean {
  return STDIN_NAMES.has(name);
}

/** Whether `path` can be read once only, from its start to its end, or is found by this name only now. */
export function isReadOnce(path: string): boolean {
  try {
    const found = statSync(path);
    return found.isFIFO() || (found.isFile() && PASSING_NAME.test(path));
  } catch {
    // Whoever opens it as a file says what is wrong.
    return false;
  }
}

/** Reads a pipe by its path, which waits for whoever writes to it; see `spoolStream`. */
export function spoolPath(path: string): Promise<SpooledStream> {
  return spoolStream(createReadStream(path));
}

/**
 * Writes a stream to a temporary file: it can't be read twice, and a run that is killed must find its place again when
 * the same stream comes once more. The file loses its name as soon as it is open, where the system lets us read it
 * nevertheless (Linux): then nothing of it outlives this process, however it ends.
 */
export async function spoolStream(stream: AsyncIterable<Uint8Array | string>): Promise<SpooledStream> {
  const folder = await mkdtemp(join(tmpdir(), 'fairtally-stdin-'));
  const named = join(folder, 'records');
  const file = await open(named, 'wx+', 0o600);
  const unnamed = `/proc/self/fd/${file.fd}`;
  const isReadable = existsSync(unnamed);
  const close = async (): Promise<void> => {
    await file.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    if (isReadable) await rm(folder, { recursive: true });
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of stream) {
      const piece = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      hash.update(piece);
      bytes += piece.length;
      await file.appendFile(piece);
    }
    return { path: isReadable ? unnamed : named, source: `stdin:${hash.digest('hex')}`, bytes, close };
  } catch (error) {
    await close();
    throw error;
  }
}
