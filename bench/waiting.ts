import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCatalogue, RatingEngine } from '../engine/index.ts';
import type { Database } from '../ledger/index.ts';
import { conversationalUse } from '../rules/index.ts';
import { decideCase, explainCall, readReport } from '../services/index.ts';
import { openCases } from './cases.ts';
import { plan } from './ledger.ts';
import { packAll } from './pack-all.ts';
import { withServer } from './postgres-server.ts';
import { preloadMonth } from './preload-month.ts';
import { makeTraffic } from './traffic.ts';

const PERIOD = 202611;
const TIMES = 5;
const LAUNCHER = fileURLToPath(new URL('../bin/fairtally.js', import.meta.url));

/** Where a person waits for an answer: a command's start, a new ledger, and what is asked of a month's ledger. */
export async function benchWaiting(lines = 50_000, entries = 1_000_000, breaches = [0, 500, 5000]): Promise<void> {
  await measureCommands();
  const traffic = makeTraffic({ lines, records: 0, numbersPerLine: 1, recordsPerChunk: 1, name: 'w' });
  await withServer((server) =>
    server.withLedger(traffic, async ({ db }) => {
      await preloadMonth(db, entries, lines);
      await packAll(db);
      await measureLedger(db, { lines, entries, breaches });
    }),
  );
}

/** The size of a ledger that is asked. */
export interface AskedLedger {
  readonly lines: number;
  readonly entries: number;
  /** How many lines have a breach that waits for a decision: one measurement after the other, ascending. */
  readonly breaches: readonly number[];
}

/** What is asked of a ledger with a full month and no breach yet. */
export async function measureLedger(db: Database, { lines, entries, breaches }: AskedLedger): Promise<void> {
  const [account] = await db.query<{ id: string }>(
    `select id from account where no = (select account from entry limit 1)`,
  );
  const [entry] = await db.query<{ call: string }>(
    `select cdr::json ->> 'call' as call from entry where period = $1 and account = (select no from account where id = $2) limit 1`,
    [PERIOD, account?.id ?? ''],
  );
  const call = entry?.call ?? '';
  const reading = { db, plan };
  console.log(`waiting: ${lines} lines, ${entries} entries; median of ${TIMES}, the longest`);
  await time('  explain a call of an account', () => explainCall(reading, { call, account: account?.id }));
  await time('  explain a call', () => explainCall(reading, { call }));
  for (const count of breaches) {
    if (count > 0) await openCases(db, count);
    await time(`  report, ${count} breaches`, () => readReport(reading, PERIOD));
  }
  const decided = await db.query<{ id: string }>(
    'select l.id from breach b join line l on l.no = b.line order by l.no limit $1',
    [TIMES],
  );
  await time('  the first decision of a process', async (turn) => {
    const engine = new RatingEngine(db, () => loadCatalogue(db, plan));
    const outcome = await decideCase(
      { db, plan, engine },
      {
        line: decided[turn]?.id ?? '',
        period: '2026-11',
        condition: conversationalUse.id,
        kind: 'confirm',
        by: 'bench',
        note: '',
      },
    );
    if (outcome.kind === 'refused') throw new Error('Cannot measure a decision: it was refused');
  });
}

async function measureCommands(): Promise<void> {
  console.log(`waiting: commands; median of ${TIMES}, the longest`);
  const folder = mkdtempSync(join(tmpdir(), 'fairtally-waiting-'));
  try {
    await time('  node alone', () => run(['-e', '0'], folder));
    await time('  fairtally --version', () => run([LAUNCHER, '--version'], folder));
    await time('  fairtally formats list', () => run([LAUNCHER, 'formats', 'list'], folder));
    await time('  fairtally setup, a new embedded ledger', (turn) =>
      run([LAUNCHER, 'setup', '--data', `ledger-${turn}`], folder),
    );
    await time('  fairtally offers list, embedded', () =>
      run([LAUNCHER, 'offers', 'list', '--data', 'ledger-0'], folder),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(args: readonly string[], cwd: string): Promise<void> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [...args], { cwd, env: { PATH, HOME }, stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`Cannot measure '${args.join(' ')}': it ended with exit code '${code}'`);
}

async function time(what: string, ask: (turn: number) => Promise<unknown>): Promise<void> {
  const taken: number[] = [];
  for (let turn = 0; turn < TIMES; turn++) {
    const before = performance.now();
    await ask(turn);
    taken.push(performance.now() - before);
  }
  const sorted = taken.toSorted((a, b) => a - b);
  console.log(`${what}: ${sorted[Math.floor(TIMES / 2)]!.toFixed(0)} ms, ${sorted.at(-1)!.toFixed(0)} ms`);
}
