import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RatingEngine } from '../engine/index.ts';
import { takeFile } from '../ingest/index.ts';
import type { Line } from '../rater/index.ts';
import { cpuSecondsOf } from './cpu-seconds.ts';
import { catalogueOf } from './ledger.ts';
import { microsToParse } from './micros-to-parse.ts';
import { type BenchServer, withServer } from './postgres-server.ts';
import { preloadMonth } from './preload-month.ts';
import { type Traffic, makeTraffic } from './traffic.ts';

const LINES = 50_000;
const RECORDS = 201_000;
/** Lines whose devices and networks were imported wrongly: one in so many. */
const FAULTY_ONE_IN = 56;
const PARTS = 3;

/**
 * The same records into a ledger whose lines were imported rightly, and into one where one line in 56 has the devices
 * and networks of others, so that nearly every call of it shows a breach of `sip-mobility`: in turn, in three parts,
 * of which the first loads the lines, too. Once the breaches are known, in the last part, the rate must be the calm
 * one again.
 *
 * @param entries what the month holds before
 */
export async function benchFaultyImport(entries = 0, turns = 2): Promise<void> {
  const traffic = makeTraffic({
    lines: LINES,
    records: RECORDS,
    numbersPerLine: 40,
    recordsPerChunk: RECORDS / PARTS,
    name: 'i',
  });
  const faulty = { ...traffic, lines: traffic.lines.map(asImported) };
  console.log(
    `faulty import: ${RECORDS} records of ${LINES} lines in ${PARTS} parts, ${entries} entries before; ` +
      `JSON.parse of a record ${microsToParse().toFixed(2)} µs`,
  );
  await withServer(async (server) => {
    for (let turn = 0; turn < turns; turn++) {
      await measure('calm', traffic, server, entries);
      await measure('faulty', faulty, server, entries);
    }
  });
}

function asImported(line: Line, index: number): Line {
  if (index % FAULTY_ONE_IN !== 0) return line;
  const [device, network] = [line.devices[0]!, line.networks[0]!];
  return {
    ...line,
    devices: [{ ...device, userAgent: 'snomD785 *' }],
    networks: [{ ...network, cidr: '192.0.2.0/24' }],
  };
}

async function measure(what: string, traffic: Traffic, server: BenchServer, entries: number): Promise<void> {
  await server.withLedger(traffic, async ({ db }) => {
    if (entries > 0) await preloadMonth(db, entries, LINES);
    const folder = await mkdtemp(join(tmpdir(), 'fairtally-bench-'));
    try {
      const engine = new RatingEngine(db, () => catalogueOf(db));
      const parts: string[] = [];
      for (const [part, chunk] of traffic.chunks.entries()) {
        const cpu = cpuSecondsOf([process.pid]);
        const serverCpu = cpuSecondsOf(server.pids);
        const before = performance.now();
        await takeText(chunk, `part-${part}.ndjson`);
        const seconds = (performance.now() - before) / 1000;
        parts.push(
          `${seconds.toFixed(1)} s (CPU ${(cpuSecondsOf([process.pid]) - cpu).toFixed(1)}, ` +
            `of it PostgreSQL ${(cpuSecondsOf(server.pids) - serverCpu).toFixed(1)})`,
        );
      }
      const [breaches] = await db.query<{ count: number }>('select count(*)::int as count from breach');
      console.log(`  ${what.padEnd(6)}  ${parts.join(', ')}; ${breaches?.count ?? 0} breaches`);

      async function takeText(text: Uint8Array, name: string): Promise<void> {
        const path = join(folder, name);
        await writeFile(path, text);
        await takeFile(engine, db, { path, source: `file:${path}` });
        await engine.catchUp();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}
