import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../ledger/index.ts';
import { runCommand } from '../run-command.ts';
import { writeSmallMonth } from '../small-month.ts';

describe('fairtally backup', () => {
  let folder: string;
  const run = (...args: string[]) => runCommand(folder, args);
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fairtally-backup-'));
    writeSmallMonth(folder);
    await run('lines', 'import', '.');
    await run('rate', 'calls.ndjson');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('makes a copy that reports the same, is readable by its owner alone, and goes on by itself', async () => {
    expect(await run('backup', 'copy')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(statSync(join(folder, 'copy', 'ledger')).mode & 0o077).toBe(0);
    const [report, verified] = [await run('report', '--json'), await run('verify')];
    expect((await run('report', '--json', '--data', 'copy')).stdout).toBe(report.stdout);
    expect((await run('verify', '--data', 'copy')).stdout).toBe(verified.stdout);
    expect(await run('rate', 'calls.ndjson', '--data', 'copy')).toMatchObject({ exitCode: 0 });
    expect((await run('report', '--json', '--data', 'copy')).stdout).toBe(report.stdout);
  });

  it('refuses a folder that has a ledger, one that is in use, and a server', async () => {
    await run('backup', 'twice');
    expect(await run('backup', 'twice')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('there is something already'),
    });
    const db = await openDatabase({ directory: join(folder, '.fairtally', 'ledger') });
    const used = await run('backup', 'used');
    await db.close();
    expect(used).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('has had it open') });
    expect(readdirSync(folder)).not.toContain('used');
    const server = await run('backup', 'server', '--database', 'postgres://localhost/x');
    expect(server).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('pg_dump') });
  });
});
