#!/usr/bin/env node
// Plain JavaScript on purpose: an older Node.js must be able to read it, and hand over to the one the project installs.
import { spawn } from 'node:child_process';
import module, { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED_MAJOR = 24;
/** A command that was told to end is gone before; what hangs is killed. */
const LAST_MOMENT_MS = 10_000;
/** The same when it does not say that it heard of the first signal: it computes, and is deaf. */
const DEAF_MS = 2000;
/** The same after a second signal. */
const AT_ONCE_MS = 1000;
const LOOK_MS = 500;

const launcher = fileURLToPath(import.meta.url);
const main = join(dirname(launcher), 'main.ts');
const isNewEnough = Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR;

// The first process of a container is one that signals do not end by themselves: there the command is its child.
if (isNewEnough && process.pid !== 1) await runHere();
else supervise(isNewEnough ? process.execPath : bundledRuntime());

/**
 * Compiling the code takes longer than most commands do: what was compiled is kept beside the packages, where whoever
 * may change it may change them too. Where nothing can be written there, nothing is kept. The flag is set first, since
 * what was compiled with other flags is of no use.
 */
async function runHere() {
  module.enableCompileCache(join(dirname(main), '..', 'node_modules', '.cache', 'fairtally'));
  await import(main);
}

/**
 * Runs the command in another Node.js, passes signals on to it, and ends as it ends. While it does not heed them it
 * gets the signal itself, and the system ends it. While it does (`interruption.ts`), it is told how often each came to
 * us, by a channel: a terminal sends its signals to both of us, and a second one would end it at once. It is killed
 * where it does not end in time: it loses nothing by it.
 */
function supervise(runtime) {
  const child = spawn(runtime, [launcher, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    // It may look for us only when we are gone already.
    env: { ...process.env, LAUNCHER_PID: String(process.pid) },
  });
  // It may wait for us no longer than we live; we wait for its end alone.
  child.channel?.unref();
  const counts = { SIGINT: 0, SIGTERM: 0, SIGHUP: 0 };
  let received = 0;
  let first = null;
  let heeds = false;
  let wasTold = false;
  child.on('message', (message) => {
    if (typeof message.heeds === 'boolean') ({ heeds } = message);
    if (message.told !== undefined) wasTold = true;
  });
  const pass = (signal) => {
    counts[signal] += 1;
    received += 1;
    first ??= signal;
    if (!heeds && !wasTold) child.kill(signal);
    // A child that is just ending does not hear it.
    else child.send({ signal, count: counts[signal] }, () => {});
    const isFirst = received === 1;
    if (isFirst) setTimeout(() => (wasTold ? null : child.kill('SIGKILL')), DEAF_MS).unref();
    else setTimeout(() => child.kill('SIGKILL'), AT_ONCE_MS).unref();
    setTimeout(() => child.kill('SIGKILL'), LAST_MOMENT_MS).unref();
  };
  for (const signal of Object.keys(counts)) process.on(signal, pass);
  passEndOfNpm(pass);
  child.on('error', ({ message }) => {
    console.error(`Cannot start '${runtime}': ${message}`);
    process.exit(1);
  });
  child.on('exit', (code, by) => {
    if (by === null) process.exit(code ?? 1);
    // Killed because it was deaf, it ended by what it was told.
    const signal = by === 'SIGKILL' && first !== null ? first : by;
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    process.exit(128 + constants.signals[signal]);
  });
}

/** A shell of npm's (`npx fairtally`) ends by a signal without passing it on: see `npm-parent.ts`. */
function passEndOfNpm(pass) {
  const parent = process.ppid;
  if (process.env.npm_command === undefined) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    pass('SIGTERM');
  }, LOOK_MS);
  timer.unref();
}

function bundledRuntime() {
  const require = createRequire(import.meta.url);
  const { platform, arch } = process;
  for (const name of [`node-${platform}-${arch}`, `node-bin-${platform}-${arch}`]) {
    try {
      return join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'node');
    } catch {
      continue;
    }
  }
  console.error(`fairtally needs Node.js ${NEEDED_MAJOR} or later, this is ${process.versions.node}`);
  console.error(`no bundled runtime for ${platform}-${arch}: install Node.js ${NEEDED_MAJOR} and run again`);
  process.exit(1);
}
