import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { reapAtEnd } from '../test/support/servers/reaper.ts';

const MAIN = fileURLToPath(new URL('../bin/main.ts', import.meta.url));
const STOP_WITHIN_MS = 15_000;

/** A command of `fairtally` as a process of its own. */
export interface ChildCommand {
  readonly pid: number;
  /** Rejects when the process ends before it was asked to. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/** Starts `fairtally` with the arguments and nothing of our environment that would configure it. */
export function startCommand(args: readonly string[]): ChildCommand {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH, HOME } });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  const ended = once(child, 'close');
  const pid = child.pid ?? 0;
  void ended.then(reapAtEnd({ kind: 'process', pid, signal: 'SIGTERM' }));
  let isStopping = false;
  const failed = ended.then((): never | Promise<never> => {
    if (isStopping) return new Promise<never>(() => undefined);
    throw new Error(`Cannot measure: 'fairtally ${args[0]}' ended: ${said}`);
  });
  failed.catch(() => undefined);
  return {
    pid,
    failed,
    async stop() {
      isStopping = true;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
