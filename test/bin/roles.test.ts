import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, ensurePeriod, openDatabase, type RoleKind } from '../../ledger/index.ts';
import { createTestRoles, type TestRoles } from '../support/test-roles.ts';
import { type CommandRun, runCommand } from './run-command.ts';
import { type SmallMonth, record, writeSmallMonth } from './small-month.ts';

const RETROACTIVE = ['--retroactive', '--by', 'anne', '--note', 'agreed'];

let folder: string;
let month: SmallMonth;
let roles: TestRoles;
let admin: Database;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-roles-'));
  month = writeSmallMonth(join(folder, 'month'));
  roles = await createTestRoles({ template: 'template1', isSetUp: false });
  admin = await openDatabase({ url: roles.database.url });
});
afterAll(async () => {
  await admin.close();
  await roles.drop();
  rmSync(folder, { recursive: true });
});

/** Runs a command as a role. */
function as(kind: RoleKind | 'owner' | 'admin', ...args: string[]): Promise<CommandRun> {
  const url = kind === 'admin' ? roles.database.url : roles.url(kind);
  return runCommand(folder, args, { env: { DATABASE_URL: url } });
}

function setUp(...args: string[]): Promise<CommandRun> {
  const env = {
    DATABASE_URL: roles.database.url,
    FAIRTALLY_ROLE_PREFIX: roles.prefix,
    FAIRTALLY_OWNER_PASSWORD: roles.password,
    FAIRTALLY_RATER_PASSWORD: roles.password,
    FAIRTALLY_OPERATOR_PASSWORD: roles.password,
    FAIRTALLY_RELAY_PASSWORD: roles.password,
    FAIRTALLY_READER_PASSWORD: roles.password,
  };
  return runCommand(folder, ['setup', ...args], { env });
}

describe('the roles of a ledger', () => {
  it('are made by setup --roles, once, without a password in what it says', async () => {
    const made = await setUp('--roles');
    expect(made.exitCode).toBe(0);
    expect(made.stdout).toContain(`Made role '${roles.name('rater')}'\n`);
    expect(made.stdout + made.stderr).not.toContain(roles.password);
    const again = await setUp('--roles');
    expect(again).toMatchObject({ exitCode: 0, stderr: '' });
    expect(again.stdout).toMatch(/^The roles are as they should be: nothing changed\n/);
    expect((await setUp()).stderr).toBe('');
    // Before 0007 a month is made by who owns the tables, or by an administrator.
    await ensurePeriod(admin, 202611);
  });

  it('do all that their commands need: facts, rating, quarantine, decisions, sweeps, reports', async () => {
    expect(await as('operator', 'lines', 'import', 'month')).toMatchObject({ exitCode: 0, stderr: '' });
    const rated = await as('rater', 'rate', month.calls);
    expect(rated).toMatchObject({ exitCode: 0 });
    const report = await as('reader', 'report', '2026-11');
    expect(report).toMatchObject({ exitCode: 0, stderr: '' });
    expect(report.stdout).toContain('L900');
    expect(await as('reader', 'explain', 'heavy-1')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await as('reader', 'quarantine', '--reason', 'unknown-line')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await as('rater', 'quarantine', 'replay')).toMatchObject({ exitCode: 0 });
    expect(await as('rater', 'quarantine', 'sweep')).toMatchObject({ exitCode: 0, stderr: '' });
    const words = ['L900', '2026-11', 'distinct-numbers', 'dismiss', '--by', 'anne', '--note', 'fair'];
    const decided = await as('operator', 'decide', ...words);
    expect(decided).toMatchObject({ exitCode: 0, stderr: '' });
    const who = ['--by', 'anne', '--note', 'billed'];
    expect(await as('operator', 'periods', 'closing', '2021-01', ...who)).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await as('rater', 'periods', 'close', '2021-01', ...who)).exitCode).toBe(1);
    expect(await as('operator', 'periods', 'close', '2021-01', ...who)).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await as('reader', 'periods', 'list')).stdout).toMatch(/^ *2021-01 +closed .* anne +billed$/m);
    const asOf = await as('reader', 'report', '2026-11', '--as-of', '2021-01-01');
    expect(asOf).toMatchObject({ exitCode: 0, stderr: '' });
    expect(asOf.stdout).toMatch(/^ *all +0 +0\.00$/m);
    const [calls] = await admin.query(`select count(*)::int as n from entry where kind = 'u'`);
    expect(calls).toEqual({ n: month.rated });
    const [events] = await admin.query<{ n: number }>('select count(*)::int as n from outbox');
    expect(events?.n).toBeGreaterThan(0);
  });

  it('let the rater settle what facts entered later repair, and undo what was suspended', async () => {
    const late = join(folder, 'late');
    mkdirSync(late);
    writeFileSync(join(late, 'accounts.csv'), `account,name\nA1,Dupont et fils\n`);
    const lines = readFileSync(join(folder, 'month', 'lines.csv'), 'utf8').split('\n', 1)[0] ?? '';
    writeFileSync(
      join(late, 'lines.csv'),
      `${lines}\nL999,A1,+33140099999,full-illimite,business,off,managed,2026-01-01,\n`,
    );
    expect(await as('operator', 'lines', 'import', 'late')).toMatchObject({ exitCode: 0, stderr: '' });
    const more = join(folder, 'more.ndjson');
    writeFileSync(
      more,
      `${record({ call: 'late-1', line: 'L998', to: '+33145000000', minute: 1, durationMs: 1000 })}\n`,
    );
    expect(await as('rater', 'rate', more)).toMatchObject({ exitCode: 0 });
    writeFileSync(
      join(late, 'lines.csv'),
      `${lines}\nL998,A1,+33140099998,full-illimite,business,off,managed,2026-01-01,\n`,
    );
    expect(await as('operator', 'lines', 'import', 'late')).toMatchObject({ exitCode: 0, stderr: '' });
    const rated = await admin.query(`select count(*)::int as n from quarantine where state = 'rated'`);
    expect(rated).toEqual([{ n: 2 }]);
  });

  it('let the operator import decks and offers', async () => {
    const deck = readFileSync(new URL('../../tariffs/decks/full-illimite-2026.csv', import.meta.url), 'utf8');
    writeFileSync(
      join(folder, 'deck.csv'),
      deck.replace(/^#name.*$/m, '#name,other').replace(/^Barbade,[^,]*/m, 'Barbade,0.10'),
    );
    expect(await as('operator', 'decks', 'import', 'deck.csv', ...RETROACTIVE)).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    const offer = readFileSync(new URL('../../rules/offers/full-illimite.json', import.meta.url), 'utf8');
    writeFileSync(join(folder, 'offer.json'), offer.replace(/"name": "[^"]*"/, '"name": "Another"'));
    expect(await as('operator', 'offers', 'import', 'offer.json', ...RETROACTIVE)).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
  });

  it('are told in a line what they may not do', async () => {
    const advice = /\nThe role may not do this: docs\/operations\.md says which may/;
    for (const refused of [
      await as('rater', 'lines', 'import', 'month'),
      await as('rater', 'decide', 'L900', '2026-11', 'distinct-numbers', 'confirm', '--by', 'm', '--note', ''),
      await as('reader', 'rate', month.calls, '--again'),
      await as('relay', 'report', '2026-11'),
    ]) {
      expect(refused.exitCode).toBe(1);
      expect(refused.stderr).toMatch(advice);
    }
    expect(await admin.query('select count(*)::int as n from decision')).toEqual([{ n: 1 }]);
  });

  it('say who runs a migration that is missing', async () => {
    await admin.exec(
      'alter table migration disable trigger all; delete from migration where no = (select max(no) from migration)',
    );
    const refused = await as('rater', 'report');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(
      /^Cannot run migration '\d{4}-\S+\.sql': .*'fairtally setup' runs it, as the role that owns/,
    );
  });

  it('are none of an embedded ledger', async () => {
    const refused = await runCommand(folder, ['setup', '--roles', '--data', 'here']);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('only a PostgreSQL server has roles');
  });

  it('are not made where a setting is wrong, which shows no password', async () => {
    const env = { FAIRTALLY_RATER_PASSWORD: 'sécret', FAIRTALLY_ROLE_PREFIX: 'A-B', FAIRTALLY_LOCK_TIMEOUT: 'soon' };
    const refused = await runCommand(folder, ['setup', '--roles'], {
      env: { DATABASE_URL: roles.database.url, ...env },
    });
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain(`Cannot use FAIRTALLY_RATER_PASSWORD '…'`);
    expect(refused.stderr).toContain(`Cannot use FAIRTALLY_ROLE_PREFIX 'A-B'`);
    expect(refused.stderr).not.toContain('sécret');
    for (const prefix of ['pg', 'pg_x']) {
      const reserved = await runCommand(folder, ['setup', '--roles'], {
        env: { DATABASE_URL: roles.database.url, FAIRTALLY_ROLE_PREFIX: prefix },
      });
      expect(reserved).toMatchObject({
        exitCode: 2,
        stderr: expect.stringMatching(/'pg(_x)?': it must not be 'pg' or/),
      });
    }
    const report = await runCommand(folder, ['report'], { env: { DATABASE_URL: roles.database.url, ...env } });
    expect(report.stderr).toMatch(/^Cannot use FAIRTALLY_LOCK_TIMEOUT 'soon': it must be whole seconds/);
  });
});
