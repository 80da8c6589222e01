import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../ledger/index.ts';
import { billedCalls } from '../support/posted-ledger.ts';

const FAIRTALLY = new URL('../../bin/fairtally.js', import.meta.url).pathname;

/** A call that was billed. */
export interface RatedCall {
  readonly line: string;
  readonly number: string;
  readonly seconds: number;
}

/** What `fairtally rate` made of files, in a ledger of its own with lines of these names. */
export interface Rated {
  /** By number. */
  readonly calls: readonly RatedCall[];
  /** Why records wait. */
  readonly waiting: readonly string[];
  readonly output: string;
}

/** Rates files as people do, each by a run of its own, into a ledger below `folder`. */
export async function rateFiles(
  folder: string,
  lines: readonly string[],
  files: readonly (readonly [file: string, ...options: string[]])[],
): Promise<Rated> {
  const provisioning = join(folder, 'provisioning');
  mkdirSync(provisioning, { recursive: true });
  writeFileSync(join(provisioning, 'accounts.csv'), 'account,name\nA1,One\n');
  const rows = lines.map(
    (line, index) => `${line},A1,+3314000000${index},full-illimite,business,off,managed,2026-01-01,`,
  );
  const header = 'line,account,number,offer,usage_class,mobility,equipment,from,to';
  writeFileSync(join(provisioning, 'lines.csv'), `${header}\n${rows.join('\n')}\n`);
  const data = join(folder, 'ledger');
  let output = fairtally(['lines', 'import', provisioning, '--data', data]);
  for (const [file, ...options] of files) output += fairtally(['rate', file, ...options, '--data', data]);
  const db = await openDatabase({ directory: join(data, 'ledger') });
  try {
    const billed = new Set((await billedCalls(db)).keys());
    const cdrs = await db.query<{ cdr: string }>(
      `select cdr from ledger_entry where cdr is not null and kind = 'usage' order by revision desc`,
    );
    const calls = new Map<string, RatedCall>();
    for (const { cdr } of cdrs) {
      const {
        switch: name,
        call,
        leg = '',
        line,
        to,
        durationMs,
        diversions = [],
        transferredBy,
      } = JSON.parse(cdr) as {
        readonly switch: string;
        readonly call: string;
        readonly leg?: string;
        readonly line: string;
        readonly to: string;
        readonly durationMs: number;
        readonly diversions?: readonly string[];
        readonly transferredBy?: string;
      };
      const identity = JSON.stringify([name, call, leg]);
      if (!billed.has(identity) || calls.has(identity)) continue;
      // Who sent a call on pays for it: the last of them.
      calls.set(identity, { line: transferredBy ?? diversions.at(-1) ?? line, number: to, seconds: durationMs / 1000 });
    }
    const waiting = await db.query<{ reason: string }>(
      `select reason from quarantine where state = 'waiting' order by reason`,
    );
    return {
      calls: [...calls.values()].toSorted((a, b) => (a.number < b.number ? -1 : 1)),
      waiting: waiting.map(({ reason }) => reason),
      output,
    };
  } finally {
    await db.close();
  }
}

function fairtally(args: readonly string[]): string {
  const { DATABASE_URL: _none, ...env } = process.env;
  const { stdout, stderr } = spawnSync('node', [FAIRTALLY, ...args], { encoding: 'utf8', env });
  return `${stdout}${stderr}`;
}
