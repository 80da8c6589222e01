import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { reapAtEnd } from '../support/servers/reaper.ts';

/** Keeps every core of the machine busy until it is told to end; answers what ends it. */
export function startLoad(): () => void {
  const busy: ChildProcess[] = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'for (;;) ;'], { stdio: 'ignore' }),
  );
  for (const { pid } of busy) if (pid !== undefined) reapAtEnd({ kind: 'process', pid, signal: 'SIGKILL' });
  return () => {
    for (const one of busy) one.kill('SIGKILL');
  };
}
