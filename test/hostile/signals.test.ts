import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { allCommands } from '../../bin/defined-commands.ts';
import { ENDING_SIGNALS } from '../../bin/interruption.ts';
import { openDatabase } from '../../ledger/index.ts';
import { createTestDatabase } from '../support/test-database.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/fairtally.js', import.meta.url));
/** A test that fails kills what hangs, after so long. */
const PATIENCE_MS = 25_000;
/** About 2 s, as it is promised, and of worker and relay 8; and more where others use the machine. */
const WITHIN_MS = 6000;
const UNTIL_STOPPED_WITHIN_MS = 12_000;

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

/** A command that has used so much of the processor, and goes on, computes rather than waits. */
const COMPUTES_S = 2.5;
/** A command that was given much to compute has begun to, once it has used so much of the processor. */
const SEEN_COMPUTING_S = 1.5;

/** Until the process has begun and uses no more of the processor: it waits for what will never come. Or it computes. */
async function untilItWaits({ child }: Pick<Started, 'child'>): Promise<void> {
  let before = -1;
  for (let looks = 0; looks < 3 && child.exitCode === null;) {
    const used = cpuSeconds(child.pid);
    if (used > COMPUTES_S) return;
    looks = used > 0.2 && used - before < 0.02 ? looks + 1 : 0;
    before = used;
    await delay(300);
  }
}

/** Until the process has used so many seconds of the processor, or has ended. */
async function untilItComputes({ child }: Pick<Started, 'child'>, seconds: number): Promise<void> {
  await until(() => child.exitCode !== null || cpuSeconds(child.pid) >= seconds, `it computes for ${seconds} s`);
}

function cpuSeconds(pid: number | undefined): number {
  // What follows the name, which may hold blanks; the 14th and 15th field of all, in ticks of 10 ms.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/**
 * Whether somebody listens to signals. Of SIGHUP it shows: SIGINT and SIGTERM Node.js itself catches, to end by them.
 */
function heeds(pid: number | undefined): boolean {
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${caught}`) & (1n << BigInt(constants.signals.SIGHUP - 1))) !== 0n;
}

/** What a command is given for an argument or an option that it must have; a FIFO without a writer for all others. */
const VALUES: Readonly<Record<string, string>> = {
  period: '2026-11',
  month: '2026-11',
  condition: 'distinct-numbers',
  decision: 'confirm',
  hole: '5',
  partition: '0',
  topic: 'cdr',
  no: '1',
  to: 'start',
  by: 'somebody',
  note: 'why',
  out: 'traffic',
};
/**
 * So that what makes traffic makes it for longer than we wait, `lines import` reads what never comes, `decide` is
 * told what only a dry run may leave out, and `keys create` what a key is for.
 */
function moreFor(name: string): readonly string[] {
  if (name === 'generate' || name === 'demo') return ['--calls', '20000000'];
  if (name === 'keys create') return ['--role', 'billing'];
  if (name === 'decide') return ['--by', VALUES['by']!, '--note', VALUES['note']!];
  return name === 'lines import' ? ['--accounts', fifo, '--lines', fifo] : [];
}
/** They wait for nothing: the one copies files of the embedded ledger, the other says what it knows. */
const NEVER_WAITING = ['backup', 'formats list'];
const UNTIL_STOPPED = ['worker', 'relay', 'serve'];
/**
 * Commands that have something to bring to its end. All others are ended by the system itself, whatever they compute;
 * each of these has a test below of being told while it computes.
 */
const HEEDING = ['demo', 'generate', 'rate', ...UNTIL_STOPPED];

function pathOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at !== null && at.parent !== null; at = at.parent) names.unshift(at.name());
  return names.join(' ');
}

function argumentsOf(command: Command): string[] {
  const path = pathOf(command);
  const given = command.registeredArguments.filter(({ required }) => required);
  return [
    ...path.split(' '),
    ...given.map((argument) => valueFor(path, argument.name())),
    ...command.options
      .filter(({ mandatory }) => mandatory)
      .flatMap((option) => [option.long ?? '', VALUES[option.attributeName()] ?? fifo]),
    ...moreFor(path),
  ];
}

/** `formats try` reads stdin, or files that can be read twice. */
function valueFor(command: string, argument: string): string {
  return command === 'formats try' ? '-' : (VALUES[argument] ?? fifo);
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
  expect(ended.afterMs).toBeLessThan(isUntilStopped ? UNTIL_STOPPED_WITHIN_MS : WITHIN_MS);
}

describe('every command, waiting for files, stdin, a database and Kafka that never say a word,', () => {
  it.for(
    commands
      .filter((command) => !NEVER_WAITING.includes(pathOf(command)))
      .map((command) => [command.name(), command] as const),
  )('%s ends by each signal', async ([, command]) => {
    const env = {
      DATABASE_URL: `postgres://nobody@127.0.0.1:${silent.port}/none`,
      KAFKA_BROKERS: `127.0.0.1:${silent.port}`,
    };
    const oneOf = async (signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP'): Promise<void> => {
      const started = start(argumentsOf(command), env, [PROGRAM], mkdtempSync(join(folder, 'one-')));
      await untilItWaits(started);
      expect([started.child.exitCode, started.output()]).toEqual([null, expect.anything()]);
      // Whoever heeds may do so a little later, or not while it waits.
      expect(!heeds(started.child.pid) || HEEDING.includes(command.name())).toBe(true);
      expectEnd(await started.end(signal), signal, UNTIL_STOPPED.includes(command.name()));
    };
    const signals = HEEDING.includes(command.name()) ? ENDING_SIGNALS : (['SIGTERM', 'SIGINT'] as const);
    await Promise.all(signals.map(oneOf));
  });
});

describe('commands that heed signals', () => {
  it('are those that are tried here while they compute', () => {
    const bin = fileURLToPath(new URL('../../bin/', import.meta.url));
    const all = readdirSync(bin, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const withText = (text: RegExp): string[] =>
      all.filter((name) => text.test(readFileSync(join(bin, name), 'utf8'))).toSorted();
    // `long-running.ts` is that of worker, relay and serve.
    expect(withText(/(?<!function )heedSignals[(<]/)).toEqual([
      'commands/demo.ts',
      'commands/generate.ts',
      'commands/rate.ts',
      'long-running.ts',
    ]);
    expect(withText(/process\.(?:on|once)\((?:signal|'SIG)/)).toEqual(['interruption.ts']);
  });
});

/**
 * Files with which commands compute for long without waiting for anything: several times as long as it takes us to see
 * that they do (`SEEN_COMPUTING_S`), on a machine three times as fast as the slowest that we know.
 */
function writeLargeFiles(): void {
  const write = (name: string, head: string, count: number, row: (index: number) => string): void =>
    writeFileSync(join(folder, name), head + Array.from({ length: count }, (_, index) => row(index)).join(''));
  mkdirSync(join(folder, 'big-lines'), { recursive: true });
  write('big-lines/accounts.csv', 'account,name\n', 50_000, (index) => `B${index},n\n`);
  write(
    'big-lines/lines.csv',
    'line,account,number,offer,usage_class,mobility,equipment,from,to\n',
    300_000,
    (index) => `BL${index},B${index % 50_000},,full-illimite,business,off,managed,2024-01-01,\n`,
  );
  write('deck.csv', 'prefix,price_per_minute\n', 1_000_000, (index) => `${10_000_000 + index},0.1\n`);
  writeFileSync(join(folder, 'offer.json'), `{"a":[${'{"x":1},'.repeat(12_000_000)}{"x":1}]}`);
  write('dialled', '', 8_000_000, (index) => `06${String(index).padStart(8, '0')}\n`);
  write(
    'calls.csv',
    'call_id,called_number,answer_time_utc,duration_s\n',
    2_000_000,
    (index) => `c${index},33612345678,2026-11-03T10:00:00Z,61\n`,
  );
  write(
    'calls.ndjson',
    '',
    200_000,
    (index) =>
      `{"v":1,"switch":"s","call":"c${index}","line":"L1","to":"0556013888",` +
      `"answered":"2026-11-19T17:29:00.808Z","durationMs":1000}\n`,
  );
}

const DECK = fileURLToPath(new URL('../../tariffs/decks/full-illimite-2026.csv', import.meta.url));
/** By what it computes; what stdin gets, where it reads it. */
const COMPUTING: readonly (readonly [args: readonly string[], stdin?: string])[] = [
  [['generate', '--out', 'made', '--calls', '20000000']],
  [['demo', '--calls', '20000000']],
  [['lines', 'import', 'big-lines']],
  [['decks', 'import', 'deck.csv']],
  [['decks', 'diff', 'deck.csv', 'deck.csv']],
  [['offers', 'lint', 'offer.json']],
  [['offers', 'import', 'offer.json']],
  [['classify'], 'dialled'],
  [['price', '--deck', DECK], 'calls.csv'],
  [['rate', 'calls.ndjson']],
  [['rate', 'calls.ndjson', '--batch', '100000']],
  [['rate'], 'calls.ndjson'],
];

/** What a command left in its folder, or in the demo's, besides its ledger. */
function filesIn(own: string): string[] {
  const ours = readdirSync(own).filter((name) => name !== '.fairtally' && name !== 'fairtally-demo');
  const demo = join(own, 'fairtally-demo');
  return [...ours, ...(existsSync(demo) ? readdirSync(demo) : [])];
}

describe('a command that computes', () => {
  beforeAll(writeLargeFiles);

  it.each(COMPUTING.map(([args, stdin]) => [args.join(' ').replace(DECK, 'DECK'), args, stdin] as const))(
    '%s: ends by SIGTERM and Ctrl-C, leaves nothing half done, and the ledger readable',
    async (_, args, stdin) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        const own = mkdtempSync(join(folder, 'computing-'));
        const given = args.map((arg) => (existsSync(join(folder, arg)) ? join(folder, arg) : arg));
        const started = start(given, {}, [PROGRAM], own);
        if (stdin !== undefined) createReadStream(join(folder, stdin)).pipe(started.child.stdin ?? new PassThrough());
        await untilItComputes(started, SEEN_COMPUTING_S);
        expect([started.child.exitCode, started.output()]).toEqual([null, expect.anything()]);
        expectEnd(await started.end(signal), signal);
        expect(filesIn(own)).toEqual([]);
        const directory = join(own, '.fairtally', 'ledger');
        if (existsSync(directory)) await openDatabase({ directory }).then((db) => db.close());
        rmSync(own, { recursive: true });
      }
    },
  );

  it.each(['SIGTERM', 'SIGINT'] as const)('behind its launcher ends by its %s, and by a kill of it', async (signal) => {
    for (const sent of [signal, 'SIGKILL'] as const) {
      const own = mkdtempSync(join(folder, 'launched-'));
      const started = start(['lines', 'import', join(folder, 'big-lines')], {}, AS_LAUNCHER, own);
      await until(() => childrenOf(started.child.pid).length > 0, 'the command was started');
      const [command] = childrenOf(started.child.pid);
      await until(() => !isThere(command) || cpuSeconds(command) > SEEN_COMPUTING_S, 'it computes');
      expect(isThere(command)).toBe(true);
      expectEnd(await started.end(sent), sent);
      const begun = performance.now();
      await until(() => !isThere(command), 'the command ends after its launcher');
      expect(performance.now() - begun).toBeLessThan(WITHIN_MS);
    }
  });
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

function endless(): string[] {
  return ['rate', '--format', 'canonical-ndjson', join(folder, 'endless.ndjson')];
}

describe('rate on the embedded ledger', () => {
  beforeAll(() => {
    const record = '{"v":1,"switch":"s","call":"c","line":"L1","to":"0556013888"}\n';
    writeFileSync(join(folder, 'endless.ndjson'), record);
    // Zero bytes without an end, as good as: nothing of it is on the disk.
    truncateSync(join(folder, 'endless.ndjson'), 2 ** 40);
  });

  it.each(['FIFO', 'endless record'])('ends while it reads a %s, and leaves nothing behind', async (what) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const started = start(what === 'FIFO' ? ['rate', fifo] : endless());
      if (what === 'FIFO') await untilItWaits(started);
      else await untilItOpened(started);
      expectEnd(await started.end(signal), signal);
      expect(await canBeOpened()).toBe(true);
    }
  });

  it('ends at once by a second signal', async () => {
    const started = start(endless());
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
      const started = start(endless(), {}, AS_LAUNCHER);
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
    const started = start(endless(), {}, AS_LAUNCHER);
    await untilItOpened(started);
    process.kill(childrenOf(started.child.pid)[0] ?? 0, 'SIGKILL');
    const { signal } = await started.end('SIGCONT');
    expect(signal).toBe('SIGKILL');
  });
});

async function untilItOpened(started: Started): Promise<void> {
  await until(() => started.child.exitCode !== null || ledgerIsOpen(), `the ledger is open: ${started.output()}`);
  const process = childrenOf(started.child.pid)[0] ?? started.child.pid;
  await until(() => started.child.exitCode !== null || heeds(process), `it heeds signals: ${started.output()}`);
}

function ledgerIsOpen(): boolean {
  try {
    return readFileSync(join(folder, '.fairtally', 'ledger', 'postmaster.pid'), 'utf8') !== '';
  } catch {
    return false;
  }
}

async function canBeOpened(): Promise<boolean> {
  if (!existsSync(join(folder, '.fairtally', 'ledger'))) return true;
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
