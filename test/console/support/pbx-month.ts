import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOn, withDatabase } from '../../support/postgres.ts';
import { type Place, fairtally } from './served.ts';

const SECOND_MS = 1000;
const FIRST_CALL = Date.UTC(2026, 10, 3, 9);

/** A ledger whose lines serve customers' own switchboards: each that calls is a case, with money at stake. */
export async function pbxMonth(folder: string, url: string, database: string, lines: number): Promise<Place> {
  await runOn(url, `create database ${database}`);
  const options = ['--database', withDatabase(url, database)];
  mkdirSync(folder, { recursive: true });
  const ids = Array.from({ length: lines }, (_, index) => lineId(index));
  writeFileSync(join(folder, 'accounts.csv'), `account,name\n${ids.map((id) => `A${id},Client ${id}\n`).join('')}`);
  const head = 'line,account,number,offer,usage_class,mobility,equipment,from,to\n';
  const rows = ids.map(
    (id, index) =>
      `${id},A${id},+3398000${String(index).padStart(4, '0')},full-illimite,business,off,customer-pbx,2026-01-01,\n`,
  );
  writeFileSync(join(folder, 'lines.csv'), head + rows.join(''));
  const files = ['--accounts', 'accounts.csv', '--lines', 'lines.csv', '--by', 'test', '--note', 'test'];
  await fairtally(folder, 'lines', 'import', ...files, ...options);
  return { folder, options };
}

/** Rates calls of these lines from a file. */
export async function rateCalls({ folder, options }: Place, records: readonly string[]): Promise<void> {
  writeFileSync(join(folder, 'calls.ndjson'), `${records.join('\n')}\n`);
  await fairtally(folder, 'rate', 'calls.ndjson', ...options);
}

export function lineId(index: number): string {
  return `P${String(index).padStart(3, '0')}`;
}

/** So many calls of a line to mobiles, of so many minutes each. */
export function callsOf(index: number, count: number, minutes: number, name: string): string[] {
  return Array.from({ length: count }, (_, no) => {
    const answered = new Date(FIRST_CALL + (no * 3600 + index) * SECOND_MS).toISOString();
    return JSON.stringify({
      v: 1,
      switch: 'sbc',
      call: `${name}-${index}-${no}`,
      line: lineId(index),
      to: `+336${String(10_000_000 + index * 10 + no)}`,
      from: `+3398000${String(index).padStart(4, '0')}`,
      answered,
      durationMs: minutes * 60 * SECOND_MS,
    });
  });
}
