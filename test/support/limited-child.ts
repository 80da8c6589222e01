import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reapAtEnd } from './servers/reaper.ts';

/** How a `fairtally` that had a limit of memory ended. */
export interface LimitedEnd {
  /** Its exit code, or the signal that ended it: SIGKILL when it wanted more memory than it may have. */
  readonly end: number | string | null;
  /** The most memory that it had at one time, in bytes. */
  readonly peakBytes: number;
  /** What it wrote. */
  readonly out: string;
}

export interface LimitedChild {
  /** Resolves when it has ended. */
  readonly ended: Promise<LimitedEnd>;
  stop(): Promise<LimitedEnd>;
  /** What it wrote so far. */
  out(): string;
}

const MEMORY_GROUPS = '/sys/fs/cgroup/memory';
const ALL_GROUPS = '/sys/fs/cgroup';
/** What Node.js 24 takes for its heap in a container of 2 GiB. */
const HEAP_OF_2_GIB = 1_120;
const LOOK_EVERY_MS = 20;
let groups = 0;

/**
 * Runs `fairtally ARGS…` with so much memory, as a container would give it: a process that wants more is killed by
 * the kernel. Where groups of processes can't be made (we are not root, or the kernel has none), it is watched, and
 * killed by us.
 */
export function runLimited(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  bytes: number,
): LimitedChild {
  const group = memoryGroup(bytes);
  const program = fileURLToPath(new URL('../../bin/main.ts', import.meta.url));
  const node = [process.execPath, ...(group === null ? [`--max-old-space-size=${HEAP_OF_2_GIB}`] : [])];
  const command = [...node, program, ...args];
  const enter = `echo $$ > '${join(group ?? '', 'cgroup.procs')}' && exec "$@"`;
  const child = spawn('sh', group === null ? ['-c', 'exec "$@"', 'sh', ...command] : ['-c', enter, 'sh', ...command], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/root', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
  let peakBytes = 0;
  const watching = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakOf(child.pid ?? 0));
    if (group === null && peakBytes > bytes) child.kill('SIGKILL');
  }, LOOK_EVERY_MS);
  const ended = new Promise<LimitedEnd>((resolve) => {
    child.once('close', (code, signal) => {
      clearInterval(watching);
      if (group !== null) rmdirSync(group);
      resolve({ end: code ?? signal, peakBytes, out });
    });
  });
  if (child.pid !== undefined) void ended.then(reapAtEnd({ kind: 'process', pid: child.pid, signal: 'SIGKILL' }));
  return {
    ended,
    out: () => out,
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** The most memory that a process had so far; 0 when it is gone. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024;
  } catch {
    return 0;
  }
}

/** Makes a group of processes that have so much memory together; `null` where that can't be done. */
function memoryGroup(bytes: number): string | null {
  const isOld = existsSync(MEMORY_GROUPS);
  const group = join(isOld ? MEMORY_GROUPS : ALL_GROUPS, `fairtally-test-${process.pid}-${++groups}`);
  try {
    mkdirSync(group);
    if (isOld) writeFileSync(join(group, 'memory.limit_in_bytes'), String(bytes));
    else {
      writeFileSync(join(group, 'memory.max'), String(bytes));
      writeFileSync(join(group, 'memory.swap.max'), '0');
    }
    return group;
  } catch {
    try {
      rmdirSync(group);
    } catch {
      // It was not made.
    }
    return null;
  }
}
