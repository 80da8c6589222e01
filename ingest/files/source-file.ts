import type { Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { causeText, SourceError } from './source-error.ts';

const READ_BYTES = 1_048_576;

/** What became of a file while it was read: of what it holds beyond what was read, the next run takes care. */
export type ChangeWhileRead = 'none' | 'grew' | 'replaced' | 'gone';

/**
 * A file that is open, and stays the same file however often it is read: another one that gets its name meanwhile is
 * not mixed with it.
 */
export class SourceFile {
  readonly path: string;
  /** In bytes, when it was opened. */
  readonly size: number;
  readonly #handle: FileHandle;
  readonly #opened: Stats;

  private constructor(path: string, handle: FileHandle, opened: Stats) {
    this.path = path;
    this.size = opened.size;
    this.#handle = handle;
    this.#opened = opened;
  }

  /** Throws `SourceError` where there is none, or none that can be read twice: a folder, a pipe, a device, a socket. */
  static async open(path: string): Promise<SourceFile> {
    try {
      refuseOthers(path, await stat(path));
      const handle = await open(path, 'r');
      return new SourceFile(path, handle, await handle.stat());
    } catch (cause) {
      if (cause instanceof SourceError) throw cause;
      throw new SourceError('cannot-open', `Cannot open '${path}': ${causeText(cause)}`, { cause });
    }
  }

  /**
   * Its chunks from byte `from` to the end that it has by then. All lie in one buffer: a chunk holds until the next is
   * asked for. A new buffer for each was tried: memory outside the heap makes the garbage collector run, 1 µs a record
   * in a process with a large heap. Throws `SourceError` when the file is cut shorter than what was read of it.
   */
  async *chunks(from = 0): AsyncGenerator<Buffer> {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    for (let position = from; ;) {
      const bytesRead = await this.#read(buffer, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  /** What became of it, once its bytes up to `end` were read. */
  async changeAfter(end: number): Promise<ChangeWhileRead> {
    const now = await this.#handle.stat();
    const named = await stat(this.path).catch(() => null);
    if (named === null) return 'gone';
    if (named.ino !== this.#opened.ino || named.dev !== this.#opened.dev) return 'replaced';
    return now.size > end ? 'grew' : 'none';
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #read(buffer: Buffer, position: number): Promise<number> {
    try {
      const { bytesRead } = await this.#handle.read(buffer, 0, READ_BYTES, position);
      // Once a read, of a MiB: whoever cuts it and writes on may be past our position soon.
      const { size } = await this.#handle.stat();
      if (size >= position + bytesRead) return bytesRead;
      const problem = `Cannot go on with '${this.path}' at byte ${position}: it has only ${size}`;
      throw new SourceError('shorter-than-position', problem);
    } catch (cause) {
      if (cause instanceof SourceError) throw cause;
      throw new SourceError('cannot-read', `Cannot read '${this.path}': ${causeText(cause)}`, { cause });
    }
  }
}

/** Chunks of a file from byte `from` on, as `SourceFile` gives them. */
export async function* fileChunks(path: string, from = 0): AsyncGenerator<Buffer> {
  const file = await SourceFile.open(path);
  try {
    yield* file.chunks(from);
  } finally {
    await file.close();
  }
}

function refuseOthers(path: string, found: Stats): void {
  const kind = kindOf(found);
  if (kind === null) return;
  throw new SourceError('cannot-open', `Cannot read '${path}': it is ${kind}, not a file`);
}

/** What it is, unless it is a file. */
function kindOf(found: Stats): string | null {
  if (found.isFile()) return null;
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a pipe';
  if (found.isSocket()) return 'a socket';
  return 'a device';
}
