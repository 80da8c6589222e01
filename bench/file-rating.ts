import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RatingEngine } from '../engine/index.ts';
import { takeFile } from '../ingest/index.ts';
import type { Database } from '../ledger/index.ts';
import { cpuSecondsOf } from './cpu-seconds.ts';
import { catalogueOf } from './ledger.ts';
import { type TrafficSize, makeTraffic } from './traffic.ts';

/** What rating a file took. */
export interface FileRating {
  readonly records: number;
  /** Reading the ledger's months into memory, before the first batch. */
  readonly loadSeconds: number;
  readonly seconds: number;
  /** CPU seconds of this process: the worker's part, and with PGlite the database's too. */
  readonly cpuSeconds: number;
  /** CPU seconds of the server's processes; NaN when none are given. */
  readonly serverCpuSeconds: number;
}

/** Rates a file of canonical records into a ledger whose lines are those of the traffic, as `fairtally rate` does. */
export async function rateFile(
  db: Database,
  size: TrafficSize,
  serverPids: readonly number[] = [],
): Promise<FileRating> {
  const folder = await mkdtemp(join(tmpdir(), 'fairtally-bench-'));
  try {
    const warmUp = await writeTraffic(join(folder, 'warm-up.ndjson'), {
      ...size,
      records: 1000,
      name: `${size.name}-w`,
    });
    const path = await writeTraffic(join(folder, 'calls.ndjson'), size);
    const engine = new RatingEngine(db, () => catalogueOf(db));
    const begin = performance.now();
    await takeFile(engine, db, { path: warmUp, source: `file:${warmUp}` });
    const loaded = performance.now();
    const cpu = process.cpuUsage();
    const serverBefore = cpuSecondsOf(serverPids);
    const taken = await takeFile(engine, db, { path, source: `file:${path}` });
    const { user, system } = process.cpuUsage(cpu);
    if (taken.kind !== 'taken' || taken.counts.get('rated\t') !== size.records) {
      throw new Error(
        `Cannot measure: not every record was rated: ${JSON.stringify(taken.kind === 'taken' ? [...taken.counts] : taken)}`,
      );
    }
    return {
      records: size.records,
      loadSeconds: (loaded - begin) / 1000,
      seconds: (performance.now() - loaded) / 1000,
      cpuSeconds: (user + system) / 1e6,
      serverCpuSeconds: cpuSecondsOf(serverPids) - serverBefore,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeTraffic(path: string, size: TrafficSize): Promise<string> {
  const file = await open(path, 'w');
  for (const chunk of makeTraffic(size).chunks) await file.write(chunk);
  await file.close();
  return path;
}

/** One line of figures. */
export function ratingText(what: string, { records, loadSeconds, seconds, cpuSeconds }: FileRating): string {
  const perSecond = Math.round(records / seconds).toLocaleString('en');
  const cpu = ((cpuSeconds / records) * 1e6).toFixed(1);
  return (
    `${what.padEnd(44)} ${perSecond.padStart(8)} calls/s  (${records.toLocaleString('en')} in ${seconds.toFixed(1)} s, ` +
    `${cpu} µs of CPU a call in this process, ${loadSeconds.toFixed(1)} s to load)`
  );
}
