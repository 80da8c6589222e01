import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from '../ledger/index.ts';
import { explainCall } from '../services/index.ts';
import { cpuSecondsOf } from './cpu-seconds.ts';
import { plan } from './ledger.ts';
import { microsToParse } from './micros-to-parse.ts';
import { packAll } from './pack-all.ts';
import { withServer } from './postgres-server.ts';
import { preloadMonth } from './preload-month.ts';
import { makeTraffic } from './traffic.ts';

const LINES = 50_000;
const RECORDS = 1_000;
const TIMES = 3;
/** Another checkout's launcher, to be measured in turns with this one. */
const { OTHER_LAUNCHER } = process.env;
const LAUNCHER = fileURLToPath(new URL('../bin/fairtally.js', import.meta.url));

/**
 * From the start of a process to the commit of its first thousand calls, into a month of so many entries: `fairtally
 * rate`, from its beginning to its end. And how long a call takes to be explained without its account.
 */
export async function benchFirstCommit(sizes: readonly number[] = [200_000, 1_000_000, 5_000_000]): Promise<void> {
  console.log(`JSON.parse of a record: ${microsToParse().toFixed(2)} µs`);
  const traffic = makeTraffic({ lines: LINES, records: 0, numbersPerLine: 1, recordsPerChunk: 1, name: 'f' });
  await withServer(async (server) => {
    for (const entries of sizes) {
      await server.withLedger(traffic, async ({ db, url }) => {
        await preloadMonth(db, entries, LINES);
        await measure(url, server.pids, entries, 'entries alone');
        const before = performance.now();
        await packAll(db);
        const seconds = (performance.now() - before) / 1000;
        console.log(`  packed in ${seconds.toFixed(1)} s, ${((seconds / entries) * 1e6).toFixed(1)} µs an entry`);
        await measure(url, server.pids, entries, 'packed');
        await measureExplain(db);
      });
    }
  });
}

async function measure(url: string, pids: readonly number[], entries: number, how: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fairtally-first-'));
  try {
    for (let turn = 0; turn < TIMES; turn++) {
      for (const [name, launcher] of [
        ['', LAUNCHER],
        ...(OTHER_LAUNCHER === undefined ? [] : [['other ', OTHER_LAUNCHER]]),
      ]) {
        const source = `first-${entries}-${how.slice(0, 1)}-${turn}-${name}`;
        const file = join(folder, `${source.trim()}.ndjson`);
        const [chunk] = makeTraffic({
          lines: LINES,
          records: RECORDS,
          numbersPerLine: 40,
          recordsPerChunk: RECORDS,
          name: source,
        }).chunks;
        writeFileSync(file, chunk!);
        const { seconds, cpu, serverCpu } = await firstCommit([launcher!, 'rate', file, '--database', url], pids);
        console.log(
          `  ${name}${entries.toLocaleString('en')} entries, ${how}: first commit after ${seconds.toFixed(1)} s; ` +
            `CPU ${cpu.toFixed(1)} s, in PostgreSQL ${serverCpu.toFixed(1)} s`,
        );
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureExplain(db: Database): Promise<void> {
  const [entry] = await db.query<{ call: string }>(`select cdr::json ->> 'call' as call from entry limit 1`);
  for (const call of [entry?.call ?? '', 'nobody-made-it']) {
    const taken: number[] = [];
    for (let turn = 0; turn < TIMES; turn++) {
      const before = performance.now();
      await explainCall({ db, plan }, { call });
      taken.push(performance.now() - before);
    }
    console.log(`  explain '${call}' without its account: ${taken.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  }
}

interface FirstCommit {
  readonly seconds: number;
  readonly cpu: number;
  readonly serverCpu: number;
}

/**
 * Runs `fairtally rate` with one batch of records, to its end; returns what it took until it said that all of them are
 * in the ledger. What it does afterwards, its report of the month, is no part of that.
 */
async function firstCommit(args: readonly string[], serverPids: readonly number[]): Promise<FirstCommit> {
  const { PATH, HOME } = process.env;
  const servers = cpuSecondsOf(serverPids);
  const before = performance.now();
  const child = spawn(process.execPath, [...args], { env: { PATH, HOME }, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  let said = '';
  let first: FirstCommit | null = null;
  for await (const chunk of child.stderr.setEncoding('utf8')) {
    said += String(chunk);
    if (first !== null || !said.includes('100 %')) continue;
    first = {
      seconds: (performance.now() - before) / 1000,
      cpu: cpuSecondsOf([child.pid!]),
      serverCpu: cpuSecondsOf(serverPids) - servers,
    };
  }
  const [code] = await exited;
  if (code !== 0 || first === null) throw new Error(`Cannot measure '${args.join(' ')}' (exit code ${code}): ${said}`);
  return first;
}
