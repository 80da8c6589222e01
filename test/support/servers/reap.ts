import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { ReaperLine, Remains } from './reaper.ts';

// The process that reaper.ts starts: reads what there is to remove until its parent is gone, then removes it.

const MERCY_MS = 5_000;

const remaining = new Map<string, Remains>();
for await (const line of createInterface({ input: process.stdin })) {
  const { remains, forgotten }: ReaperLine = JSON.parse(line);
  const key = JSON.stringify(remains);
  if (forgotten) remaining.delete(key);
  else remaining.set(key, remains);
}
const left = [...remaining.values()];
// Servers before the folders that they write to.
await Promise.allSettled(left.map(endServer));
await Promise.allSettled(left.map(removeFiles));

async function endServer(remains: Remains): Promise<void> {
  if (remains.kind === 'process') await endProcess(remains.pid, remains.signal);
  if (remains.kind === 'container') await removeContainer(remains.id);
  if (remains.kind === 'compose') await takeDown(remains.project, remains.folder);
}

async function endProcess(pid: number, signal: NodeJS.Signals): Promise<void> {
  const giveUpAt = Date.now() + MERCY_MS;
  send(pid, signal);
  while (send(pid, 0) && Date.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 50));
  send(pid, 'SIGKILL');
}

/** Whether the process was there to take the signal. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

async function removeContainer(id: string): Promise<void> {
  // Loaded when needed: a reaper mostly has nothing to do.
  const { getContainerRuntimeClient } = await import('testcontainers');
  const client = await getContainerRuntimeClient();
  await client.container.getById(id).remove({ force: true, v: true });
}

async function takeDown(project: string, folder: string): Promise<void> {
  const run = promisify(execFile);
  const down = ['compose', '--project-name', project, '--profile=*', 'down', '--volumes', '--timeout=5'];
  await run('docker', down, { cwd: folder });
  await run('docker', ['image', 'rm', '--force', `fairtally:${project}`]);
}

async function removeFiles(remains: Remains): Promise<void> {
  if (remains.kind !== 'folder') return;
  await rm(remains.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
