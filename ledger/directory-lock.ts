import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DatabaseError } from './database-error.ts';

const held = new Set<string>();

/**
 * Keeps a second process (or a second opening in this one) from a directory of database files, which two writers
 * would destroy: the file `‹directory›.lock` holds the owner's process id. What a killed process left behind is taken
 * over. Returns what gives the directory free. Throws `DatabaseError` `in-use`.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const file = `${resolve(directory)}.lock`;
  if (held.has(file)) throw inUse(directory, process.pid);
  held.add(file);
  try {
    while (!(await takeLock(file))) await clearStaleLock(directory, file);
  } catch (cause) {
    held.delete(file);
    throw cause;
  }
  return async () => {
    held.delete(file);
    await rm(file, { force: true });
  };
}

async function takeLock(file: string): Promise<boolean> {
  try {
    await writeFile(file, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (cause) {
    if (hasCode(cause, 'EEXIST')) return false;
    throw cause;
  }
}

/** Moves a dead process's lock out of the way: a rename has one winner, and shows what it moved. */
async function clearStaleLock(directory: string, file: string): Promise<void> {
  const owner = await ownerOf(file);
  if (owner === null) return;
  if (isAlive(owner)) throw inUse(directory, owner);
  const aside = `${file}.${process.pid}`;
  try {
    await rename(file, aside);
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return;
    throw cause;
  }
  const moved = await ownerOf(aside);
  if (moved !== null && moved !== owner) {
    // Someone was faster, and this is their lock: give it back.
    await rename(aside, file);
    throw inUse(directory, moved);
  }
  await rm(aside, { force: true });
}

async function ownerOf(file: string): Promise<number | null> {
  try {
    return Number.parseInt(await readFile(file, 'utf8'), 10);
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return null;
    throw cause;
  }
}

/** Our own id in a file that we do not hold is a leftover: in containers, ids are soon used again. */
function isAlive(pid: number): boolean {
  if (Number.isNaN(pid) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return hasCode(cause, 'EPERM');
  }
}

function hasCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && Reflect.get(cause, 'code') === code;
}

function inUse(directory: string, pid: number): DatabaseError {
  return new DatabaseError(`Cannot open the database in '${directory}': process ${pid} has it open`, {
    code: 'in-use',
  });
}
