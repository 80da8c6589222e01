import { Worker } from 'node:worker_threads';

/** How often it is looked whether the parent is still there. */
const LOOK_MS = 500;

/**
 * Started by npm (`npx fairtally`, `npm run`), the parent is a shell of npm's, which a signal ends without its being
 * passed on; started by our launcher, it may be killed outright. Either way nobody waits any more for what we do: once
 * the parent is gone, this process gets a SIGTERM, from a thread that looks even while this one computes. Started by
 * anything else, a command may outlive its parent, as after `nohup`.
 */
export function endWithParent(env: Readonly<Record<string, string | undefined>>): void {
  // With a launcher in between, the launcher looks whether npm's shell is there.
  if (env['npm_command'] === undefined && process.channel === undefined) return;
  const thread = new Worker(LOOK, {
    eval: true,
    workerData: { parent: Number(env['LAUNCHER_PID'] ?? process.ppid), everyMs: LOOK_MS },
    name: 'parent',
    execArgv: [],
  });
  thread.on('error', () => {});
  thread.unref();
}

const LOOK = `const { parent, everyMs } = require('node:worker_threads').workerData;
const timer = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(timer);
  process.kill(process.pid, 'SIGTERM');
}, everyMs);`;
