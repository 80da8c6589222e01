import { spawn } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import nodePath, { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { definedCommands } from '../../bin/defined-commands.ts';
import { type Database, openDatabase } from '../../ledger/index.ts';
import { writeSmallMonth } from '../bin/small-month.ts';
import { createTestDatabase } from '../support/test-database.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/fairtally.js', import.meta.url));
const project = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const WHO = ['--by', 'Ada', '--note', 'a test'];
const TOPIC = `hung-up-${process.pid}-${Date.now()}`;
const TOPICS = ['--topic', TOPIC, '--rekeyed-topic', `${TOPIC}-rekeyed`];

let folder: string;
let db: Database;
let database: { readonly url: string; readonly drop: () => Promise<void> };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-hung-up-'));
  writeSmallMonth(join(folder, 'month'));
  copyFileSync(project('tariffs/decks/full-illimite-2026.csv'), join(folder, 'deck.csv'));
  copyFileSync(project('rules/offers/full-illimite.json'), join(folder, 'offer.json'));
  const early = { v: 1, switch: 's', call: 'early', line: 'L001', to: '+33612345678', durationMs: 1 };
  writeFileSync(join(folder, 'early.ndjson'), `${JSON.stringify({ ...early, answered: '2025-06-01T00:00:00Z' })}\n`);
  writeFileSync(join(folder, 'calls.csv'), 'call_id,called_number,answer_time_utc,duration_s\n');
  appendFileSync(join(folder, 'calls.csv'), 'a,33612345678,2026-11-02T10:00:00Z,60\n'.repeat(5_000));
  writeFileSync(join(folder, 'dialled.txt'), '+33123456789\n'.repeat(20_000));
  database = await createTestDatabase(inject('postgres').template);
  db = await openDatabase({ url: database.url });
});
afterAll(async () => {
  await db.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Whose reader is gone: `fairtally … | true`, or `2>&1 | true`. */
type Gone = 'stdout' | 'both';

interface Outcome {
  readonly code: number | null;
  readonly said: string;
}

/** Runs a command whose output nobody reads: the reader is gone before it says anything. */
function hungUp(args: readonly string[], gone: Gone = 'stdout', stdin = '/dev/null'): Promise<Outcome> {
  const redirect = gone === 'both' ? '2>&1' : '';
  const script = `"$NODE" "$PROGRAM" "$@" ${redirect} <"$INPUT" | true; exit "\${PIPESTATUS[0]}"`;
  const env = {
    PATH: process.env['PATH'],
    NODE: process.execPath,
    PROGRAM,
    INPUT: nodePath.resolve(folder, stdin),
    KAFKA_BROKERS: inject('kafkaBrokers'),
    ...(args.includes('--data') ? {} : { DATABASE_URL: database.url }),
  };
  const child = spawn('bash', ['-c', script, 'bash', ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, said })));
}

/** What each command is asked, in an order in which each has something to print. */
const COMMANDS: Readonly<Record<string, { readonly args?: readonly string[]; readonly stdin?: string }>> = {
  setup: {},
  'lines import': { args: ['month'] },
  rate: { args: ['month/calls.ndjson', 'early.ndjson', '--starts-from', '2026-01-01'] },
  'decks import': { args: ['deck.csv', '--retroactive', ...WHO] },
  'offers import': { args: ['offer.json', '--retroactive', ...WHO] },
  cases: {},
  case: { args: ['L900', '2026-11'] },
  decide: { args: ['L900', '2026-11', 'distinct-numbers', 'confirm', ...WHO] },
  'quarantine list': {},
  'quarantine show': { args: ['1'] },
  'quarantine accept': { args: ['NO-OF-EARLY', ...WHO] },
  'quarantine write-off': { args: ['NO-OF-FIRST', ...WHO] },
  'quarantine reopen': { args: ['NO-OF-FIRST', ...WHO] },
  'quarantine repair': { args: ['--begins', '9', '--as', '', ...WHO] },
  'quarantine replay': {},
  'quarantine sweep': {},
  report: { args: ['2026-11'] },
  explain: { args: ['L001-1'] },
  'decks list': {},
  'formats list': {},
  'formats try': { args: ['month/calls.ndjson'] },
  'decks diff': { args: ['deck.csv', 'deck.csv'] },
  'offers list': {},
  'offers lint': { args: ['offer.json'] },
  verify: {},
  restored: { args: ['--in-place', ...WHO] },
  'topics create': { args: [...TOPICS, '--usage-topic', `${TOPIC}-usage`, '--event-topic', `${TOPIC}-events`] },
  'topics positions': { args: TOPICS },
  'topics move': { args: [TOPIC, '0', '--to', 'start', ...WHO, ...TOPICS] },
  'holes settle': { args: [`kafka:${TOPIC}`, '0', '--hole', '7', ...WHO] },
  'holes list': {},
  'periods closing': { args: ['2021-01', ...WHO] },
  'periods close': { args: ['2021-01', ...WHO] },
  'periods reopen': { args: ['2021-02', ...WHO] },
  'periods list': {},
  'keys create': { args: ['billing', '--role', 'billing'] },
  'keys list': {},
  'keys revoke': { args: ['KEY-OF-BILLING'] },
  'audit list': {},
  'audit verify': {},
  demo: { args: ['--calls', '9000'] },
  backup: { args: ['copy', '--data', 'fairtally-demo'] },
  generate: { args: ['--out', 'made', '--calls', '9000'] },
  classify: { stdin: 'dialled.txt' },
  price: { args: ['--deck', 'deck.csv'], stdin: 'calls.csv' },
};
/** They say nothing but their log, on stderr, until they are told to stop. */
const LONG_RUNNING = ['worker', 'relay', 'serve'];

async function typedOf(arg: string): Promise<string> {
  if (arg === 'KEY-OF-BILLING') {
    const [key] = await db.query<{ id: string }>(`select id from api_key where name = 'billing'`);
    return String(key?.id);
  }
  if (arg !== 'NO-OF-EARLY' && arg !== 'NO-OF-FIRST') return arg;
  const [row] = await db.query<{ no: bigint }>(
    `select no from quarantine where $1 = 'NO-OF-EARLY' and reason = 'start-implausible'
       or $1 = 'NO-OF-FIRST' and state in ('waiting', 'written-off') order by no limit 1`,
    [arg],
  );
  return String(row?.no);
}

/** What commands that change something leave in the ledger. */
const DONE: Readonly<Record<string, string>> = {
  setup: 'select from head',
  'lines import': `select from line where id = 'L900'`,
  rate: `select from quarantine where source like '%early%'`,
  'decks import': 'select from rate_deck',
  'offers import': 'select from offer',
  decide: `select from decision where decided_by = 'Ada'`,
  'quarantine accept': `select from start_acceptance where accepted_by = 'Ada'`,
  'quarantine write-off': `select from quarantine_write_off where act = 'written-off' and taken_by = 'Ada'`,
  'quarantine reopen': `select from quarantine_write_off where act = 'reopened' and taken_by = 'Ada'`,
  'quarantine repair': `select from number_repair where taken_by = 'Ada'`,
  'keys create': `select from api_key where name = 'billing'`,
  'keys revoke': `select from api_key where revoked_at is not null`,
  restored: `select from ledger_life where begun_by = 'Ada'`,
  'topics move': `select from source_move where source = 'kafka:${TOPIC}'`,
  'periods closing': `select from period_move where period = 202101 and state = 'closing'`,
  'periods close': `select from period_close where period = 202101`,
  'periods reopen': `select from period_move where period = 202102 and state = 'open'`,
  'holes settle': `select from hole_settlement where source = 'kafka:${TOPIC}'`,
};

describe('a reader that hangs up', () => {
  it('is tried with every command', () => {
    const nothing = new PassThrough();
    const terminal = {
      stdin: nothing,
      stdout: nothing,
      stderr: nothing,
      isInteractive: false,
      columns: 100,
      env: {},
      folder,
      signal: new AbortController().signal,
    };
    const paths = definedCommands(terminal).map(({ path }) => path.join(' '));
    expect(paths.toSorted()).toEqual([...Object.keys(COMMANDS), ...LONG_RUNNING].toSorted());
  });

  it.each(Object.entries(COMMANDS))('ends %s quietly, and what it did stays', async (command, { args = [], stdin }) => {
    const typed = [...command.split(' '), ...(await Promise.all(args.map((arg) => typedOf(arg))))];
    if (command === 'holes settle')
      await db.query('update source_position set position = position + 7 where source = $1', [typed[2]!]);
    if (command === 'periods reopen')
      await db.exec(`insert into period_move (period, state, moved_by, note, moved_at)
        values (202102, 'closing', 'Ada', 'test', now())`);
    expect(await hungUp(typed, 'stdout', stdin)).toEqual({
      code: 0,
      said: expect.not.stringMatching(/EPIPE|pipe|^ +at /m),
    });
    expect(await db.query(DONE[command] ?? 'select')).not.toEqual([]);
  });

  it.each(['report', 'quarantine list', 'rate nothing.ndjson', 'decks lost', 'classify'])(
    'of both streams ends %s quietly',
    async (typed) => {
      const { said } = await hungUp(typed.split(' '), 'both', typed === 'classify' ? 'dialled.txt' : '/dev/null');
      expect(said).toBe('');
    },
  );
});
