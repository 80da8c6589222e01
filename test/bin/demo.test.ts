import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from './run-command.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'fairtally-demo-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]) {
  return runCommand(folder, args);
}

describe('fairtally demo', () => {
  test('makes a month, rates it as planned, and run again finds all of it there', async () => {
    const first = await run('demo', '--calls', '9000');
    expect([first.exitCode, first.stdout]).toEqual([0, expect.stringMatching(/^As expected: what became of \d/m)]);
    const again = await run('demo');
    expect([again.exitCode, again.stdout]).toEqual([0, expect.stringContaining('As expected')]);
    expect(again.stderr).toContain('Found the traffic of an earlier demo');
    expect(again.stderr).toContain('nothing new since the last run');
    const [, explained = ''] = /npx fairtally (explain .*)/.exec(again.stdout) ?? [];
    const explanation = await run(...explained.split(' '));
    expect([explanation.exitCode, explanation.stdout]).toEqual([
      0,
      expect.stringContaining('meters every included call'),
    ]);
  });
});
