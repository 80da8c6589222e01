// Whether something is seen is asserted in one place, `expectSeen`.
// oxlint-disable vitest/expect-expect
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../bin/command-line.ts';
import { definedCommands } from '../../bin/defined-commands.ts';
import { EscapedOutput } from '../../bin/escaped-output.ts';
import { openDatabase } from '../../ledger/index.ts';
import { type CommandRun, runCommand } from '../bin/run-command.ts';
import { fakeLinesIn, HOSTILE, rawIn, UNSEEN_SAMPLES } from './seen-text.ts';

/** Without the line end: it ends a row or a record where it is not quoted. */
const IN_A_ROW = HOSTILE.replaceAll('\n', ' ').replaceAll('\r', '');
const LINE = `L${IN_A_ROW}`;
const ACCOUNT = `A${IN_A_ROW}`;
const CALL = `c${HOSTILE}`;
let folder: string;

function run(...args: string[]): Promise<CommandRun> {
  return runCommand(folder, args, { env: { KAFKA_BROKERS: '127.0.0.1:1' } });
}

/** What a command printed has nothing unseen in it, and no line that a value of others began. */
function expectSeen({ stdout, stderr }: CommandRun, isJson = false): void {
  expect({ stdout: rawIn(stdout), stderr: rawIn(stderr) }).toEqual({ stdout: null, stderr: null });
  expect([...fakeLinesIn(stdout), ...fakeLinesIn(stderr)]).toEqual([]);
  if (isJson) JSON.parse(stdout);
}

function record(given: Readonly<Record<string, unknown>>): string {
  const call = { v: 1, switch: HOSTILE, call: CALL, line: LINE, to: '0612345678', durationMs: 61_000 };
  return JSON.stringify({ ...call, answered: '2026-11-19T17:29:00.808Z', ua: HOSTILE, ip: '203.0.113.7', ...given });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-seen-'));
  mkdirSync(join(folder, 'month'));
  const name = quoted(`Name ${HOSTILE}`);
  writeFileSync(join(folder, 'month', 'accounts.csv'), `account,name\n${quoted(ACCOUNT)},${name}\n`);
  writeFileSync(
    join(folder, 'month', 'lines.csv'),
    `line,account,number,offer,usage_class,mobility,equipment,from,to\n` +
      `${quoted(LINE)},${quoted(ACCOUNT)},+33140000001,full-illimite,business,off,managed,2026-01-01,\n`,
  );
  expectSeen(await run('lines', 'import', 'month'));
  const records = [
    record({}),
    ...Array.from({ length: 152 }, (_, at) => record({ call: `${CALL}${at}`, to: `06120${String(10_000 + at)}` })),
    // What can't be rated, each in its way: quarantine quotes it.
    record({ call: `${CALL}-number`, to: HOSTILE }),
    record({ call: `${CALL}-line`, line: `none${HOSTILE}` }),
    record({ call: `${CALL}-time`, answered: HOSTILE }),
    record({ call: `${CALL}-ip`, ip: HOSTILE }),
    record({ call: `${CALL}-field`, [HOSTILE]: HOSTILE }),
    record({ call: `${CALL}-surrogate`, to: '\ud800' }),
    `no json ${IN_A_ROW}`,
    Buffer.from([0x7b, 0x1b, 0x5b, 0x32, 0x4a, 0x9b, 0xff]).toString('latin1'),
  ];
  writeFileSync(join(folder, `calls${IN_A_ROW.slice(0, 40)}.ndjson`), `${records.join('\n')}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('text of others', () => {
  test('comes out escaped from every command that shows the ledger', async () => {
    const rated = await run('rate', `calls${IN_A_ROW.slice(0, 40)}.ndjson`);
    expectSeen(rated);
    expect(rated.stdout).toContain('rated');
    const month = await run('report', '2026-11');
    expectSeen(month);
    expect(month.stdout).toContain(String.raw`\x1b[2J`);
    expect(month.stdout).toContain('distinct-numbers');
    for (const args of [
      ['report', '2026-11', '--json'],
      ['explain', CALL, '--json'],
      ['quarantine', '--json', '--limit', '100'],
    ]) {
      const shown = await run(...args);
      expectSeen(shown, true);
      expect(shown.exitCode).toBe(0);
    }
    // Data stays what it is: JSON's own escapes mean the same.
    const [explained] = JSON.parse((await run('explain', CALL, '--json')).stdout);
    expect(explained).toMatchObject({ call: CALL, line: LINE, account: ACCOUNT });
    const call = await run('explain', CALL);
    expectSeen(call);
    expect(call.stdout).toContain(String.raw`\u202e`);
    expectSeen(await run('explain', `${CALL}-line`));
    expectSeen(await run('explain', 'none', '--account', HOSTILE));
    expectSeen(
      await run(
        'decide',
        LINE,
        '2026-11',
        'distinct-numbers',
        'reinstate',
        '--by',
        HOSTILE,
        '--note',
        HOSTILE,
        '--at',
        '2026-11-20',
      ),
    );
    expectSeen(await run('decide', LINE, '2026-11', 'distinct-numbers', 'confirm', '--by', HOSTILE, '--note', HOSTILE));
    expectSeen(await run('report'));
    expectSeen(await run('explain', CALL));
    for (const args of [['quarantine'], ['offers', 'list'], ['decks', 'list'], ['setup']])
      expectSeen(await run(...args));
    const reasons = await openedQuarantine();
    expect(reasons.length).toBeGreaterThan(5);
    for (const [at, { no, reason }] of reasons.entries()) {
      if (reasons.findIndex((other) => other.reason === reason) === at)
        expectSeen(await run('quarantine', '--reason', reason));
      expectSeen(await run('quarantine', 'show', String(no)));
    }
    const no = String(reasons[0]?.no);
    expectSeen(await run('quarantine', 'show', no, '--json'), true);
    expectSeen(await run('quarantine', 'write-off', no, '--by', HOSTILE, '--note', HOSTILE));
    for (const args of [
      ['list', '--written-off'],
      ['show', no],
    ])
      expectSeen(await run('quarantine', ...args));
    expectSeen(await run('quarantine', 'list', '--written-off', '--json'), true);
    expectSeen(await run('quarantine', 'reopen', no, '--by', HOSTILE, '--note', HOSTILE));
  });

  test('comes out escaped from faults of files that were given', async () => {
    const deck = file(
      'deck.csv',
      `prefix,price_per_minute,${HOSTILE.replaceAll('\n', '')}\n${IN_A_ROW},1\n33,${IN_A_ROW}\n`,
    );
    const quotedDeck = file('quoted.csv', `destination,price_per_minute\n"${HOSTILE.replaceAll('"', '')}",0.1\n`);
    const offer = file(
      'offer.json',
      JSON.stringify({ [HOSTILE]: HOSTILE, id: HOSTILE, included: [HOSTILE], timeZone: HOSTILE }),
    );
    const whole = JSON.parse(readFileSync(new URL('../../rules/offers/full-illimite.json', import.meta.url), 'utf8'));
    const named = file('named.json', JSON.stringify({ ...whole, id: HOSTILE, name: HOSTILE, included: [HOSTILE] }));
    const broken = file('broken.json', `{"a": ${HOSTILE}`);
    const binary = file('binary', Buffer.from(Array.from({ length: 2_000 }, (_, at) => (at * 151) % 256)));
    const lines = file(
      'lines.csv',
      `line,account,number,offer,usage_class,mobility,equipment,from,to\n"${HOSTILE}","${HOSTILE}",${IN_A_ROW},${IN_A_ROW},${IN_A_ROW},x,y,${IN_A_ROW},${IN_A_ROW}\n`,
    );
    const runs = [
      ...[deck, quotedDeck, binary].flatMap((name) => [
        ['decks', 'import', name],
        ['decks', 'diff', name, name],
        ['price', '--deck', name],
      ]),
      ...[offer, named, broken, binary].flatMap((name) => [
        ['offers', 'import', name],
        ['offers', 'lint', name],
      ]),
      ...[lines, binary].flatMap((name) => [
        ['lines', 'import', 'month', '--lines', name],
        ['lines', 'import', 'month', '--accounts', name],
        ['lines', 'import', 'month', '--devices', name, '--networks', name],
        ['rate', name],
      ]),
      ['rate', `none${HOSTILE}`],
      ['decks', 'diff', HOSTILE, HOSTILE],
    ];
    for (const args of runs) expectSeen(await run(...args));
  });

  test('comes out escaped from every command to whose arguments and options it was typed', async () => {
    for (const { path, arguments: args, options } of definedCommands(
      terminalFor(new PassThrough(), new PassThrough()),
    )) {
      const positional = args.map(() => HOSTILE);
      const required = options.flatMap(({ flag, isRequired }) => (isRequired ? [flag, HOSTILE] : []));
      const typed = [
        [...path, ...positional, ...required, ...(path.join(' ') === 'demo' ? ['--calls', HOSTILE] : [])],
        [...path, ...positional, ...required, `--no${HOSTILE}`],
        [...path, ...positional, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, ...required],
        ...options
          .filter(({ takesValue, isRequired }) => takesValue && !isRequired)
          .map(({ flag }) => [...path, ...positional, ...required, flag, HOSTILE]),
      ];
      for (const given of typed) {
        const env = { KAFKA_BROKERS: HOSTILE, FAIRTALLY_TOPICS: HOSTILE };
        // What would serve until it is told to stop was told so before.
        const signal = path[0] === 'serve' ? AbortSignal.abort() : new AbortController().signal;
        const shown = await runCommand(folder, given, { env, signal });
        expectSeen(shown);
      }
    }
    expectSeen(await run(HOSTILE));
    expectSeen(await run('lines', HOSTILE));
    expectSeen(await runCommand(folder, ['worker'], { env: { [`FAIRTALLY_${HOSTILE}`]: 'x' } }));
  });

  test('comes out of classify as JSON that means the same, and of price as cells', async () => {
    const classified = await runCommand(folder, ['classify'], { stdin: IN_A_ROW });
    expectSeen(classified);
    const { dialled } = JSON.parse(classified.stdout.split('\n')[0] ?? '');
    expect(dialled).toBe(IN_A_ROW.replace('\ufeff', '\ufeff'));
    writeFileSync(join(folder, 'good-deck.csv'), 'prefix,price_per_minute\n33,0.02\n');
    const ids = ['=1+1', '+33612345678', '-2', '@SUM(A1)', `"${IN_A_ROW}"`, 'plain'];
    const rows = ids.map((id) => `${id},33612345678,2026-11-03T10:15:00Z,60`);
    const stdin = `call_id,called_number,answer_time_utc,duration_s\n${rows.join('\n')}\n`;
    const priced = await runCommand(folder, ['price', '--deck', 'good-deck.csv'], { stdin });
    expectSeen(priced);
    const cells = priced.stdout.split('\n').slice(1, -1);
    expect(cells.slice(0, 4).map((line) => line.split(',')[0])).toEqual([`'=1+1`, `'+33612345678`, `'-2`, `'@SUM(A1)`]);
    expect(cells.at(-1)).toBe('plain,0.020000,33,,');
    expectSeen(await runCommand(folder, ['price', '--deck', 'good-deck.csv'], { stdin: `${IN_A_ROW}\n` }));
  });

  test('has the bar of progress stay in its line', async () => {
    const stderr = collector();
    const name = `calls${IN_A_ROW.slice(0, 40)}.ndjson`;
    const terminal = { ...terminalFor(collector().stream, stderr.stream), isInteractive: true, columns: 60 };
    expect(await runCommandLine(['rate', name, '--again'], terminal)).toBe(0);
    const moves = stderr.text().split('\r\u001b[K');
    expect(moves.length).toBeGreaterThan(1);
    for (const move of moves) expect(rawIn(move)).toBeNull();
  });
});

describe('EscapedOutput', () => {
  test.each(Object.entries(UNSEEN_SAMPLES))('shows %s, as a string and as bytes', (_, sample) => {
    const inner = collector();
    const output = new EscapedOutput(inner.stream);
    output.write(`a${sample}b\n`);
    output.write(Buffer.from(`a${sample}b\n`));
    expect(rawIn(inner.text())).toBeNull();
    expect(inner.text().replaceAll('\n', '')).not.toBe('abab');
    expect(inner.text().split('\n')).toHaveLength(3);
  });

  test('puts a character together that two writes of bytes cut in two', () => {
    const inner = collector();
    const output = new EscapedOutput(inner.stream);
    for (const byte of Buffer.from('é\u202eé')) output.write(Buffer.from([byte]));
    expect(inner.text()).toBe(String.raw`é\u202eé`);
  });

  test('leaves letters of all languages alone', () => {
    const inner = collector();
    new EscapedOutput(inner.stream).write('Épicerie Œuvre 電話 тариф ελληνικά عربي नमस्ते 📞\n');
    expect(inner.text()).toBe('Épicerie Œuvre 電話 тариф ελληνικά عربي नमस्ते 📞\n');
  });
});

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** Writes a file that a command is given, and returns its name. */
function file(name: string, text: string | Buffer): string {
  writeFileSync(join(folder, name), text);
  return name;
}

async function openedQuarantine(): Promise<{ readonly no: bigint; readonly reason: string }[]> {
  const db = await openDatabase({ directory: join(folder, '.fairtally', 'ledger') });
  try {
    return await db.query('select no, reason from quarantine order by no');
  } finally {
    await db.close();
  }
}

function terminalFor(stdout: Writable, stderr: Writable) {
  return {
    stdin: Readable.from([]),
    stdout,
    stderr,
    isInteractive: false,
    columns: 100,
    env: {},
    folder,
    signal: new AbortController().signal,
  };
}

function collector(): { readonly stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer | string, _, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}
