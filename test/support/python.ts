import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { PROJECT_ROOT } from './source-files.ts';

export interface CommandEnd {
  readonly output: string;
  readonly code: number;
}

/**
 * Python's packages that `requirements.txt` of a test's folder names (the first with its version), installed once;
 * returns the folder of their commands.
 */
export async function pythonPackages(requirements: string): Promise<string> {
  const version = /==(\S+)/.exec(readFileSync(requirements, 'utf8'))?.[1] ?? '';
  const place = join(PROJECT_ROOT, 'node_modules/.cache', `${basename(dirname(requirements))}-${version}`);
  const bin = join(place, 'bin');
  if (!existsSync(join(place, 'installed'))) {
    await runCommand('python3', ['-m', 'venv', place]);
    await runCommand(join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
    await runCommand('touch', [join(place, 'installed')]);
  }
  return bin;
}

/** Runs a command to its end, in the folder of temporary files; where it must work, it throws what the command says. */
export function runCommand(
  command: string,
  args: readonly string[],
  { env = {}, mustWork = true }: { readonly env?: Readonly<Record<string, string>>; readonly mustWork?: boolean } = {},
): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, cwd: tmpdir(), maxBuffer: 1 << 26 };
    execFile(command, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ output: stdout + stderr, code: 0 });
      else if (mustWork) reject(new Error(`Cannot run '${command}': ${stderr}${stdout}`, { cause: error }));
      else resolve({ output: stdout + stderr, code: typeof error.code === 'number' ? error.code : -1 });
    });
  });
}
