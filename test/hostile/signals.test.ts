import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { allCommands } from '../../bin/defined-commands.ts';
import { openDatabase } from '../../ledger/index.ts';
import { createTestDatabase } from '../support/test-database.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/fairtally.js', import.meta.url));
/** A test that fails kills what hangs, after so long. */
const PATIENCE_MS = 25_000;
/** Seconds, as it is promised: a command may finish its batch for 4 s, one that runs for ever for 9 s. */
const WITHIN_MS = 6000;
const LONG_RUNNING_WITHIN_MS = 11_000;

let folder: string;
let fifo: string;
let silent: { readonly server: Server; readonly port: number };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-signals-'));
  fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  silent = await startSilentServer();
});
afterAll(() => {
  silent.server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Takes connections, as database and as broker, and never says a word. */
async function startSilentServer(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((socket: Socket) => socket.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Cannot listen');
  server.unref();
  return { server, port: address.port };
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly afterMs: number;
}

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Resolves with how it ended after `signal`. */
  end(signal: NodeJS.Signals): Promise<Ended>;
}

function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  program = [PROGRAM],
  cwd = folder,
): Started {
  const { DATABASE_URL: _, KAFKA_BROKERS: __, npm_command: ___, ...others } = process.env;
  const child = spawn(process.execPath, [...program, ...args], { cwd, env: { ...others, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.on('error', () => {});
  const ended = new Promise<Pick<Ended, 'code' | 'signal'>>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return {
    child,
    output: () => output,
    async end(signal) {
      const begun = performance.now();
      child.kill(signal);
      const tired = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      const how = await ended;
      clearTimeout(tired);
      return { ...how, afterMs: performance.now() - begun };
    },
  };
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  const begun = performance.now();
  while (!isSo()) {
    if (performance.now() - begun > 60_000) throw new Error(`Waited in vain: ${what}`);
    await delay(50);
  }
}

/** Until the process listens to SIGTERM, and then a little: by then it waits for what will never come. */
async function untilItWaits({ child }: Pick<Started, 'child'>): Promise<void> {
  await until(() => child.exitCode !== null || hears(child.pid, 15), 'it listens to signals');
  await delay(1500);
}

function hears(pid: number | undefined, signal: number): boolean {
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${caught}`) & (1n << BigInt(signal - 1))) !== 0n;
}

/** What a command is given for an argument or an option that it must have; a FIFO without a writer for all others. */
const VALUES: Readonly<Record<string, string>> = {
  period: '2026-11',
  decision: 'confirm',
  partition: '0',
  topic: 'cdr',
  no: '1',
  to: 'start',
  by: 'somebody',
  note: 'why',
  out: 'traffic',
};
/** So that what makes traffic makes it for longer than we wait. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  generate: ['--calls', '20000000'],
  demo: ['--calls', '20000000'],
};
const UNTIL_STOPPED = ['worker', 'relay'];

function argumentsOf(command: Command): string[] {
  const names: string[] = [];
  for (let at: Command | null = command; at !== null && at.parent !== null; at = at.parent) names.unshift(at.name());
  const given = command.registeredArguments.filter(({ required }) => required);
  return [
    ...names,
    ...given.map((argument) => VALUES[argument.name()] ?? fifo),
    ...command.options
      .filter(({ mandatory }) => mandatory)
      .flatMap((option) => [option.long ?? '', VALUES[option.attributeName()] ?? fifo]),
    ...(MORE[command.name()] ?? []),
  ];
}

/** Names of all commands there are, of the command line's own making: a new one is tried too. */
const commands = allCommands({
  stdin: new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  isInteractive: false,
  columns: 80,
  env: {},
  folder: '.',
  signal: new AbortController().signal,
});

/** Ended by the signal itself, or with the exit code that shells make of it; what runs until it is stopped, with 0. */
function expectEnd(ended: Ended, signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGKILL', isUntilStopped = false): void {
  const code = { SIGHUP: 129, SIGINT: 130, SIGKILL: 137, SIGTERM: 143 }[signal];
  const isBySignal = ended.signal === signal || ended.code === code;
  expect({ ...ended, isAsItShould: isBySignal || (isUntilStopped && ended.code === 0) }).toMatchObject({
    isAsItShould: true,
  });
  expect(ended.afterMs).toBeLessThan(isUntilStopped ? LONG_RUNNING_WITHIN_MS : WITHIN_MS);
}

describe('every command, waiting for files, stdin, a database and Kafka that never say a word,', () => {
  it.for(commands.map((command) => [command.name(), command] as const))(
    '%s ends by each signal',
    async ([, command]) => {
      const env = {
        DATABASE_URL: `postgres://nobody@127.0.0.1:${silent.port}/none`,
        KAFKA_BROKERS: `127.0.0.1:${silent.port}`,
      };
      const oneOf = async (signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP'): Promise<void> => {
        const started = start(argumentsOf(command), env, [PROGRAM], mkdtempSync(join(folder, 'one-')));
        await untilItWaits(started);
        expect([started.child.exitCode, started.output()]).toEqual([null, expect.anything()]);
        expectEnd(await started.end(signal), signal, UNTIL_STOPPED.includes(command.name()));
      };
      await Promise.all([oneOf('SIGTERM'), oneOf('SIGINT'), oneOf('SIGHUP')]);
    },
  );
});

/** The launcher as an older Node.js runs it: it starts the project's own, and stays beside it. */
const AS_LAUNCHER = [
  '--input-type=module',
  '-e',
  `Object.defineProperty(process.versions, 'node', { value: '20.0.0' });
   await import(${JSON.stringify(new URL('../../bin/fairtally.js', import.meta.url).href)});`,
  // What follows is the program's own.
  'fairtally',
];

describe('rate on the embedded ledger', () => {
  it.each(['FIFO', '/dev/zero'])('ends while it reads %s, and leaves nothing behind', async (what) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const started = start(['rate', '--format', 'canonical-ndjson', what === 'FIFO' ? fifo : what]);
      await untilItOpened(started);
      expectEnd(await started.end(signal), signal);
      expect(await canBeOpened()).toBe(true);
    }
  });

  it('ends at once by a second signal', async () => {
    const started = start(['rate', '--format', 'canonical-ndjson', '/dev/zero']);
    await untilItOpened(started);
    started.child.kill('SIGTERM');
    await delay(300);
    const ended = await started.end('SIGTERM');
    expectEnd(ended, 'SIGTERM');
    expect(ended.afterMs).toBeLessThan(2000);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const)(
    'behind its launcher ends when that one gets %s',
    async (signal) => {
      const started = start(['rate', fifo], {}, AS_LAUNCHER);
      await untilItOpened(started);
      const [command] = childrenOf(started.child.pid);
      expect(command).toBeDefined();
      const ended = await started.end(signal);
      expectEnd(ended, signal);
      await until(() => !isThere(command), 'the command ends after its launcher');
      expect(await canBeOpened()).toBe(true);
    },
  );

  it('killed behind its launcher, ends the launcher too', async () => {
    const started = start(['rate', fifo], {}, AS_LAUNCHER);
    await untilItOpened(started);
    process.kill(childrenOf(started.child.pid)[0] ?? 0, 'SIGKILL');
    const { signal } = await started.end('SIGCONT');
    expect(signal).toBe('SIGKILL');
  });
});

async function untilItOpened(started: Started): Promise<void> {
  await until(() => started.child.exitCode !== null || ledgerIsOpen(), `the ledger is open: ${started.output()}`);
  await untilItWaits(started);
}

function ledgerIsOpen(): boolean {
  try {
    return readFileSync(join(folder, '.fairtally', 'ledger', 'postmaster.pid'), 'utf8') !== '';
  } catch {
    return false;
  }
}

async function canBeOpened(): Promise<boolean> {
  const db = await openDatabase({ directory: join(folder, '.fairtally', 'ledger') });
  await db.close();
  return true;
}

function childrenOf(pid: number | undefined): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

function isThere(pid: number | undefined): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('on a PostgreSQL server', () => {
  it('lines import and worker end while they wait for a lock, worker while Kafka says nothing', async () => {
    const { url, drop } = await createTestDatabase(inject('postgres').template);
    const db = await openDatabase({ url });
    try {
      await db.transaction(async (tx) => {
        await tx.exec('lock table account, line_fact, head, source_position in access exclusive mode');
        for (const args of [['setup'], ['worker']]) {
          const started = start(args, { DATABASE_URL: url, KAFKA_BROKERS: `127.0.0.1:${silent.port}` });
          await untilItWaits(started);
          expect(started.child.exitCode).toBeNull();
          expectEnd(await started.end('SIGTERM'), 'SIGTERM', args[0] === 'worker');
        }
      });
      const worker = start(['worker'], { DATABASE_URL: url, KAFKA_BROKERS: `127.0.0.1:${silent.port}` });
      await untilItWaits(worker);
      expectEnd(await worker.end('SIGTERM'), 'SIGTERM', true);
    } finally {
      await db.close();
      await drop();
    }
  });
});

describe('a reader that hangs up', () => {
  it('ends classify quietly', async () => {
    const started = start(['classify']);
    started.child.stdin?.write('+33123456789\n'.repeat(100_000));
    started.child.stdout?.once('data', () => started.child.stdout?.destroy());
    const { code } = await started.end('SIGCONT');
    expect([code, started.output()]).toEqual([0, expect.not.stringMatching(/EPIPE|^ +at /m)]);
  });
});
