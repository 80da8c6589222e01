import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { createTestDatabase } from '../support/test-database.ts';
import { type CommandRun, runCommand } from './run-command.ts';

/**
 * A folder in which commands run, and a ledger of their own on the tests' PostgreSQL: to open an embedded one for each
 * command takes ten times as long as to connect. What commands do embedded, `command-line.test.ts` tries.
 */
export class CommandLedger {
  readonly folder: string;
  readonly url: string;
  readonly #drop: () => Promise<void>;

  private constructor(url: string, drop: () => Promise<void>) {
    this.folder = mkdtempSync(join(tmpdir(), 'fairtally-command-'));
    this.url = url;
    this.#drop = drop;
  }

  /** An empty one. */
  static open(): Promise<CommandLedger> {
    return CommandLedger.#from(inject('postgres').template);
  }

  /** One with all that this one has, and an empty folder. No command may run meanwhile. */
  copy(): Promise<CommandLedger> {
    return CommandLedger.#from(new URL(this.url).pathname.slice(1));
  }

  static async #from(template: string): Promise<CommandLedger> {
    const { url, drop } = await createTestDatabase(template);
    return new CommandLedger(url, drop);
  }

  /** Runs `fairtally ARGS…` in its folder. */
  run(...args: readonly string[]): Promise<CommandRun> {
    return runCommand(this.folder, args, { env: { DATABASE_URL: this.url } });
  }

  async close(): Promise<void> {
    await this.#drop();
    rmSync(this.folder, { recursive: true });
  }
}
