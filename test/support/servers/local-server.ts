import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reapAtEnd } from './reaper.ts';
import type { ServerFolder } from './server-folder.ts';
import { type TestServer, untilAnswered } from './test-server.ts';

/** A server as a process on this machine. */
export interface LocalServerSettings {
  /** Holds all its files; removed when it is closed. */
  readonly folder: ServerFolder;
  readonly command: string;
  readonly args: readonly string[];
  /** Whose process it is, where that isn't us. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** What makes it stop as an operator would, and what at once but without leaving anything behind. */
  readonly signals: { readonly stop: NodeJS.Signals; readonly close: NodeJS.Signals };
  /** Rejects while it does not answer. */
  ask(): Promise<unknown>;
}

/** What a server may take to stop by itself; then it is killed. */
const STOP_WITHIN_MS = 30_000;
/** The children of a server that was killed may hold its files for a moment: until then it refuses to start again. */
const RESTART_TRIES = 10;
const RESTART_PAUSE_MS = 300;
const TAIL_CHARS = 3_000;

/** Starts the server; resolves when it answers. Whatever it wrote is in the error when it does not. */
export async function startLocalServer(settings: LocalServerSettings): Promise<TestServer> {
  let running: RunningProcess | null = null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    await running?.end(signal);
    running = null;
  };
  const server: TestServer = {
    get pids() {
      return running === null ? [] : [running.pid];
    },
    stop: () => end(settings.signals.stop),
    kill: () => end('SIGKILL'),
    async start() {
      running ??= await startPatiently(settings, RESTART_TRIES);
    },
    async close() {
      await end(settings.signals.close);
      await settings.folder.remove();
    },
  };
  try {
    running = await startPatiently(settings, 1);
  } catch (cause) {
    await server.close();
    throw cause;
  }
  return server;
}

interface RunningProcess {
  readonly pid: number;
  hasEnded(): boolean;
  end(signal: NodeJS.Signals): Promise<void>;
}

async function startPatiently(settings: LocalServerSettings, tries: number): Promise<RunningProcess> {
  for (let attempt = 1; ; attempt++) {
    const running = await startProcess(settings);
    const whyDead = async (): Promise<string | null> =>
      running.hasEnded() ? `it ended: ${await tailOf(settings)}` : null;
    try {
      await untilAnswered(() => settings.ask(), whyDead);
      return running;
    } catch (cause) {
      if (attempt === tries || !running.hasEnded()) {
        await running.end('SIGKILL');
        throw cause;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, RESTART_PAUSE_MS));
  }
}

async function startProcess({ folder, command, args, owner, signals }: LocalServerSettings): Promise<RunningProcess> {
  // To a file, not to a pipe: a test that computes reads no pipe, and a server that can't write waits.
  const log = await open(join(folder.path, 'server.log'), 'a');
  // In a group of its own: Ctrl-C is for the tests, which then stop their servers in order.
  const child = spawn(command, args, { cwd: folder.path, detached: true, stdio: ['ignore', log.fd, log.fd], ...owner });
  const pid = await once(child, 'spawn').then(
    () => pidOf(child),
    (cause: Error) => cause,
  );
  await log.close();
  if (pid instanceof Error) throw new Error(`Cannot run ${command}`, { cause: pid });
  child.unref();
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const ended = new Promise<void>((resolve) => {
    if (hasEnded()) resolve();
    else child.once('exit', () => resolve());
  });
  void ended.then(reapAtEnd({ kind: 'process', pid, signal: signals.close }));
  return { pid, hasEnded, end: (signal) => endProcess(child, signal, ended) };
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals, ended: Promise<void>): Promise<void> {
  child.ref();
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('Cannot start a process');
  return pid;
}

async function tailOf({ folder }: LocalServerSettings): Promise<string> {
  const text = await readFile(join(folder.path, 'server.log'), 'utf8').catch(() => '');
  return text.slice(-TAIL_CHARS);
}
