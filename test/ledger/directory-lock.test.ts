import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockDirectory } from '../../ledger/directory-lock.ts';
import { openDatabase } from '../../ledger/index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairtally-lock-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('lockDirectory()', () => {
  it('lets nobody else in until it is given back', async () => {
    const directory = join(folder, 'one');
    const unlock = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toMatchObject({ code: 'in-use' });
    await unlock();
    await (
      await lockDirectory(directory)
    )();
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses a directory that a living process has open', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await writeFile(join(folder, 'two.lock'), `${other.pid}\n`);
    await expect(lockDirectory(join(folder, 'two'))).rejects.toThrow(`process ${other.pid} has it open`);
    other.kill('SIGKILL');
    await once(other, 'exit');
    // The killed process left its lock behind: it is taken over.
    const unlock = await lockDirectory(join(folder, 'two'));
    await unlock();
  });

  it('has one winner among many who find a dead owner', async () => {
    await writeFile(join(folder, 'three.lock'), '99999999\n');
    const tries = await Promise.allSettled([1, 2, 3, 4].map(() => lockDirectory(join(folder, 'three'))));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('PGlite in a directory', () => {
  it('keeps what was committed when its process is killed, and can be opened again', async () => {
    const directory = join(folder, 'killed', 'ledger');
    const script = `
      const { openDatabase } = await import(${JSON.stringify(new URL('../../ledger/index.ts', import.meta.url).href)});
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
    await db.close();
  });
});
