import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** What a run of the tests would leave behind if it were killed now. */
export type Remains =
  | { readonly kind: 'process'; readonly pid: number; readonly signal: NodeJS.Signals }
  | { readonly kind: 'container'; readonly id: string }
  /** Of docker compose, whose file lies in the folder. */
  | { readonly kind: 'compose'; readonly project: string; readonly folder: string }
  | { readonly kind: 'folder'; readonly path: string };

/** A line to the reaping process: `forgotten` takes back what was said before. */
export interface ReaperLine {
  readonly remains: Remains;
  readonly forgotten: boolean;
}

let reaper: Writable | undefined;

/**
 * Has `remains` removed when this process ends, however it ends: a process of its own (`reap.ts`) waits at the other
 * end of a pipe, which the system closes even after SIGKILL. The function that is returned takes it back.
 */
export function reapAtEnd(remains: Remains): () => void {
  reaper ??= startReaper();
  const tell = (forgotten: boolean): void => void reaper?.write(`${JSON.stringify({ remains, forgotten })}\n`);
  tell(false);
  return () => tell(true);
}

function startReaper(): Writable {
  const script = fileURLToPath(new URL('reap.ts', import.meta.url));
  // In a group of its own: Ctrl-C is for the tests, which then clean up themselves.
  const child = spawn(process.execPath, [script], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] });
  child.unref();
  // Neither the process nor the pipe to it keeps us alive.
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return child.stdin;
}
