import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningApi, runningApi } from '../api/running-api.ts';
import { pythonPackages, runCommand } from '../support/python.ts';
import { PROJECT_ROOT } from '../support/source-files.ts';

const FOLDER = join(PROJECT_ROOT, 'test/generated-client');
const DOCUMENT = join(PROJECT_ROOT, 'docs/reference/openapi.json');

const LEFT_OUT = ['application/x-ndjson', 'text/csv', 'text/plain', 'application/xml'];

let api: RunningApi;
let bin: string;
let folder: string;
beforeAll(async () => {
  bin = await pythonPackages(join(FOLDER, 'requirements.txt'));
  folder = await mkdtemp(join(tmpdir(), 'fairtally-client-'));
  api = await runningApi();
}, 300_000);
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

it('a client that openapi-python-client generates does the day of a switch, of billing and of an analyst', async () => {
  const made = await runCommand(
    join(bin, 'openapi-python-client'),
    ['generate', '--path', DOCUMENT, '--output-path', join(folder, 'client'), '--meta', 'none'],
    { env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` } },
  );
  // It leaves out, with a warning, what it does not know: records in text or XML, for which it has no types.
  const leftOut = [...made.output.matchAll(/^(?!Warning\(s\)).*(?:unsupported|unable|warning|error).*$/gim)];
  expect(leftOut.map(([line]) => line)).toEqual(
    LEFT_OUT.flatMap((type) => ['WARNING parsing POST /v1/cdrs within cdrs.', `Unsupported content type ${type}`]),
  );
  const { output } = await runCommand(join(bin, 'python'), [join(FOLDER, 'a_day.py'), folder, api.url, api.key]);
  // More numbers than the offer includes: each call was rated, and rated again by the minute.
  expect(JSON.parse(output)).toEqual({
    quote: { coverage: 'included', price: '0.000000', left: 150 },
    taken: expect.objectContaining({ rated: 151, quarantined: 0 }) as unknown,
    entries: 302,
    totals: 302,
    explained: 1,
    queue: ['L1'],
    numbers: 20,
    decided: 'DecisionOutcome',
    refused: 'line-unknown',
  });
});
