import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';

const CHUNK_BYTES = 1 << 20;

/** What a system error would be, of a file that is longer than anything that it may be: `whyOf` has the words. */
class TooLongError extends Error {
  override readonly name = 'TooLongError';
  readonly code = 'ERR_FS_FILE_TOO_LARGE';
}

/**
 * A file's bytes, `mostBytes` of them at most: what somebody names may be a device or a pipe that never ends. Throws
 * what the system says, or that it is too long (`whyOf`).
 */
export async function readWholeFile(path: string, mostBytes: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const chunks: Buffer[] = [];
    for (let length = 0; ;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES);
      if (bytesRead === 0) return Buffer.concat(chunks);
      length += bytesRead;
      if (length > mostBytes) throw new TooLongError();
      chunks.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** The same of a small file, at once. */
export function readSmallFile(path: string, mostBytes: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(mostBytes + 1);
    for (let length = 0; ;) {
      const bytesRead = readSync(file, buffer, { offset: length, position: null });
      length += bytesRead;
      if (length > mostBytes) throw new TooLongError();
      if (bytesRead === 0) return buffer.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}
