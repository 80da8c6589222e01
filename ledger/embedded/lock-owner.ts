import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './process-identity.ts';

/**
 * Who has a folder, as the files of its lock say, for those who can't ask the owner's kernel. Each owner has a number
 * one higher than the one before: `owner.7` says who it is, `beat.7` changes every second for as long as it lives. An
 * owner's number is taken by making its file, of which the file system lets one succeed, and no number is used twice:
 * who was late with `owner.7` finds `owner.8` there.
 */
export interface Owner extends ProcessIdentity {
  readonly token: string;
  /** ISO 8601. */
  readonly since: string;
  readonly isReleased: boolean;
  /** The file on which it holds the kernel's lock, as the system numbers it there; `null` when it holds none. */
  readonly kernelLock: { readonly device: string; readonly inode: string } | null;
}

/** An owner's file; `owner` is `null` when it is half written, or damaged. */
export interface NumberedOwner {
  readonly number: number;
  readonly owner: Owner | null;
}

export const ownerFile = (folder: string, number: number): string => join(folder, `owner.${number}`);
export const beatFile = (folder: string, number: number): string => join(folder, `beat.${number}`);

/** The last to come; `null` when there was none yet. */
export function latestOwner(folder: string): NumberedOwner | null {
  const number = Math.max(0, ...numbersIn(folder));
  return number === 0 ? null : { number, owner: readOwner(folder, number) };
}

function readOwner(folder: string, number: number): Owner | null {
  const text = textOf(ownerFile(folder, number));
  if (text === null) return null;
  try {
    const owner: unknown = JSON.parse(text);
    return isOwner(owner) ? owner : null;
  } catch {
    return null;
  }
}

/** A file of ours is whole, or it is none: what it begins and ends with is enough to tell. */
function isOwner(value: unknown): value is Owner {
  if (typeof value !== 'object' || value === null) return false;
  return 'token' in value && 'pid' in value && 'host' in value && 'kernelLock' in value;
}

/** Makes `owner` the one with that number; `false` when someone else is, or has gone beyond it. */
export function claimNumber(folder: string, number: number, owner: Owner): boolean {
  try {
    writeFileSync(ownerFile(folder, number), ownerText(owner), { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    if (cause instanceof Error && Reflect.get(cause, 'code') === 'EEXIST') return false;
    throw cause;
  }
  if (Math.max(...numbersIn(folder)) === number) return true;
  rmSync(ownerFile(folder, number), { force: true });
  return false;
}

/**
 * Removes what owners before `number` left. Whoever of them still lives, such as one that was stopped, is told by it.
 */
export function removeEarlier(folder: string, number: number): void {
  for (const name of readdirSync(folder)) {
    const found = NUMBERED.exec(name)?.[1];
    if (found !== undefined && Number(found) < number) rmSync(join(folder, name), { force: true });
  }
}

/** Keeps the number, so that it is not used again, and says that nobody has the folder. */
export function writeReleased(folder: string, number: number, owner: Owner): void {
  const aside = join(folder, `released.${number}`);
  writeFileSync(aside, ownerText({ ...owner, isReleased: true }), { mode: 0o600 });
  renameSync(aside, ownerFile(folder, number));
  rmSync(beatFile(folder, number), { force: true });
}

/** What an owner's file holds. */
export function ownerText(owner: Owner): string {
  return `${JSON.stringify(owner)}\n`;
}

/** A small file's text, read anew; `null` when it is not there. */
export function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    // A network file system says ESTALE of a file that another machine removed.
    if (cause instanceof Error && ['ENOENT', 'ESTALE', 'ENOTDIR'].includes(String(Reflect.get(cause, 'code')))) {
      return null;
    }
    throw cause;
  }
}

const NUMBERED = /^(?:owner|beat|released)\.(\d+)$/;

function numbersIn(folder: string): number[] {
  return readdirSync(folder).flatMap((name) =>
    name.startsWith('owner.') ? Number(NUMBERED.exec(name)?.[1] ?? 0) : [],
  );
}
