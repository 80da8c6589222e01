#!/usr/bin/env node
// Plain JavaScript on purpose: an older Node.js must be able to read it, and hand over to the one the project installs.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED_MAJOR = 24;
/** A command that was told to end is gone before; what hangs is killed. */
const LAST_MOMENT_MS = 12_000;
/** The same after a second signal. */
const AT_ONCE_MS = 1000;
const LOOK_MS = 500;

const main = join(dirname(fileURLToPath(import.meta.url)), 'main.ts');
const isNewEnough = Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR;

// The first process of a container is one that signals do not end by themselves: there the command is its child.
if (isNewEnough && process.pid !== 1) await import(main);
else supervise(isNewEnough ? process.execPath : bundledRuntime());

/**
 * Runs the command in another Node.js, tells it how often each signal came to us, and ends as it ends. A terminal
 * sends its signals to both of us; so the command is told a count, by a channel that also tells it when we are
 * killed.
 */
function supervise(runtime) {
  const child = spawn(runtime, [main, ...process.argv.slice(2)], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  // It may wait for us no longer than we live; we wait for its end alone.
  child.channel?.unref();
  const counts = { SIGINT: 0, SIGTERM: 0, SIGHUP: 0 };
  let received = 0;
  const pass = (signal) => {
    counts[signal] += 1;
    received += 1;
    // A child that is just ending does not hear it.
    child.send({ signal, count: counts[signal] }, () => {});
    setTimeout(() => child.kill('SIGKILL'), received === 1 ? LAST_MOMENT_MS : AT_ONCE_MS).unref();
  };
  for (const signal of Object.keys(counts)) process.on(signal, pass);
  passEndOfNpm(pass);
  child.on('error', ({ message }) => {
    console.error(`Cannot start '${runtime}': ${message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
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
