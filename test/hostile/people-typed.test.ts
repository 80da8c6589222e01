// Whether something is answered clearly is asserted in one place, `expectClear`.
// oxlint-disable vitest/expect-expect
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { runCommandLine } from '../../bin/command-line.ts';
import { type DefinedCommand, definedCommands } from '../../bin/defined-commands.ts';
import { spawnCommand } from '../bin/run-command.ts';
import { writeSmallMonth } from '../bin/small-month.ts';
import { createTestDatabase } from '../support/test-database.ts';

/**
 * What a hand, a script with an empty variable or a wrong clipboard gives where a number, a day or a name is wanted.
 */
const TEXTS = [
  '',
  ' ',
  '-1',
  '0',
  '1e9',
  '1.5',
  '0x10',
  'NaN',
  '99999999999999999999',
  '9999-12-31',
  '9999-12',
  '0000-00',
  '0001-01-01T00:00:00+14:01',
  '2026-02-30',
  '2026-11-20T08:00:00.000000000000000001Z',
  '+275760-09-13T00:00:00Z',
  '2026-13',
  `'; drop table entry; --`,
  'x'.repeat(5_000),
  '\0',
  '__proto__',
  'constructor',
];
/** What is there, and is not what is wanted; nothing outside the test's own folder is ever written to. */
const PATHS = [
  '',
  ' ',
  'missing',
  'missing/deeper',
  'folder',
  'a-file',
  'a-file/below',
  'binary',
  'y'.repeat(300),
  'nul\0nul',
  // A device that never ends.
  '/dev/zero',
];
const IS_PATH = /^--(?:out|data|accounts|lines|devices|networks|deck)$|^(?:file|files|folder|a|b)$/;

let folder: string;
let database: { readonly url: string; readonly drop: () => Promise<void> };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-typed-'));
  mkdirSync(join(folder, 'folder'));
  writeFileSync(join(folder, 'a-file'), 'text\n');
  writeFileSync(join(folder, 'binary'), Buffer.from(Array.from({ length: 3_000 }, (_, at) => (at * 151 + 7) % 256)));
  const month = writeSmallMonth(join(folder, 'month'));
  database = await createTestDatabase(inject('postgres').template);
  for (const given of [
    ['lines', 'import', 'month'],
    ['rate', month.calls],
  ]) {
    const { exitCode, stderr } = await run(given);
    if (exitCode !== 0) throw new Error(stderr);
  }
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** As `fairtally ARGS…`; what would go on until it is told to stop was told so before. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const isEndless = ['worker', 'relay', 'serve'].includes(args[0] ?? '');
  const exitCode = await runCommandLine(args, {
    stdin: Readable.from([]),
    stdout,
    stderr,
    isInteractive: false,
    columns: 100,
    env: { DATABASE_URL: database.url, KAFKA_BROKERS: '127.0.0.1:1', ...env },
    folder,
    signal: isEndless ? AbortSignal.abort() : new AbortController().signal,
  });
  return { exitCode, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

/** It says what is wrong in sentences, and nothing of the code. */
function expectClear(args: readonly string[], { exitCode, stderr }: Run): void {
  const shown = args.map((arg) => (arg.length > 60 ? `${arg.slice(0, 60)}…` : arg));
  const what = `${JSON.stringify(shown)} -> ${exitCode}: ${stderr.slice(0, 500)}`;
  expect(what).not.toMatch(/\n\s+at |node:internal|bug of Fairtally|\[object|undefined|Error:/);
  expect([what, [0, 1, 2].includes(exitCode)]).toEqual([what, true]);
  expect([what, exitCode === 0 || stderr !== '']).toEqual([what, true]);
  expect(stderr.length).toBeLessThan(20_000);
}

/** What each argument and each required option is given, so that the one that is tried is the first fault. */
const GOOD: Readonly<Record<string, string>> = {
  line: 'L900',
  period: '2026-11',
  condition: 'distinct-numbers',
  decision: 'dismiss',
  'call-id': 'heavy-1',
  no: '1',
  folder: 'month',
  files: 'month/calls.ndjson',
  topic: 'cdr',
  partition: '0',
  '--to': 'start',
  '--by': 'me',
  '--note': 'why',
};

function goodArguments({ arguments: args }: DefinedCommand): string[] {
  return args.map(({ name }) => GOOD[name] ?? 'a-file');
}

function goodOptions({ options }: DefinedCommand, but: string): string[] {
  return options.flatMap(({ flag, isRequired }) => (isRequired && flag !== but ? [flag, GOOD[flag] ?? 'a-file'] : []));
}

function commands(): readonly DefinedCommand[] {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const signal = new AbortController().signal;
  const terminal = {
    stdin: Readable.from([]),
    stdout,
    stderr,
    isInteractive: false,
    columns: 100,
    env: {},
    folder,
    signal,
  };
  return definedCommands(terminal);
}

/** Read as a number, a day or a month by code of their own: each is given everything. */
const IS_PARSED = /^--(?:at|period|top|limit|batch|calls|attempts|metrics-port|to|partitions)$/;
let nextText = 0;

/** Of any other option a few, others for each: together they are given all. */
function valuesFor(flag: string): readonly string[] {
  // A month is generated, and a ledger made, where they are told to be, which takes long: only where they can't be.
  if (flag === '--out' || flag === '--data') return PATHS.filter((value) => /a-file|nul|y{9}/.test(value));
  if (IS_PATH.test(flag)) return PATHS;
  if (IS_PARSED.test(flag)) return TEXTS;
  return Array.from({ length: 3 }, () => TEXTS[nextText++ % TEXTS.length] ?? '');
}

/** A broker that is none has `topics` name its faults, this one among them, and ask nobody. */
function envFor({ path }: DefinedCommand, flag: string): Readonly<Record<string, string>> {
  return {
    ...(flag === '--data' ? { DATABASE_URL: '' } : {}),
    ...(path[0] === 'topics' ? { KAFKA_BROKERS: 'none' } : {}),
  };
}

describe.each(commands().map((command) => [command.path.join(' '), command] as const))(
  'what is typed to %s',
  (_, command) => {
    test('as the value of any option is answered in words', async () => {
      for (const { flag } of command.options.filter(({ takesValue }) => takesValue)) {
        for (const value of valuesFor(flag)) {
          const given = [...command.path, ...goodArguments(command), ...goodOptions(command, flag), flag, value];
          expectClear(given, await run(given, envFor(command, flag)));
        }
      }
    });

    test('as any argument is answered in words', async () => {
      for (const [at, { name }] of command.arguments.entries()) {
        for (const value of IS_PATH.test(name) ? PATHS : TEXTS) {
          const args = [...command.path, ...goodArguments(command).with(at, value), ...goodOptions(command, '')];
          expectClear(args, await run(args, envFor(command, '')));
        }
      }
    });
  },
);

describe('what is typed', () => {
  test('wrongly is a fault of usage that names the option and the value', async () => {
    const wrong: readonly (readonly string[])[] = [
      ['report', '--top', 'x1'],
      ['rate', 'f', '--batch', 'x1'],
      ['quarantine', '--limit', 'x1'],
      ['quarantine', '--reason', 'x1'],
      ['explain', 'c', '--period', 'x1'],
      ['decide', 'L900', '2026-11', 'distinct-numbers', 'reinstate', '--by', 'a', '--note', 'b', '--at', '9999-12-31'],
      ['decks', 'diff', 'month/accounts.csv', 'month/accounts.csv', '--at', '9999-12-31'],
      ['generate', '--out', 'a', '--calls', 'x1'],
      ['worker', '--metrics-port', '99999'],
      ['worker', '--metrics-host', '1.2.3'],
      ['worker', '--unhealthy-after-ms', 'x1'],
      ['worker', '--linger-ms', '1e3'],
      ['topics', 'create', '--partitions', '12'],
    ];
    writeFileSync(join(folder, 'deck.csv'), 'prefix,price_per_minute\n33,0.02\n');
    for (const args of wrong) {
      const own = args.map((arg) => (arg === 'month/accounts.csv' ? 'deck.csv' : arg));
      const { exitCode, stderr } = await run(own);
      expect([own, exitCode, stderr]).toEqual([own, 2, expect.stringContaining(own.at(-1) ?? '')]);
      expect(stderr).toContain(own.at(-2));
    }
  });

  test.each([
    'postgres://u:s3cr3tpw@h:99999/db',
    'postgres://u:s3cr3tpw@h:port/db',
    'postgres://u:s3cr3tpw@h:0/db',
    'postgres://u:s3cr3tpw@[::1/db',
    'postgres://u:s3cr3tpw%zz@h/db',
    'postgres://h/db?port=s3cr3tpw',
  ])('as the address %s of a server is refused in words', async (address) => {
    for (const [args, env] of [
      [['report', '--database', address], {}],
      [['report'], { DATABASE_URL: address }],
      [['worker'], { DATABASE_URL: address }],
    ] as const) {
      const refused = await run(args, env);
      expectClear(args, refused);
      expect(refused.exitCode).toBe(2);
      expect(refused.stderr).toMatch(/^Cannot use (?:--database|DATABASE_URL): .*\n$/);
      expect(refused.stderr).not.toContain('s3cr3tpw');
    }
  });

  test('for a ledger that is none, in a process of its own, is answered in one line', async () => {
    mkdirSync(join(folder, 'no-ledger', 'ledger'), { recursive: true });
    writeFileSync(join(folder, 'no-ledger', 'ledger', 'PG_VERSION'), 'nonsense');
    for (const args of [
      ['report', '--data', 'no-ledger'],
      ['report', '--data', 'a-file'],
      ['report', '--data', 'a-file/below'],
      ['rate', 'month/calls.ndjson', '--data', 'a-file'],
    ]) {
      const refused = await spawnCommand(folder, args);
      expectClear(args, refused);
      expect([args, refused.exitCode]).toEqual([args, 1]);
      expect(refused.stderr.trimEnd().split('\n').length).toBeLessThan(3);
    }
  });
});
