import { loadCatalogue, RatingEngine } from '../engine/index.ts';
import { type Database, saveStakes } from '../ledger/index.ts';
import { conversationalUse } from '../rules/index.ts';
import { type LedgerAccess, decideCase, listCases, showCase } from '../services/index.ts';
import { plan } from './ledger.ts';
import { withServer } from './postgres-server.ts';
import { preloadMonth } from './preload-month.ts';
import { makeTraffic } from './traffic.ts';

const PERIOD = '2026-11';
const TIMES = 21;

/** A queue of open cases over a full month: pages of it, a case, a decision. The goals: 50, 100 and 300 ms. */
export async function benchCases(cases = 100_000, entries = 5_000_000): Promise<void> {
  const traffic = makeTraffic({
    lines: Math.ceil(cases * 1.2),
    records: 0,
    numbersPerLine: 1,
    recordsPerChunk: 1,
    name: 'c',
  });
  await withServer((server) => server.withLedger(traffic, ({ db }) => measureCases(db, cases, entries)));
}

/** The same on a ledger that has the lines and no call yet. */
export async function measureCases(db: Database, cases: number, entries: number): Promise<void> {
  await preloadMonth(db, entries, Math.ceil(cases * 1.2));
  await openCases(db, cases);
  const engine = new RatingEngine(db, () => loadCatalogue(db, plan));
  const access: LedgerAccess = { db, plan, engine };
  console.log(
    `cases: ${cases} open ones, ${entries} entries in the month; median of ${TIMES}, the longest, and CPU of this process`,
  );
  const first = await listCases(access, {});
  if (first.kind === 'refused' || first.next === null) throw new Error('Cannot measure: there is no second page');
  const { next, cases: page } = first;
  const { account } = page[0]!;
  await time('  first page of 50', () => listCases(access, {}));
  await time('  second page', () => listCases(access, { after: next }));
  await time('  page of one month and condition', () =>
    listCases(access, { period: PERIOD, condition: conversationalUse.id }),
  );
  await time('  cases of one account', () => listCases(access, { account }));
  await time('  a case', (turn) => showCase(access, { line: page[turn % page.length]!.line, period: PERIOD }));
  const withCases = await db.query<{ bucket: number; line: number }>('select bucket, line from case_file');
  await time('  what a batch adds to 300 cases', (turn) => addStakes(db, withCases, turn));
  const request = (turn: number) => ({
    line: page[turn % page.length]!.line,
    period: PERIOD,
    condition: conversationalUse.id,
    kind: 'confirm',
    by: 'bench',
    note: '',
  });
  await time('  a dry run', (turn) => decideCase(access, { ...request(turn), dryRun: true }));
  // The first has the engine load its lines.
  await time('  a decision, the first of the process', (turn) => decideCase(access, request(turn)), 1);
  await time('  a decision', (turn) => decideCase(access, request(turn + 1)));
}

async function time(what: string, run: (turn: number) => Promise<{ readonly kind: string }>, times = TIMES) {
  const taken: number[] = [];
  const cpuBefore = process.cpuUsage();
  for (let turn = 0; turn < times; turn++) {
    const before = performance.now();
    const { kind } = await run(turn);
    taken.push(performance.now() - before);
    if (kind === 'refused') throw new Error(`Cannot measure${what}: it was refused`);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuMs = (user + system) / 1000 / times;
  const sorted = taken.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  console.log(`${what}: ${median.toFixed(1)} ms, ${sorted.at(-1)!.toFixed(1)} ms; ${cpuMs.toFixed(1)} ms CPU`);
}

/** What a batch of 10,000 calls writes of cases where one line in thirty has one. */
async function addStakes(
  db: Database,
  lines: readonly { readonly bucket: number; readonly line: number }[],
  turn: number,
): Promise<{ readonly kind: 'done' }> {
  const own = Array.from({ length: 300 }, (_, index) => lines[(turn * 7919 + index * 331) % lines.length]!);
  const stakes = own.map((line) => ({ ...line, period: 202611, calls: 1, money: 90_000, isWhole: false }));
  await db.transaction((tx) => saveStakes(tx, stakes));
  return { kind: 'done' };
}

/** Opens a case on each of so many lines, with some money at stake: nothing of it is what their calls come to. */
export async function openCases(db: Database, cases: number): Promise<void> {
  await db.query(
    `insert into breach (bucket, line, period, condition, state, breach_from, evidence)
     select bucket, no, 202611, $2, 'standing', '2026-11-01 00:00:00+01',
            json_build_object('condition', $2::text, 'breachFrom', 1793487600000, 'measures', json_build_array(
              json_build_object('id', 'short-calls', 'value', 450, 'max', 400)))
     from line order by no limit $1 on conflict do nothing`,
    [cases, conversationalUse.id],
  );
  await db.query(
    `insert into case_file (bucket, line, period, state, at_stake, at_stake_calls)
     select bucket, line, period, 'open', (hashint4extended(line, 5) & 16777215) * 100, 10 from breach
     on conflict do nothing`,
  );
  for (const table of ['breach', 'case_file']) await db.exec(`vacuum analyze ${table}`);
}
