import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandLedger } from '../command-ledger.ts';
import type { CommandRun } from '../run-command.ts';

let ledger: CommandLedger;
beforeAll(async () => {
  ledger = await CommandLedger.open();
});
afterAll(() => ledger.close());

const keep = (...more: readonly string[]): Promise<CommandRun> =>
  ledger.run('keys', 'create', 'prometheus', '--role', 'monitor', '--file', 'a key', ...more);
const kept = (): string => readFileSync(join(ledger.folder, 'a key'), 'utf8');

describe('keys create --file', () => {
  it('keeps the key where its owner and group may read it, and prints it nowhere', async () => {
    const run = await keep();
    expect(run).toEqual({ exitCode: 0, stdout: "A new key is in 'a key'\n", stderr: expect.any(String) });
    expect(kept()).toMatch(/^ft_\w{12}_[0-9a-f]{64}\n$/);
    expect(run.stderr).not.toContain('ft_');
    expect(statSync(join(ledger.folder, 'a key')).mode & 0o777).toBe(0o640);
  });

  it('makes none while the one that is there may as much, and another once it is revoked', async () => {
    const first = kept();
    expect((await keep()).stdout).toBe("The key in 'a key' is in force: none was made\n");
    expect(kept()).toBe(first);
    await keep('--role', 'billing');
    const second = kept();
    expect(second).not.toBe(first);
    // It may more than is asked.
    await keep();
    expect(kept()).toBe(second);
    await ledger.run('keys', 'revoke', second.slice(3, 15));
    await keep();
    expect([first, second]).not.toContain(kept());
    // A longer text leaves nothing behind.
    writeFileSync(join(ledger.folder, 'a key'), 'x'.repeat(200));
    await keep();
    expect(kept()).toMatch(/^ft_\w{12}_[0-9a-f]{64}\n$/);
  });

  it('makes no key where the file can not be written', async () => {
    const count = async (): Promise<number> =>
      (JSON.parse((await ledger.run('keys', 'list', '--json')).stdout) as { keys: unknown[] }).keys.length;
    const before = await count();
    const run = await ledger.run('keys', 'create', 'p', '--role', 'monitor', '--file', 'none/key');
    expect([run.exitCode, run.stderr]).toEqual([1, "Cannot keep a key in 'none/key': there is no such file\n"]);
    expect(await count()).toBe(before);
  });
});
