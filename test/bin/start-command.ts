import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { reapAtEnd } from '../support/servers/reaper.ts';

/** A command that goes on until it is stopped, in a process of its own, as an operator starts it. */
export interface StartedCommand {
  readonly pid: number;
  /** What it has said so far: lines of its log; of what was none, as when it breaks down, the text as `msg`. */
  readonly lines: readonly Record<string, unknown>[];
  /** Settles with its exit code when it has ended. */
  readonly ended: Promise<number | null>;
  /** Asks it to end, as an operator does; resolves with its exit code. */
  stop(): Promise<number | null>;
  signal(signal: NodeJS.Signals): void;
}

/** Starts `fairtally ARGS…` in `folder` with nothing of our environment that would configure it but `env`. */
export function startCommand(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): StartedCommand {
  const program = fileURLToPath(new URL('../../bin/fairtally.js', import.meta.url));
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: { ...withoutSettings(process.env), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: Record<string, unknown>[] = [];
  let rest = '';
  child.stderr.on('data', (chunk: Buffer) => {
    const texts = (rest + chunk.toString()).split('\n');
    rest = texts.pop() ?? '';
    for (const text of texts) lines.push(text.startsWith('{') ? JSON.parse(text) : { level: 'none', msg: text });
  });
  const exitCode = new Promise<number | null>((resolve) => child.once('exit', resolve));
  // A test that fails does not stop it.
  if (child.pid !== undefined) void exitCode.then(reapAtEnd({ kind: 'process', pid: child.pid, signal: 'SIGTERM' }));
  return {
    pid: child.pid ?? 0,
    lines,
    ended: exitCode,
    signal: (signal) => void child.kill(signal),
    stop() {
      child.kill('SIGTERM');
      return exitCode;
    },
  };
}

function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(env).filter(
    ([name]) =>
      !['DATABASE_URL', 'NODE_ENV', 'NODE_OPTIONS'].includes(name) && !/^(FAIRTALLY|KAFKA|VITEST)_/.test(name),
  );
  return Object.fromEntries(others);
}
