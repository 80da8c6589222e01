import { chmod, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readExpected } from '../../bin/compare-expected.ts';
import { defaultNoise } from '../../traffic/emit-scene.ts';
import type { Expected } from '../../traffic/expected.ts';
import { generateMonth } from '../../traffic/generate-month.ts';
import { reapAtEnd } from '../support/servers/reaper.ts';

/** A record as a switch would produce it. */
export interface KeyedRecord {
  readonly key: string;
  readonly value: Buffer;
}

export interface MonthOfTraffic {
  /** Holds the provisioning files. */
  readonly folder: string;
  readonly records: readonly KeyedRecord[];
  readonly expected: Expected;
}

export const PERIOD = 202611;
const LINES = 60;
const CALLS = 9_000;

/** Makes a small month with all parts played, shuffled and with duplicates, each record keyed by its line's account. */
export async function monthOfTraffic(): Promise<MonthOfTraffic> {
  const folder = await mkdtemp(join(tmpdir(), 'fairtally-compose-'));
  reapAtEnd({ kind: 'folder', path: folder });
  // The user in the container isn't us.
  await chmod(folder, 0o755);
  const options = { seed: 'compose', period: PERIOD, lines: LINES, calls: CALLS, isShuffled: true, isGzip: false };
  await generateMonth(folder, { ...options, noise: defaultNoise });
  const accounts = await accountsByLine(join(folder, 'lines.csv'));
  const values = linesOf(await readFile(join(folder, 'calls.ndjson')));
  const records = values.map((value) => ({ key: accounts.get(lineNamedBy(value)) ?? '', value }));
  return { folder, records, expected: readExpected(join(folder, 'expected.json')) };
}

async function accountsByLine(file: string): Promise<Map<string, string>> {
  const [, ...rows] = (await readFile(file, 'utf8')).trim().split('\n');
  return new Map(rows.map((row) => row.split(',')).map(([line = '', account = '']) => [line, account]));
}

/** As bytes: not every record is text. */
function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(10, start);
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

/** Some records are broken, and name none. */
function lineNamedBy(record: Buffer): string {
  return /"line":"([^"]*)"/.exec(record.toString())?.[1] ?? '';
}
