import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runningApi, type RunningApi } from '../api/running-api.ts';
import { call } from '../services/small-ledger.ts';
import { pythonPackages, runCommand } from '../support/python.ts';
import { PROJECT_ROOT } from '../support/source-files.ts';

const FOLDER = join(PROJECT_ROOT, 'test/schemathesis');
const EXAMPLES = process.env['API_RUNS'] ?? '25';
const MOST_SECONDS = '120';

let api: RunningApi;
let bin: string;
beforeAll(async () => {
  bin = await pythonPackages(join(FOLDER, 'requirements.txt'));
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
  const known = JSON.stringify({ line: 'L1', account: 'L1', period: '2026-11', condition: 'distinct-numbers' });
  const env = { PYTHONPATH: FOLDER, PYTHONDONTWRITEBYTECODE: '1', FAIRTALLY_KNOWN: known };
  const { output, code } = await runCommand(
    join(bin, 'st'),
    // prettier-ignore
    [
      '--config-file', join(FOLDER, 'schemathesis.toml'), '--no-color',
      'run', `${api.url}/openapi.json`, '-H', `Authorization: Bearer ${api.key}`,
      '--max-examples', EXAMPLES, '--max-time', MOST_SECONDS, '--seed', '1', '--workers', '1',
      '--generation-allow-x00', 'false',
      '--continue-on-failure', '--generation-database', 'none',
    ],
    { env, mustWork: false },
  );
  expect({ code, output: code === 0 ? '' : output.slice(-60_000) }).toEqual({ code: 0, output: '' });
  // That it tried each operation, and not few times.
  expect(output).toMatch(/Tested: [1-9]\d*/);
  expect(Number(/(\d+) generated/.exec(output)?.[1])).toBeGreaterThan(100);
});
