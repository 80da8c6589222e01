import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { BUILT_FOLDER, CONSOLE_FOLDER, isBuilt } from './build/sources-hash.ts';

/** The pages of the console, as `fairtally serve` serves them. */
export type ConsolePages =
  | { readonly kind: 'built'; readonly folder: string }
  /** `why`: what the builder said. */
  | { readonly kind: 'missing'; readonly why: string };

/** Finds the pages. Where they are missing, or older than their sources, a child process builds them first: seconds. */
export async function consolePages(): Promise<ConsolePages> {
  if (isBuilt()) return { kind: 'built', folder: BUILT_FOLDER };
  const said = await runBuilder();
  return isBuilt() ? { kind: 'built', folder: BUILT_FOLDER } : { kind: 'missing', why: said.trim() };
}

function runBuilder(): Promise<string> {
  return new Promise((resolve) => {
    const builder = spawn(process.execPath, [join(CONSOLE_FOLDER, 'build', 'prepare.js'), '--asked'], {
      cwd: join(CONSOLE_FOLDER, '..'),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    builder.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    builder.on('error', (error) => resolve(error.message));
    builder.on('close', () => resolve(said));
  });
}
