import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ExpectedCounts } from './expected.ts';
import { filesInTheWay, type MonthOptions, SORTING_PREFIX } from './generate-month.ts';

/** What the thread is given. */
export interface ThreadWork {
  readonly folder: string;
  readonly options: MonthOptions;
}

/**
 * `generateMonth()` into a folder without such files, in a thread of its own: it computes for minutes, and this one
 * must hear when it is told to end. Then the thread is stopped, whatever it is doing, and what it made is removed;
 * `null` is returned.
 */
export async function generateInThread(
  folder: string,
  options: MonthOptions,
  signal: AbortSignal,
): Promise<ExpectedCounts | null> {
  const wasThere = existsSync(folder);
  mkdirSync(folder, { recursive: true });
  const work: ThreadWork = { folder, options };
  const thread = new Worker(new URL('./generate-thread.ts', import.meta.url), {
    workerData: work,
    name: 'generate',
    execArgv: [],
  });
  const made = await outcomeOf(thread, signal);
  if (made === null) {
    await thread.terminate();
    removeMade(folder, wasThere);
  }
  return made;
}

/** `null` once `signal` is aborted. Rejects with what the thread threw. */
function outcomeOf(thread: Worker, signal: AbortSignal): Promise<ExpectedCounts | null> {
  return new Promise((resolve, reject) => {
    thread.once('message', (counts: ExpectedCounts) => resolve(counts));
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('Cannot generate: its thread ended without an answer')));
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}

function removeMade(folder: string, wasThere: boolean): void {
  const sorting = readdirSync(folder).filter((name) => name.startsWith(SORTING_PREFIX));
  for (const name of [...filesInTheWay(folder), ...sorting]) rmSync(join(folder, name), { recursive: true });
  if (wasThere) return;
  try {
    rmdirSync(folder);
  } catch {
    // Somebody else put something there meanwhile.
  }
}
