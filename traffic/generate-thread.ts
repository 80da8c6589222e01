import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadWork } from './generate-in-thread.ts';
import { generateMonth } from './generate-month.ts';

const { folder, options }: ThreadWork = workerData;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- of threads, not of windows
parentPort?.postMessage(await generateMonth(folder, options));
