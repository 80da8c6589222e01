import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runningApi, type RunningApi } from '../api/running-api.ts';
import { call } from '../services/small-ledger.ts';
import { PROJECT_ROOT } from '../support/source-files.ts';

const FOLDER = join(PROJECT_ROOT, 'test/schemathesis');
const REQUIREMENTS = join(FOLDER, 'requirements.txt');
const VERSION = /==(\S+)/.exec(readFileSync(REQUIREMENTS, 'utf8'))?.[1] ?? '';
/** Python's own packages, of one version, made once. */
const VENV = join(PROJECT_ROOT, 'node_modules/.cache', `schemathesis-${VERSION}`);
const EXAMPLES = process.env['API_RUNS'] ?? '25';
const MOST_SECONDS = '120';

let api: RunningApi;
beforeAll(async () => {
  if (!existsSync(join(VENV, 'bin/st'))) {
    await run('python3', ['-m', 'venv', VENV]);
    await run(join(VENV, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS]);
  }
  // A clock that runs ahead with each look at it: who is not let in is turned away for a minute, and that is no fault.
  let looks = 0;
  const now = (): number => Date.now() + 1_000 * looks++;
  api = await runningApi({ rate: { requests: 1_000_000, seconds: 1 }, now });
  // More numbers than the offer includes: there is a case to ask for, and entries of all kinds.
  const numbers = Array.from({ length: 200 }, (_, index) => `+3361234${String(index).padStart(4, '0')}`);
  await api.ledger.deliver(numbers.map((number, index) => call(`c${index}`, number)));
}, 300_000);
afterAll(() => api.close());

it('schemathesis finds nothing: all phases, the whole document, as who may do everything', async () => {
  const { output, code } = await run(
    join(VENV, 'bin/st'),
    // prettier-ignore
    [
      '--config-file', join(FOLDER, 'schemathesis.toml'), '--no-color',
      'run', `${api.url}/openapi.json`, '-H', `Authorization: Bearer ${api.key}`,
      '--max-examples', EXAMPLES, '--max-time', MOST_SECONDS, '--seed', '1', '--workers', '1',
      '--generation-allow-x00', 'false',
      '--continue-on-failure', '--generation-database', 'none',
    ],
    false,
  );
  expect({ code, output: code === 0 ? '' : output.slice(-60_000) }).toEqual({ code: 0, output: '' });
  // That it tried each operation, and not few times.
  expect(output).toMatch(/Tested: [1-9]\d*/);
  expect(Number(/(\d+) generated/.exec(output)?.[1])).toBeGreaterThan(100);
});

function run(
  command: string,
  args: readonly string[],
  mustWork = true,
): Promise<{ readonly output: string; readonly code: number }> {
  const known = JSON.stringify({ line: 'L1', account: 'L1', period: '2026-11', condition: 'distinct-numbers' });
  const env = { ...process.env, PYTHONPATH: FOLDER, PYTHONDONTWRITEBYTECODE: '1', FAIRTALLY_KNOWN: known };
  return new Promise((resolve, reject) => {
    // It writes what it found into the folder that it runs in.
    execFile(command, [...args], { env, cwd: tmpdir(), maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) resolve({ output: stdout + stderr, code: 0 });
      else if (mustWork) reject(new Error(`Cannot run '${command}': ${stderr}`, { cause: error }));
      else resolve({ output: stdout + stderr, code: typeof error.code === 'number' ? error.code : -1 });
    });
  });
}
