import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { getContainerRuntimeClient } from 'testcontainers';
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
await Promise.all(left.flatMap((remains) => (remains.kind === 'process' ? [endProcess(remains)] : [])));
await Promise.all(left.flatMap((remains) => (remains.kind === 'container' ? [removeContainer(remains.id)] : [])));
await Promise.all(left.flatMap((remains) => (remains.kind === 'folder' ? [removeFolder(remains.path)] : [])));

async function endProcess({ pid, signal }: Remains & { readonly kind: 'process' }): Promise<void> {
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
  const client = await getContainerRuntimeClient();
  await client.container.getById(id).remove({ force: true, v: true });
}

function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
