import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { CommandError, EXIT_INTERRUPTED, EXIT_USAGE } from '../../../bin/command-error.ts';
import { type GenerateOptions, runGenerate } from '../../../bin/commands/generate.ts';
import type { Terminal } from '../../../bin/terminal.ts';

const root = mkdtempSync(join(tmpdir(), 'fairtally-generate-command-'));
afterAll(() => rmSync(root, { recursive: true }));

function terminalFor(stdout: PassThrough, signal: AbortSignal): Terminal {
  const [stdin, stderr] = [new PassThrough(), new PassThrough()];
  return { stdin, stdout, stderr, isInteractive: false, columns: 80, env: {}, folder: root, signal };
}

const terminal = terminalFor(new PassThrough(), new AbortController().signal);

async function faultsOf(options: Partial<GenerateOptions>): Promise<readonly string[]> {
  try {
    await runGenerate({ out: join(root, 'never'), ...options }, terminal);
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === EXIT_USAGE) return error.faults;
    throw error;
  }
  return [];
}

describe('runGenerate()', () => {
  it('writes a month, says what is in it, and refuses to overwrite it', async () => {
    const out = join(root, 'month');
    const stdout = new PassThrough();
    const options = { out, lines: '60', calls: '7000', seed: 'x', period: '2027-02', gzip: true, shuffle: true };
    expect(await runGenerate(options, terminalFor(stdout, terminal.signal))).toBe(0);
    stdout.end();
    expect(readdirSync(out)).toContain('calls.ndjson.gz');
    const { records, period } = JSON.parse(readFileSync(join(out, 'expected.json'), 'utf8'));
    expect(period).toBe('2027-02');
    expect(await text(stdout)).toContain(`60 lines and ${records.total} records`);
    await expect(runGenerate(options, terminal)).rejects.toThrow(
      /Cannot generate into '.*': it already holds 'accounts.csv'/,
    );
  });

  it('told to end, stops in the midst of it and leaves nothing behind, nor anything that was there', async () => {
    const mine = mkdtempSync(join(root, 'mine-'));
    writeFileSync(join(mine, 'notes.txt'), 'mine');
    for (const out of [join(root, 'stopped'), mine]) {
      const told = new AbortController();
      const generating = runGenerate({ out, calls: '20000000' }, terminalFor(new PassThrough(), told.signal));
      await vi.waitFor(() => expect(readdirSync(out).some((name) => name.startsWith('.sorting-'))).toBe(true), 20_000);
      told.abort();
      expect(await generating).toBe(EXIT_INTERRUPTED);
    }
    expect([existsSync(join(root, 'stopped')), readdirSync(mine)]).toEqual([false, ['notes.txt']]);
  });

  it('leaves a file of the same name alone', async () => {
    const out = mkdtempSync(join(root, 'taken-'));
    writeFileSync(join(out, 'lines.csv'), 'mine');
    await expect(runGenerate({ out }, terminal)).rejects.toThrow("'lines.csv'");
    expect(readdirSync(out)).toEqual(['lines.csv']);
  });

  it('names every fault of its options at once', async () => {
    expect(await faultsOf({ period: '2026-13', lines: '59', calls: '1e6', attempts: '1' })).toEqual([
      "Cannot use --period '2026-13': it must be a month such as '2026-11', from 2003 to 2058",
      "Cannot use --calls '1e6': it must be a whole number from 1 to 100000000",
      "Cannot use --lines '59': it must be a whole number from 60 to 1000000",
      "Cannot use --attempts '1': it must be a share of the records, from 0 to 0.9",
    ]);
    expect(await faultsOf({ lines: '100', calls: '40001' })).toEqual([
      "Cannot put '40001' calls on '100' lines: at most 400 a line, without breaking conditions",
    ]);
  });
});
