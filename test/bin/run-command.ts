import { spawn } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../../bin/command-line.ts';

export interface CommandRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process, in `folder`, as `fairtally ARGS…` would. */
export async function runCommand(
  folder: string,
  args: readonly string[],
  more: {
    readonly stdin?: string | Buffer;
    readonly env?: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal;
  } = {},
): Promise<CommandRun> {
  const stdout = collector();
  const stderr = collector();
  const exitCode = await runCommandLine(args, {
    stdin: Readable.from(more.stdin === undefined ? [] : [Buffer.from(more.stdin)]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    isInteractive: false,
    columns: 100,
    env: more.env ?? {},
    folder,
    signal: more.signal ?? new AbortController().signal,
  });
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

/** The same in a process of its own, which is killed `killAfterMs` after it first said something on stderr. */
export function spawnCommand(folder: string, args: readonly string[], killAfterMs?: number): Promise<CommandRun> {
  const program = fileURLToPath(new URL('../../bin/fairtally.js', import.meta.url));
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, [program, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    if (output.stderr === '' && killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    output.stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ exitCode: code ?? -1, ...output }));
  });
}

function collector(): { readonly stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer | string, _, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}
