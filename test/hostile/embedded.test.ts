import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../ledger/index.ts';
import { writeSmallMonth } from '../bin/small-month.ts';
import { runCommand } from '../bin/run-command.ts';

const MAIN = fileURLToPath(new URL('../../bin/main.ts', import.meta.url));
const LEDGER = new URL('../../ledger/index.ts', import.meta.url).href;
const LOCK = new URL('../../ledger/embedded/directory-lock.ts', import.meta.url).href;
/** Mounting and namespaces are root's; a user namespace makes others root of their own. */
const AS_ROOT = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
/** A container's processes: numbered from 1 on. */
const IN_CONTAINER = ['unshare', ...AS_ROOT, '--pid', '--fork', '--kill-child', '--mount-proc'];

let root: string;
let calls: string;
let count = 0;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'fairtally-embedded-'));
  ({ calls } = writeSmallMonth(join(root, 'month')));
  const { exitCode, stderr } = await runCommand(root, ['lines', 'import', 'month', '--data', 'template']);
  if (exitCode !== 0) throw new Error(stderr);
});
afterAll(() => {
  execFileSync('sh', ['-c', 'for each in "$0"/run-*; do umount -q -l "$each"; done; true', root]);
  rmSync(root, { recursive: true, force: true });
});

/** A folder with a copy of a ledger that has lines and no call. */
function newFolder(): string {
  count += 1;
  const folder = join(root, `run-${count}`);
  mkdirSync(folder);
  cpSync(join(root, 'template', 'ledger'), join(folder, 'ledger'), { recursive: true });
  return folder;
}

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Runs a program; `wrap` is what it is run by, such as `unshare …`. */
function run(args: readonly string[], wrap: readonly string[] = []): Run {
  const { DATABASE_URL: _, ...env } = process.env;
  const [program = '', ...rest] = [...wrap, process.execPath, ...args];
  const child = spawn(program, rest, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  return { child, output: () => output, ended };
}

const rate = (folder: string, file: string, wrap: readonly string[] = []): Run =>
  run([MAIN, 'rate', file, '--batch', '200', '--data', folder], wrap);

async function until(isSo: () => boolean, what: () => string): Promise<void> {
  const begun = performance.now();
  while (!isSo()) {
    if (performance.now() - begun > 60_000) throw new Error(`Waited in vain: ${what()}`);
    await delay(20);
  }
}

/** What the ledger says of the month: the same for every way in which it was rated. */
async function monthOf(folder: string): Promise<unknown> {
  const db = await openDatabase({ directory: join(folder, 'ledger') });
  try {
    return await db.query(
      `select (select count(*) from entry) as entries, (select sum(charge) from entry) as charge,
              (select count(*) from quarantine) as quarantined, (select sum(position) from source_position) as position`,
    );
  } finally {
    await db.close();
  }
}

let wanted: unknown;
beforeAll(async () => {
  const folder = newFolder();
  await runCommand(root, ['rate', calls, '--data', folder]);
  wanted = await monthOf(folder);
});

describe('one process on earth', () => {
  it('two containers with one volume: the second is refused by name, the ledger is whole', async () => {
    const folder = newFolder();
    const first = rate(folder, calls, IN_CONTAINER);
    await until(() => lockFiles(folder).some((name) => name.startsWith('beat.')), first.output);
    // So that it has the ledger for as long as the others try.
    const [inner = 0] = childrenOf(first.child.pid);
    process.kill(inner, 'SIGSTOP');
    const second = await rateIn(folder, IN_CONTAINER);
    expect([second.code, second.output]).toEqual([1, expect.stringMatching(IN_ANOTHER_CONTAINER)]);
    // And one that is in no container.
    const third = await rateIn(folder);
    expect([third.code, third.output]).toEqual([1, expect.stringMatching(IN_ANOTHER_CONTAINER)]);
    process.kill(inner, 'SIGCONT');
    expect(await first.ended).toEqual({ code: 0, signal: null });
    expect(await monthOf(folder)).toEqual(wanted);
  });

  it('a container that was killed leaves nothing in the way of another', async () => {
    const folder = newFolder();
    const first = rate(folder, calls, IN_CONTAINER);
    await until(() => lockFiles(folder).some((name) => name.startsWith('beat.')), first.output);
    first.child.kill('SIGKILL');
    await first.ended;
    expect(await rateIn(folder, IN_CONTAINER)).toMatchObject({ code: 0 });
    expect(await monthOf(folder)).toEqual(wanted);
  });

  it('eight who come at once, in containers and not, by several paths: one has it', async () => {
    const folder = newFolder();
    const directory = join(folder, 'ledger');
    symlinkSync(directory, join(folder, 'link'));
    const bound = join(folder, 'bound');
    mkdirSync(bound);
    const ways = [
      [directory, []],
      [join(folder, 'link'), []],
      [directory, IN_CONTAINER],
      // The folder itself is mounted elsewhere, as volumes are: nothing beside it is shared.
      [
        bound,
        ['unshare', ...AS_ROOT, '--mount', '--pid', '--fork', '--mount-proc', 'sh', '-c', BIND, directory, bound],
      ],
    ] as const;
    const script = `
      const { lockDirectory } = await import(${JSON.stringify(LOCK)});
      await lockDirectory(process.argv[1]).then(() => console.log('has it'), ({ message }) => console.log(message));
      setTimeout(() => process.exit(), 6000);`;
    const runs = [...ways, ...ways].map(([path, wrap]) => run(['--input-type=module', '-e', script, path], wrap));
    await Promise.all(runs.map(({ ended }) => ended));
    const said = runs.map(({ output }) => output().trim());
    expect(said.filter((text) => text === 'has it')).toHaveLength(1);
    expect(said.filter((text) => text.includes('Cannot open the database in'))).toHaveLength(7);
  });

  it('one that stood still while another machine took over writes nothing more, and says so', async () => {
    const folder = newFolder();
    const directory = join(folder, 'ledger');
    const stopped = run(['--input-type=module', '-e', WRITES, directory]);
    await until(() => stopped.output().includes('wrote 3'), stopped.output);
    stopped.child.kill('SIGSTOP');
    // As another machine does, once it saw no beat for long enough.
    const lock = join(directory, 'fairtally-lock');
    const number = Number(
      lockFiles(folder)
        .find((name) => name.startsWith('owner.'))
        ?.slice(6),
    );
    const taken = JSON.parse(readFileSync(join(lock, `owner.${number}`), 'utf8'));
    writeFileSync(join(lock, `owner.${number + 1}`), JSON.stringify({ ...taken, token: 'another', boot: 'another' }));
    rmSync(join(lock, `owner.${number}`));
    const before = contentsOf(directory);
    stopped.child.kill('SIGCONT');
    await stopped.ended;
    expect(stopped.output()).toMatch(
      /lock-lost: Cannot go on with the database in '.+': .*another process has taken it/,
    );
    expect(contentsOf(directory)).toEqual(before);
  });
});

const IN_ANOTHER_CONTAINER =
  /Cannot open the database in '.+': process 1 on host '.+' \(in another container of this machine\) has had it open since/;

const BIND = 'mount --bind "$0" "$1" && shift && exec "$@"';

/** Writes a row at a time until it may not any more, and then closes the database as commands do. */
const WRITES = `
  const { openDatabase } = await import(${JSON.stringify(LEDGER)});
  const db = await openDatabase({ directory: process.argv[1] });
  await db.exec('create table written (no int)');
  try {
    for (let no = 1; ; no++) {
      await db.transaction((tx) => tx.query('insert into written values ($1)', [no]));
      console.log('wrote ' + no);
    }
  } catch (error) {
    console.log(error.code + ': ' + error.message);
  }
  await db.close().catch((error) => console.log('close: ' + error.message));`;

function childrenOf(pid: number | undefined): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

function lockFiles(folder: string): string[] {
  try {
    return readdirSync(join(folder, 'ledger', 'fairtally-lock'));
  } catch {
    return [];
  }
}

async function rateIn(
  folder: string,
  wrap: readonly string[] = [],
): Promise<{ readonly code: number | null; readonly output: string }> {
  const one = rate(folder, calls, wrap);
  const { code } = await one.ended;
  return { code, output: one.output() };
}

/** A hash of each of PostgreSQL's files. */
function contentsOf(directory: string): ReadonlyMap<string, string> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return new Map(
    files
      .filter((file) => !file.includes('fairtally-lock'))
      .map((file) => [file, createHash('sha256').update(readFileSync(file)).digest('hex')]),
  );
}

describe('files', () => {
  it('are their owner’s alone, whatever the umask, and those of an older ledger become so', async () => {
    const folder = newFolder();
    execFileSync('chmod', ['-R', 'a+rwX', join(folder, 'ledger')]);
    const before = process.umask(0);
    try {
      expect(await rateIn(folder)).toMatchObject({ code: 0 });
      const fresh = join(root, 'fresh');
      expect(await run([MAIN, 'setup', '--data', fresh]).ended).toMatchObject({ code: 0 });
      for (const directory of [join(folder, 'ledger'), fresh]) {
        expect(execFileSync('find', [directory, '-perm', '/077']).toString()).toBe('');
      }
    } finally {
      process.umask(before);
    }
  });
});

/** A disk of its own at `folder`, with a copy of the ledger on it. */
function newDisk(megabytes: number): string {
  count += 1;
  const folder = join(root, `run-${count}`);
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  execFileSync('cp', ['-a', join(root, 'template', 'ledger'), folder]);
  return folder;
}

function fill(folder: string, leftBytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - leftBytes)));
}

describe('a disk that is full', () => {
  // PostgreSQL fails in other ways as its tables, its log, or its first files find no room.
  it.each([0, 100_000, 600_000])('with %i bytes left: a clear error, nothing lost', async (left) => {
    const folder = newDisk(90);
    fill(folder, left);
    const begun = performance.now();
    const { code, output } = await rateIn(folder);
    expect([code, output]).toEqual([1, expect.stringMatching(/Cannot .*[Nn]o space/)]);
    expect(output).not.toMatch(/^ +at /m);
    expect(performance.now() - begun).toBeLessThan(45_000);
    rmSync(join(folder, 'filler'));
    expect(await rateIn(folder)).toMatchObject({ code: 0 });
    expect(await monthOf(folder)).toEqual(wanted);
  });

  it('that fills up in the midst, where PostgreSQL gives up: what was told as committed is there', async () => {
    const folder = newDisk(200);
    const directory = join(folder, 'ledger');
    const db = await openDatabase({ directory });
    await db.exec('create table kept (no int, text text)');
    // Less than a file of the log, of 16 MB: there, PostgreSQL panics.
    fill(folder, 12_000_000);
    const told: number[] = [];
    const failures: string[] = [];
    for (let no = 0; no < 12; no++) {
      const insert = `insert into kept select $1, repeat(md5(n::text), 10) from generate_series(1, 5000) as n`;
      await db
        .transaction((tx) => tx.query(insert, [no]))
        .then(
          () => told.push(no),
          ({ message }: Error) => failures.push(message),
        );
    }
    expect(failures.join('\n')).toMatch(/No space left on device/);
    rmSync(join(folder, 'filler'));
    // It goes on by itself, as a server does that was begun again.
    expect(await db.query('select distinct no from kept order by no')).toEqual(told.map((no) => ({ no })));
    await db.close();
    const again = await openDatabase({ directory });
    expect(await again.query('select distinct no from kept order by no')).toEqual(told.map((no) => ({ no })));
    await again.close();
  });

  it('heeds SIGTERM', async () => {
    const folder = newDisk(90);
    fill(folder, 100_000);
    const one = rate(folder, calls);
    await until(() => lockFiles(folder).some((name) => name.startsWith('owner.')), one.output);
    await delay(700);
    const begun = performance.now();
    one.child.kill('SIGTERM');
    await one.ended;
    expect(performance.now() - begun).toBeLessThan(8000);
  });
});

describe('a folder that is lost while it is used', () => {
  it.each([
    [
      'deleted',
      (folder: string): void => rmSync(join(folder, 'ledger'), { recursive: true, force: true, maxRetries: 5 }),
    ],
    ['moved away', (folder: string): void => renameSync(join(folder, 'ledger'), join(folder, 'elsewhere'))],
    ['unmounted', (folder: string): void => void execFileSync('umount', ['-l', folder])],
  ] as const)('%s: it ends within seconds, and tells nothing as committed', async (how, lose) => {
    const folder = how === 'unmounted' ? newDisk(90) : newFolder();
    const one = run(['--input-type=module', '-e', WRITES, join(folder, 'ledger')]);
    await until(() => one.output().includes('wrote 3'), one.output);
    lose(folder);
    const begun = performance.now();
    expect(await one.ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - begun).toBeLessThan(20_000);
    expect(one.output()).toMatch(/lock-lost: Cannot go on with the database in '.+'/);
  });
});

describe('a folder that cannot be used', () => {
  it('read-only: says so', async () => {
    const folder = newFolder();
    const wrap = ['unshare', ...AS_ROOT, '--mount', 'sh', '-c', READ_ONLY, folder];
    const { code, output } = await rateIn(folder, wrap);
    expect([code, output]).toEqual([1, expect.stringContaining('it is on a file system that can only be read')]);
  });

  it('no permission: says so', async () => {
    const folder = newFolder();
    chmodSync(root, 0o755);
    chmodSync(folder, 0o755);
    const wrap = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    if (wrap.length === 0) chmodSync(join(folder, 'ledger'), 0o500);
    const { code, output } = await rateIn(folder, wrap);
    expect([code, output]).toEqual([1, expect.stringContaining('this user may not')]);
  });

  it.each(['global/pg_control', 'PG_VERSION', 'pg_wal'])('damaged in %s: says so', async (name) => {
    const folder = newFolder();
    const path = join(folder, 'ledger', name);
    if (name === 'pg_wal') rmSync(path, { recursive: true });
    else writeFileSync(path, Buffer.alloc(8192));
    const { code, output } = await rateIn(folder);
    expect([code, output]).toEqual([1, expect.stringContaining('Cannot open the database in')]);
    expect(output).not.toMatch(/^ +at /m);
  });

  it('half made, as when its first command was killed: is made anew', async () => {
    const folder = join(root, 'half-made');
    const first = run([MAIN, 'setup', '--data', folder]);
    await until(() => readdirSync(root).includes('half-made') && wasBegun(folder), first.output);
    first.child.kill('SIGKILL');
    await first.ended;
    expect(await run([MAIN, 'setup', '--data', folder]).ended).toMatchObject({ code: 0 });
  });

  it('with files of somebody else: is left alone', async () => {
    const folder = newFolder();
    rmSync(join(folder, 'ledger', 'PG_VERSION'));
    const { code, output } = await rateIn(folder);
    expect([code, output]).toEqual([1, expect.stringMatching(/it holds '.+', and no 'PG_VERSION'/)]);
  });
});

const READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"';

function wasBegun(folder: string): boolean {
  try {
    return readdirSync(join(folder, 'ledger')).length > 1;
  } catch {
    return false;
  }
}
