import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The parts of `global/pg_control` that count end within its first sector, so that a disk writes them at once. */
const SECTOR_BYTES = 512;
/** In the header that each file of the log begins with, after its place in the log. */
const LOG_ID_AT = 24;
const LOG_FILE = /^[0-9A-F]{24}$/;

/**
 * Gives the cluster in `directory`, which was shut down in order, another identifier, as a cluster that was made anew
 * has: it is kept in its control file, and in each file of its log. Throws where the control file is not as
 * PostgreSQL writes it.
 */
export async function giveClusterId(directory: string, id: bigint): Promise<void> {
  const path = join(directory, 'global', 'pg_control');
  const control = await readFile(path);
  const checkedBytes = checkedLength(control);
  control.writeBigUInt64LE(id, 0);
  control.writeUInt32LE(crc32c(control.subarray(0, checkedBytes)), checkedBytes);
  await writeFile(path, control);
  const log = join(directory, 'pg_wal');
  for (const name of (await readdir(log)).filter((file) => LOG_FILE.test(file))) {
    const file = await open(join(log, name), 'r+');
    try {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(id);
      await file.write(bytes, 0, 8, LOG_ID_AT);
    } finally {
      await file.close();
    }
  }
}

/** How many bytes the check sum covers: it stands after them, wherever this version of PostgreSQL has it. */
function checkedLength(control: Buffer): number {
  for (let length = 16; length <= SECTOR_BYTES - 4; length += 4) {
    if (crc32c(control.subarray(0, length)) === control.readUInt32LE(length)) return length;
  }
  throw new Error(`Cannot change the cluster's identifier: its control file has no check sum that is right`);
}

/** CRC-32C (Castagnoli), as PostgreSQL takes it. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
