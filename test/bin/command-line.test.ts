import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../ledger/index.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { runCommand, spawnCommand } from './run-command.ts';
import { type SmallMonth, writeSmallMonth } from './small-month.ts';

let root: string;
let folder: string;
let month: SmallMonth;
let count = 0;

/** A ledger with lines and no call, made once and copied: PGlite takes seconds to make one. */
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'fairtally-bin-'));
  month = writeSmallMonth(join(root, 'month'));
  const { exitCode, stderr } = await runCommand(root, ['lines', 'import', 'month', '--data', 'template']);
  if (exitCode !== 0) throw new Error(stderr);
  cpSync(join(root, 'template'), join(root, 'rated'), { recursive: true });
  await runCommand(root, ['rate', month.calls, '--data', 'rated']);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Begins a test in a folder of its own, with a copy of a ledger made before. */
function startWith(ledger: string): void {
  count += 1;
  folder = join(root, `run-${count}`);
  cpSync(join(root, ledger), join(folder, '.fairtally'), { recursive: true });
}

function run(...args: string[]) {
  return runCommand(folder, args);
}

/** What a ledger says of every call, and what it keeps aside. */
async function ledgerState(): Promise<unknown> {
  const db = await openDatabase({ directory: join(folder, '.fairtally', 'ledger') });
  try {
    const calls = await db.query(
      `select account, line, identity::text as identity, sum(charge)::text as charge, count(*)::int as entries
       from entry group by account, line, identity order by account, line, identity`,
    );
    const quarantine = await db.query(
      `select reason, state, encode(record, 'hex') as record from quarantine order by 3, 1`,
    );
    return { calls, quarantine };
  } finally {
    await db.close();
  }
}

async function sourcePosition(): Promise<number> {
  const db = await openDatabase({ directory: join(folder, '.fairtally', 'ledger') });
  try {
    const rows = await db.query<{ position: bigint }>('select position from source_position');
    return Number(rows[0]?.position ?? 0n);
  } finally {
    await db.close();
  }
}

describe('fairtally rate', () => {
  beforeEach(() => startWith('template'));

  test('rates a file, accounts for every record, and says what came of it', async () => {
    const { exitCode, stdout } = await run('rate', month.calls);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Read 1,971 records: 1,953 rated, 5 duplicates, 10 not a call, 3 quarantined');
    expect(stdout).toContain('10 unanswered');
    expect(stdout).toContain('1 unknown-line');
    expect(stdout).toMatch(/metered, by the minute +333 /);
    expect(stdout).toContain('fairtally report 2026-11');
    expect(month.rated + month.duplicates + month.notCalls + month.quarantined).toBe(month.records);
  });

  test('run twice changes nothing', async () => {
    await run('rate', month.calls);
    const before = await ledgerState();
    const { exitCode, stdout, stderr } = await run('rate', month.calls);
    expect([exitCode, stdout.includes('Read ')]).toEqual([0, false]);
    expect(stderr).toContain('nothing new since the last run');
    expect(await ledgerState()).toEqual(before);
  });

  // On a busy machine it is killed several times before a first batch is in.
  test('killed half-way and run again leaves the ledger that one run leaves', { timeout: 240_000 }, async () => {
    await run('rate', month.calls);
    const wanted = await ledgerState();
    rmSync(join(folder, '.fairtally'), { recursive: true });
    cpSync(join(root, 'template'), join(folder, '.fairtally'), { recursive: true });
    const size = readFileSync(month.calls).length;
    // Killed later and later until a first batch is in, then once more: how fast the machine is does not matter.
    const positions: number[] = [];
    let killAfterMs = 500;
    while (positions.filter((position) => position > 0).length < 2) {
      const { exitCode, stderr } = await spawnCommand(folder, ['rate', month.calls, '--batch', '1'], killAfterMs);
      expect([exitCode, stderr]).toEqual([-1, expect.anything()]);
      positions.push(await sourcePosition());
      if (positions.at(-1) === 0) killAfterMs *= 2;
    }
    // Nor after the last: it was killed in the midst of it, twice.
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(Math.max(...positions)).toBeLessThan(size);
    const rest = await spawnCommand(folder, ['rate', month.calls]);
    expect([rest.exitCode, rest.stderr]).toEqual([0, expect.stringContaining('where the last run ended')]);
    expect(await sourcePosition()).toBe(size);
    expect(await ledgerState()).toEqual(wanted);
  });

  test('rates gzip and stdin as it rates the file', async () => {
    await run('rate', month.calls);
    const wanted = await ledgerState();
    for (const input of ['gzip', 'stdin']) {
      rmSync(join(folder, '.fairtally'), { recursive: true });
      cpSync(join(root, 'template'), join(folder, '.fairtally'), { recursive: true });
      const bytes = readFileSync(month.calls);
      writeFileSync(join(folder, 'calls.gz'), gzipSync(bytes));
      const { exitCode } =
        input === 'gzip' ? await run('rate', 'calls.gz') : await runCommand(folder, ['rate'], { stdin: bytes });
      expect(exitCode).toBe(0);
      expect(await ledgerState()).toEqual(wanted);
    }
    const again = await runCommand(folder, ['rate'], { stdin: readFileSync(month.calls) });
    expect(again.stderr).toContain('stdin: nothing new since the last run');
  });

  test('goes on with the other files when one cannot be read, and exits with 1', async () => {
    writeFileSync(join(folder, 'strange.txt'), 'nothing that a switch writes\n');
    const { exitCode, stdout, stderr } = await run('rate', 'absent.ndjson', 'strange.txt', month.calls);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('1,953 rated');
    expect(stderr).toMatch(/Cannot open '.*absent\.ndjson'/);
    expect(stderr).toMatch(/Cannot read '.*strange\.txt'.*canonical-ndjson/);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe('fairtally, given a command line that is wrong,', () => {
  test.each([
    [['rate', '--format', 'morse', 'x'], `Cannot use --format 'morse'`],
    [['rate', '--format', 'asterisk-csv', 'x'], 'Cannot read Asterisk records without --zone'],
    [['rate', '--zone', 'Paris', '--trunk', 'PJSIP/t', '--switch', 'a', 'x'], `Cannot use --zone 'Paris'`],
    [['rate', '--batch', '0', 'x'], `Cannot use --batch '0'`],
    [['rate', '--data', 'a', '--database', 'postgres://h/d', 'x'], `Cannot use both '--data' and '--database'`],
    [['rate', '--database', 'mysql://h/d', 'x'], `Cannot use --database: it must be an address`],
    [['rate', '--wrong'], `unknown option '--wrong'`],
    [['report', 'november'], `Cannot use period 'november'`],
    [['decide', 'L900', '2026-11', 'doubt', 'maybe', '--by', 'A', '--note', 'x'], `Cannot decide 'maybe'`],
    [['nonsense'], `unknown command 'nonsense'`],
  ])('%j exits with 2 and says why', async (args, fault) => {
    const { exitCode, stderr } = await runCommand(root, args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(fault)]);
  });

  test('refuses variables of the environment that are not known', async () => {
    const { exitCode, stderr } = await runCommand(root, ['report'], { env: { FAIRTALLY_DATBASE: 'x' } });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`'FAIRTALLY_DATBASE'`)]);
  });
});

describe('fairtally on a rated month', () => {
  beforeEach(() => startWith('rated'));

  test('report tells totals, lines over their conditions and quarantine, in words and as data', async () => {
    const { stdout } = await run('report');
    expect(stdout).toContain('Usage of 2026-11');
    expect(stdout).toMatch(/L900 {2}Martin \(A3\), case open/);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'distinct-numbers, in force: more than 150 different numbers called in the month: number 151 of 151,',
    );
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
    const { stdout: json } = await run('report', '2026-11', '--json');
    const data: unknown = JSON.parse(json);
    expect(data).toMatchObject({
      v: 1,
      period: '2026-11',
      charge: '107.310000',
      coverage: { included: { calls: 1620, charge: '0.000000' }, metered: { calls: 333, charge: '107.310000' } },
      lines: [
        { line: 'L900', reratedCalls: 151, reratedCharge: '27.180000', meteredCharge: '27.180000', case: 'open' },
        { line: 'L902', meteredCalls: 1 },
      ],
    });
  });

  test('explain shows number, prefix, price, coverage, the condition that holds the call, and every entry', async () => {
    const { exitCode, stdout } = await run('explain', 'heavy-3', '--account', 'A3', '--period', '2026-11');
    expect(exitCode).toBe(0);
    for (const part of [
      '0.180000 EUR',
      'France Mobile (national-mobile), by the longest prefix +336',
      '61 s (rounded up once) at 60/60: 120 s billed',
      '120 s at 0.09 a minute = 0.18',
      'distinct-numbers, broken in 2026-11, meters every included call',
      'included -> metered',
    ]) {
      expect(stdout).toContain(part);
    }
    const { stdout: json } = await run('explain', 'L001-9', '--json');
    expect(JSON.parse(json)).toMatchObject([
      {
        call: 'L001-9',
        charge: '0.400000',
        prefixes: [
          { prefix: '1246', wins: true },
          { prefix: '1', wins: false },
        ],
      },
    ]);
    const absent = await run('explain', 'no-such-call');
    expect([absent.exitCode, absent.stderr]).toEqual([1, expect.stringContaining(`'no-such-call'`)]);
  });

  test('decide takes a breach back and puts it in force again', async () => {
    const dismissed = await run(
      'decide',
      'L900',
      '2026-11',
      'distinct-numbers',
      'dismiss',
      '--by',
      'Ada',
      '--note',
      'a charity',
    );
    expect(dismissed.stdout).toContain('still included 27.18 EUR (151 calls)');
    const confirmed = await run(
      'decide',
      'L900',
      '2026-11',
      'distinct-numbers',
      'confirm',
      '--by',
      'Ada',
      '--note',
      'not one',
    );
    expect(confirmed.stdout).toContain('charged for it 27.18 EUR (151 calls, 151 of them re-rated)');
    const unknown = await run('decide', 'L001', '2026-11', 'equipment', 'confirm', '--by', 'Ada', '--note', 'x');
    expect([unknown.exitCode, unknown.stderr]).toEqual([1, expect.stringContaining('it is not broken there')]);
  });
});

describe('fairtally on a PostgreSQL server', () => {
  beforeEach(() => startWith('rated'));

  test('does by DATABASE_URL what it does embedded', async () => {
    const server = await createTestDatabase('template1');
    try {
      const onServer = (...args: string[]) => runCommand(folder, args, { env: { DATABASE_URL: server.url } });
      expect((await onServer('lines', 'import', month.folder)).exitCode).toBe(0);
      expect((await onServer('rate', month.calls)).stdout).toContain('1,953 rated, 5 duplicates');
      expect((await onServer('rate', month.calls)).stderr).toContain('nothing new since the last run');
      const embedded = await run('report', '--json');
      expect((await onServer('report', '--json')).stdout).toBe(embedded.stdout);
      expect((await onServer('explain', 'heavy-3')).stdout).toContain('0.180000 EUR');
    } finally {
      await server.drop();
    }
  });
});

describe('fairtally without a ledger', () => {
  beforeAll(() => void (folder = root));

  test('looks at none, makes none, and says what would', async () => {
    const { exitCode, stderr } = await run('report', '--data', 'elsewhere');
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(`rate FILE' makes one`)]);
  });

  test('classify and price need none', async () => {
    const classified = await runCommand(folder, ['classify'], { stdin: '0612345678\n' });
    expect(classified.stdout).toContain('"e164":"+33612345678"');
    const deck = fileURLToPath(new URL('../../tariffs/decks/full-illimite-2026.csv', import.meta.url));
    const priced = await runCommand(folder, ['price', '--deck', deck], {
      stdin: 'call_id,called_number,answer_time_utc,duration_s\nc1,+12465550100,2026-11-03T10:00:00Z,61\n',
    });
    expect(priced.stdout).toContain('c1,0.8');
  });
});
