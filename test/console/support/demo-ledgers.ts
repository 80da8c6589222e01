import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type TemplateServer, runOn, startTestServer, withDatabase } from '../../support/postgres.ts';
import { installBrowser } from './browser.ts';
import { type Place, fairtally } from './served.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of a demo, whose ledger nobody has open. */
    readonly demoFolder: string;
    readonly postgresUrl: string;
  }
}

const FEWEST_CALLS = '9000';
let demo: string | undefined;
let server: TemplateServer | undefined;

/** Once a run: a browser, a demo, and a PostgreSQL server. */
export async function setup(project: TestProject): Promise<void> {
  installBrowser();
  demo = mkdtempSync(join(tmpdir(), 'fairtally-console-'));
  await fairtally(demo, 'demo', '--calls', FEWEST_CALLS);
  server = await startTestServer();
  project.provide('demoFolder', demo);
  project.provide('postgresUrl', server.url);
}

export async function teardown(): Promise<void> {
  if (demo !== undefined) rmSync(demo, { recursive: true, force: true });
  await server?.stop();
}

/** A copy of the demo's embedded ledger. */
export function embeddedDemo(demoFolder: string): Place {
  const copy = mkdtempSync(join(tmpdir(), 'fairtally-console-'));
  cpSync(demoFolder, copy, { recursive: true });
  return { folder: copy, options: ['--data', 'fairtally-demo'] };
}

/** The demo's month in a new database of a server. */
export async function postgresDemo(demoFolder: string, url: string, database: string): Promise<Place> {
  await runOn(url, `create database ${database}`);
  const options = ['--database', withDatabase(url, database)];
  const folder = join(demoFolder, 'fairtally-demo');
  const files = ['accounts', 'lines', 'devices', 'networks'].flatMap((name) => [`--${name}`, `${name}.csv`]);
  await fairtally(folder, 'lines', 'import', ...files, '--by', 'demo', '--note', 'demo', ...options);
  await fairtally(folder, 'rate', 'calls.ndjson', ...options);
  return { folder, options };
}
