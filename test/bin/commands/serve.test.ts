import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { runCommandLine } from '../../../bin/command-line.ts';
import { RatingEngine, loadCatalogue } from '../../../engine/index.ts';
import { openDatabase } from '../../../ledger/index.ts';
import { plan } from '../../support/ledger-under-test.ts';
import { registrationDelivery } from '../../support/registrations-under-test.ts';
import { runCommand } from '../run-command.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-serve-'));
  const files = {
    'month/accounts.csv': 'account,name\nA1,Dupont\n',
    'month/lines.csv':
      'line,account,number,offer,usage_class,mobility,equipment,from,to\n' +
      'L1,A1,+33140000001,full-illimite,business,off,managed,2026-01-01,\n',
    'month/devices.csv': 'line,user_agent,from,to\nL1,Yealink*,2026-01-01,\n',
    'month/networks.csv': 'line,cidr,from,to\nL1,192.0.2.0/24,2026-01-01,\n',
    'calls.ndjson':
      '{"v":1,"switch":"s","call":"c1","line":"L1","to":"+33612345678",' +
      '"answered":"2026-11-03T11:10:00+01:00","durationMs":61000}\n',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Takes a registration in as a process that ends before it has judged the calls that it tells of. */
async function takeRegistration(): Promise<void> {
  const db = await openDatabase({ directory: join(folder, '.fairtally', 'ledger') });
  try {
    const told =
      '{"line":"L1","registeredAt":"2026-11-03T10:00:00Z","expires":3600,"ua":"Zoiper 5","ip":"203.0.113.9"}';
    await new RatingEngine(db, () => loadCatalogue(db, plan)).take(registrationDelivery([told], 0));
  } finally {
    await db.close();
  }
}

it('serve settles what a process left that ended, without anybody asking for it', async () => {
  await runCommand(folder, ['lines', 'import', 'month']);
  expect((await runCommand(folder, ['rate', 'calls.ndjson'])).exitCode).toBe(0);
  await takeRegistration();
  const stop = new AbortController();
  let said = '';
  const collects = (): Writable =>
    new Writable({
      write(chunk: Buffer | string, _, done) {
        said += chunk.toString();
        done();
      },
    });
  const ended = runCommandLine(['serve', '--port', '0'], {
    stdin: Readable.from([]),
    stdout: collects(),
    stderr: collects(),
    isInteractive: false,
    columns: 100,
    env: {},
    folder,
    signal: stop.signal,
  });
  try {
    await vi.waitFor(() => expect(said).toMatch(/shown this once/), { timeout: 30_000 });
    const [origin] = /http:\/\/[\d.:]+\d/.exec(said) ?? [];
    const [, key] = /shown this once:\s+(\S+)/.exec(said) ?? [];
    const cases = async (): Promise<unknown> => {
      const answer = await fetch(`${origin}/v1/cases`, { headers: { authorization: `Bearer ${key}` } });
      return answer.json();
    };
    await vi.waitFor(async () => expect(await cases()).toMatchObject({ cases: [{ line: 'L1', period: '2026-11' }] }), {
      timeout: 10_000,
      interval: 200,
    });
  } finally {
    stop.abort();
    await ended;
  }
}, 90_000);
