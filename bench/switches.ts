import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RatingEngine } from '../engine/index.ts';
import { takeFile } from '../ingest/index.ts';
import type { Database } from '../ledger/index.ts';
import { catalogueOf } from './ledger.ts';
import { withServer } from './postgres-server.ts';
import { ASTERISK_JSON_ROWS, FREEPBX_ROWS, FREESWITCH_ROWS, KAMAILIO_ROWS } from './switch-rows.ts';
import { switchChunks, type SwitchRows } from './switch-rows.ts';
import { makeTraffic, type TrafficSize } from './traffic.ts';

const SIZE = { lines: 50_000, numbersPerLine: 40, recordsPerChunk: 10_000 };

/**
 * Rows of switches into PostgreSQL beside canonical records of the same calls, as many rows of each: each kind of rows
 * between two runs of canonical records, since a machine is faster in one minute than in the next.
 */
export async function benchSwitches(rows = 300_000): Promise<void> {
  await withServer(async (server) => {
    const measure = (kind: SwitchRows | null): Promise<number> =>
      server.withLedger(makeTraffic({ ...SIZE, records: 0, name: 's' }), ({ db }) => rateRows(db, kind, rows));
    let before = await measure(null);
    for (const kind of [KAMAILIO_ROWS, FREEPBX_ROWS, ASTERISK_JSON_ROWS, FREESWITCH_ROWS]) {
      const perSecond = await measure(kind);
      const after = await measure(null);
      console.log(switchText('canonical NDJSON, before and after', (before + after) / 2, (before + after) / 2));
      console.log(switchText(kind.name, perSecond, (before + after) / 2));
      before = after;
    }
  });
}

/** One line of figures. */
function switchText(name: string, perSecond: number, canonical: number): string {
  const share = (perSecond / canonical).toFixed(2);
  return `${name.padEnd(36)} ${Math.round(perSecond).toLocaleString('en').padStart(8)} rows/s, ${share} of canonical`;
}

/** Rates so many rows, or canonical records, into a ledger; returns rows a second. */
export async function rateRows(db: Database, kind: SwitchRows | null, rows: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'fairtally-bench-'));
  try {
    const rated = async (name: string, count: number): Promise<number> => {
      const calls = Math.ceil(count / (kind?.rowsACall ?? 1));
      const path = join(folder, name);
      await writeRows(path, kind, { ...SIZE, records: calls, name });
      const begin = performance.now();
      const reading = kind?.reading ?? {};
      const taken = await takeFile(engine, db, { path, source: `file:${path}` }, reading);
      if (taken.kind !== 'taken' || taken.counts.get('rated\t') !== calls) {
        throw new Error(`Cannot measure: not every call was rated: ${JSON.stringify(taken, showMap)}`);
      }
      return (count * 1000) / (performance.now() - begin);
    };
    const engine = new RatingEngine(db, () => catalogueOf(db));
    await rated('warm-up', 1_000);
    return await rated('calls', rows);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function showMap(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}

async function writeRows(path: string, kind: SwitchRows | null, size: TrafficSize): Promise<void> {
  const file = createWriteStream(path);
  const chunks: Iterable<Buffer | string> = kind === null ? makeTraffic(size).chunks : switchChunks(kind, size);
  for (const chunk of chunks) if (!file.write(chunk)) await once(file, 'drain');
  file.end();
  await once(file, 'close');
}
