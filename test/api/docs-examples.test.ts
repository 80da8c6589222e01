import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../support/source-files.ts';
import { type RunningApi, runningApi } from './running-api.ts';

const page = readFileSync(join(PROJECT_ROOT, 'docs/api.md'), 'utf8');
const EXAMPLES = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, script = '']) => ({ script }));

let api: RunningApi;
beforeAll(async () => {
  const webhooks = { master: Buffer.alloc(32, 7), allowsPrivate: false, version: '0.0.0' };
  api = await runningApi({ webhooks });
});
afterAll(() => api.close());

it('docs/api.md has examples', () => {
  expect(EXAMPLES.length).toBeGreaterThan(4);
});

it.each(EXAMPLES)('an example of docs/api.md works as it stands: $script', async ({ script }) => {
  const env = { PATH: process.env['PATH'] ?? '', API: api.url, KEY: api.key };
  const outcome = await new Promise<string>((resolve) => {
    execFile('bash', ['-euo', 'pipefail', '-c', script], { env }, (error, stdout, stderr) =>
      resolve(error === null ? 'works' : `${stdout}\n${stderr}`),
    );
  });
  expect(outcome).toBe('works');
});
