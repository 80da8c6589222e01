import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCK_FOLDER, lockDirectory, verifyLock } from '../../../ledger/embedded/directory-lock.ts';
import { openDatabase } from '../../../ledger/index.ts';
import { latestOwner, type Owner, ownerFile } from '../../../ledger/embedded/lock-owner.ts';

let root: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fairtally-lock-'));
});
afterAll(() => rm(root, { recursive: true }));

function newFolder(): string {
  count += 1;
  const folder = join(root, `folder-${count}`);
  mkdirSync(folder);
  return folder;
}

const lockModule = new URL('../../../ledger/embedded/directory-lock.ts', import.meta.url).href;

/** A process that locks `folder`, says what came of it, and stays. */
async function locker(folder: string): Promise<{ readonly said: string; readonly process: ChildProcess }> {
  const script = `
    const { lockDirectory } = await import(${JSON.stringify(lockModule)});
    setInterval(() => {}, 1000);
    await lockDirectory(process.argv[1]).then(() => console.log('has it'), ({ message }) => console.log(message));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(child.stdout, 'data');
  return { said: String(said).trim(), process: child };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** The last owner's file, as if `change` were true of that owner. */
function forgeOwner(folder: string, change: Partial<Owner>): void {
  const lock = join(folder, LOCK_FOLDER);
  const last = latestOwner(lock);
  writeFileSync(ownerFile(lock, last?.number ?? 1), JSON.stringify({ ...last?.owner, ...change }));
}

describe('lockDirectory()', () => {
  it('lets nobody else in until it is given back, by whatever path', async () => {
    const folder = newFolder();
    symlinkSync(folder, `${folder}-link`);
    const lock = await lockDirectory(folder);
    for (const path of [folder, `${folder}-link`, `${folder}/../${folder.slice(root.length)}`]) {
      await expect(lockDirectory(path)).rejects.toMatchObject({ code: 'in-use' });
    }
    await lock.release();
    await (await lockDirectory(`${folder}-link`)).release();
  });

  it('names who has it, and lets in the next at once when that one is killed', async () => {
    const folder = newFolder();
    const other = await locker(folder);
    expect(other.said).toBe('has it');
    await expect(lockDirectory(folder)).rejects.toThrow(
      new RegExp(`process ${other.process.pid} on host '.+' has had it open since \\d{4}-.+Z`),
    );
    await kill(other.process);
    const begun = performance.now();
    await (await lockDirectory(folder)).release();
    expect(performance.now() - begun).toBeLessThan(4000);
  });

  it('does not take the folder from a process that stands still', async () => {
    const folder = newFolder();
    const other = await locker(folder);
    other.process.kill('SIGSTOP');
    await expect(lockDirectory(folder)).rejects.toMatchObject({ code: 'in-use' });
    await kill(other.process);
  });

  it('takes a number for a process only with the time it began: another may have it by now', async () => {
    const folder = newFolder();
    await (await lockDirectory(folder)).release();
    forgeOwner(folder, { isReleased: false, pid: process.ppid, startTicks: '1' });
    await expect(lockDirectory(folder).then((lock) => lock.release())).resolves.toBeUndefined();
  });

  it('opens a copy at once, though the original is in use', async () => {
    const folder = newFolder();
    const other = await locker(folder);
    cpSync(folder, `${folder}-copy`, { recursive: true });
    await expect(lockDirectory(`${folder}-copy`).then((lock) => lock.release())).resolves.toBeUndefined();
    await kill(other.process);
  });

  it.concurrent(
    'refuses the folder of an owner elsewhere that shows beats, takes that of a silent one, and that one notices',
    async () => {
      const folder = newFolder();
      const first = await lockDirectory(folder);
      // As another machine sees it: no lock of its kernel, and an owner of another kernel.
      cpSync(folder, `${folder}-seen`, { recursive: true, filter: (path) => !path.endsWith('kernel') });
      const seen = `${folder}-seen`;
      forgeOwner(seen, { boot: 'another', host: 'elsewhere' });
      const number = latestOwner(join(seen, LOCK_FOLDER))?.number;
      let beats = 0;
      const beating = setInterval(() => writeFileSync(join(seen, LOCK_FOLDER, `beat.${number}`), `${beats++}`), 500);
      await expect(lockDirectory(seen)).rejects.toThrow(`on host 'elsewhere' has had it open since`);
      clearInterval(beating);
      const proof = {
        directory: seen,
        file: ownerFile(join(seen, LOCK_FOLDER), number ?? 0),
        text: readFileSync(ownerFile(join(seen, LOCK_FOLDER), number ?? 0), 'utf8'),
      };
      verifyLock(proof);
      const second = await lockDirectory(seen);
      expect(() => verifyLock(proof)).toThrow(/another process has taken it over/);
      await second.release();
      await first.release();
    },
  );

  it.concurrent(
    'has one winner among many who come at the same instant, without a lock of the kernel too',
    async () => {
      const folder = newFolder();
      await (await lockDirectory(folder)).release();
      forgeOwner(folder, { isReleased: false, boot: 'another' });
      const tries = await Promise.allSettled([1, 2, 3, 4].map(() => lockDirectory(folder)));
      const won = tries.filter(({ status }) => status === 'fulfilled');
      expect(won).toHaveLength(1);
      for (const one of tries) if (one.status === 'fulfilled') await one.value.release();
    },
  );

  it('says that a folder is gone, or is another', async () => {
    const folder = newFolder();
    const lock = await lockDirectory(folder);
    verifyLock(lock.proof);
    await rm(folder, { recursive: true });
    expect(() => verifyLock(lock.proof)).toThrow(/its folder is gone; nothing more is written$/);
    mkdirSync(folder);
    expect(() => verifyLock(lock.proof)).toThrow(/no more the folder that was opened/);
    await lock.release();
  });
});

describe('PGlite in a directory', () => {
  it('keeps what was committed when its process is killed, and can be opened again', async () => {
    const directory = join(root, 'killed', 'ledger');
    const script = `
      const { openDatabase } = await import(${JSON.stringify(new URL('../../../ledger/index.ts', import.meta.url).href)});
      const db = await openDatabase({ directory: process.argv[1] });
      await db.exec('create table kept (no int)');
      for (let no = 0; no < 50; no++) await db.transaction((tx) => tx.query('insert into kept values ($1)', [no]));
      await db.transaction(async (tx) => {
        await tx.query('insert into kept values (1000)');
        process.kill(process.pid, 'SIGKILL');
      });`;
    const writer = spawn(process.execPath, ['--input-type=module', '-e', script, directory], { stdio: 'inherit' });
    expect((await once(writer, 'exit'))[1]).toBe('SIGKILL');
    const db = await openDatabase({ directory });
    expect(await db.query('select count(*)::int as rows, max(no) as last from kept')).toEqual([{ rows: 50, last: 49 }]);
    // What a killed process left is readable by its owner alone, too.
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    await db.close();
  });
});
