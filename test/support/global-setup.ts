import type { TestProject } from 'vitest/node';
import type { TestServer } from './postgres.ts';
import { startTestServer } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly postgres: { readonly url: string; readonly template: string };
  }
}

let server: TestServer | undefined;

/** Once a run: the PostgreSQL server that all test files share. */
export async function setup(project: TestProject): Promise<void> {
  server = await startTestServer(process.env['DATABASE_URL']);
  project.provide('postgres', { url: server.url, template: server.template });
}

export async function teardown(): Promise<void> {
  await server?.stop();
}
