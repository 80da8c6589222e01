import { randomUUID } from 'node:crypto';
import { chmod, mkdir, realpath, writeFile } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { DatabaseError } from '../database/database-error.ts';
import { type KernelLock, takeKernelLock } from './kernel-lock.ts';
import {
  beatFile,
  claimNumber,
  latestOwner,
  type NumberedOwner,
  type Owner,
  ownerFile,
  ownerText,
  removeEarlier,
  textOf,
  writeReleased,
} from './lock-owner.ts';
import { isRunning, isSameKernel, thisProcess } from './process-identity.ts';

/** Within the folder itself: it is one folder by whatever path or mount one comes. */
export const LOCK_FOLDER = 'fairtally-lock';

const BEAT_MS = 1000;
/** An owner of whom the kernel can't tell is gone when no beat came for so long, by the clock of who watches. */
const SILENCE_MS = 5000;
const LOOK_MS = 250;
/** How long an owner who was silent and yet lives has to see that it was put out. */
const TELL_MS = 2000;

/** What shows that a folder is still ours: `file` holds `text`. */
export interface LockProof {
  readonly directory: string;
  readonly file: string;
  readonly text: string;
}

export interface DirectoryLock {
  readonly proof: LockProof;
  /** Gives the folder free. */
  release(): Promise<void>;
}

/**
 * Keeps every other process on earth (and a second opening in this one) from a folder of database files, which two
 * writers would destroy: `directory` must exist, and its lock lies in its folder `fairtally-lock`. The kernel holds the
 * lock where it can, and says at once whether the owner lives; of an owner on another machine, the beats that it shows
 * each second tell, within 7 s. Throws `DatabaseError` `in-use`, which names who has it.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const real = await realpath(directory);
  const folder = join(real, LOCK_FOLDER);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700).catch(ignore);
  const kernelFile = join(folder, 'kernel');
  // Made only where it is not there yet: to open and close it once more would lose a lock that we hold.
  await writeFile(kernelFile, '', { flag: 'wx', mode: 0o600 }).catch(unlessThere);
  const kernel = takeKernelLock(kernelFile);
  if (kernel.kind === 'busy') throw inUse(directory, latestOwner(folder)?.owner ?? null);
  try {
    const me = newOwner(kernel, kernelFile);
    const number = await becomeOwner(directory, folder, me);
    return ownedLock({ directory: real, folder, number, me, kernel });
  } catch (cause) {
    if (kernel.kind === 'held') kernel.release();
    throw cause;
  }
}

/** Throws `DatabaseError` `lock-lost` when the folder is not ours any more: another process has it, or it is gone. */
export function verifyLock({ directory, file, text }: LockProof): void {
  const found = textOf(file);
  if (found === text) return;
  const isThere = found !== null || statSync(directory, { throwIfNoEntry: false }) !== undefined;
  const why = isThere
    ? 'it is no more the folder that was opened, or another process has taken it over while this one stood still'
    : 'its folder is gone';
  throw new DatabaseError(`Cannot go on with the database in '${directory}': ${why}; nothing more is written`, {
    code: 'lock-lost',
  });
}

function newOwner(kernel: KernelLock, kernelFile: string): Owner {
  return {
    token: randomUUID(),
    since: new Date().toISOString(),
    isReleased: false,
    ...thisProcess(),
    kernelLock: kernel.kind === 'held' ? placeOf(kernelFile) : null,
  };
}

/** Takes the number after that of the last owner, once that one is gone; returns it. */
async function becomeOwner(directory: string, folder: string, me: Owner): Promise<number> {
  for (;;) {
    const last = latestOwner(folder);
    const verdict = last === null ? 'gone' : verdictOn(last, me);
    if (verdict === 'lives') throw inUse(directory, last?.owner ?? null);
    const wasWatched = verdict === 'unknown' && last !== null;
    if (wasWatched && (await livesOn(folder, last))) throw inUse(directory, latestOwner(folder)?.owner ?? null);
    const number = (last?.number ?? 0) + 1;
    // Of many who come at the same instant, all but one look again, and find that one.
    if (!claimNumber(folder, number, me)) continue;
    removeEarlier(folder, number);
    if (wasWatched) await delay(TELL_MS);
    return number;
  }
}

/** What can be told of the last owner at once. */
function verdictOn({ owner }: NumberedOwner, me: Owner): 'lives' | 'gone' | 'unknown' {
  if (owner === null) return 'unknown';
  if (owner.isReleased) return 'gone';
  const file = fileOf(owner, me);
  if (file === 'a copy' || isRunning(owner, me) === false) return 'gone';
  // Who holds the kernel's lock on the very file on which the owner held it proves that the owner holds it no more.
  if (isRunning(owner, me) === null) return file === 'the same' ? 'gone' : 'unknown';
  return file === 'unknown' ? 'unknown' : 'lives';
}

/**
 * Whether the owner had the kernel's lock on the very file on which we have it; or on another file of the same file
 * system, of which ours, with all that lies beside it, is a copy. Numbers of files say it within one kernel only.
 */
function fileOf(owner: Owner, me: Owner): 'the same' | 'a copy' | 'unknown' {
  if (!isSameKernel(owner, me) || owner.kernelLock === null || me.kernelLock === null) return 'unknown';
  if (owner.kernelLock.device !== me.kernelLock.device) return 'unknown';
  return owner.kernelLock.inode === me.kernelLock.inode ? 'the same' : 'a copy';
}

/** Watches whether the owner shows a beat. No clock of another machine is asked: only whether something changes. */
async function livesOn(folder: string, { number }: NumberedOwner): Promise<boolean> {
  const watched = (): string => [latestOwner(folder)?.number, textOf(beatFile(folder, number))].join(' ');
  const before = watched();
  for (let waited = 0; waited < SILENCE_MS; waited += LOOK_MS) {
    await delay(LOOK_MS);
    if (watched() !== before) return true;
  }
  return false;
}

interface Owned {
  readonly directory: string;
  readonly folder: string;
  readonly number: number;
  readonly me: Owner;
  readonly kernel: KernelLock;
}

function ownedLock({ directory, folder, number, me, kernel }: Owned): DirectoryLock {
  const proof = { directory, file: ownerFile(folder, number), text: ownerText(me) };
  const heartbeat = {
    ownerFile: proof.file,
    ownerText: proof.text,
    beatFile: beatFile(folder, number),
    everyMs: BEAT_MS,
  };
  const thread = new Worker(new URL('./heartbeat-thread.js', import.meta.url), {
    workerData: heartbeat,
    name: 'beat',
    execArgv: [],
  });
  thread.on('error', ignore);
  thread.unref();
  return {
    proof,
    async release() {
      await thread.terminate();
      try {
        if (textOf(proof.file) === proof.text) writeReleased(folder, number, me);
      } catch {
        // A full disk or a lost folder: the kernel says to the next that nobody has it.
      } finally {
        if (kernel.kind === 'held') kernel.release();
      }
    },
  };
}

function placeOf(file: string): { readonly device: string; readonly inode: string } {
  const { dev, ino } = statSync(file, { bigint: true });
  return { device: String(dev), inode: String(ino) };
}

function inUse(directory: string, owner: Owner | null): DatabaseError {
  return new DatabaseError(`Cannot open the database in '${directory}': ${describeOwner(owner)}`, { code: 'in-use' });
}

function describeOwner(owner: Owner | null): string {
  if (owner === null || owner.isReleased) return 'another process is just opening or closing it';
  const here = thisProcess();
  const isElsewhere = isSameKernel(owner, here) && owner.pidNamespace !== here.pidNamespace;
  const where = isElsewhere ? ` (in another container of this machine)` : '';
  return `process ${owner.pid} on host '${owner.host}'${where} has had it open since ${owner.since}`;
}

function unlessThere(cause: unknown): void {
  if (!(cause instanceof Error) || Reflect.get(cause, 'code') !== 'EEXIST') throw cause;
}

function ignore(): void {}
