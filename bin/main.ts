import { runCommandLine } from './command-line.ts';
import { EXIT_INTERRUPTED } from './command-error.ts';
import { countBuffersWithTheHeap } from './garbage-collection.ts';
import type { Terminal } from './terminal.ts';

countBuffersWithTheHeap();

const interrupted = new AbortController();
const interrupt = (): void => {
  // A second Ctrl-C does not wait: the transaction under way is as if it had never begun.
  if (interrupted.signal.aborted) process.exit(EXIT_INTERRUPTED);
  if (process.stderr.isTTY) process.stderr.write('\nStopping after the batch under way; once more to stop at once\n');
  interrupted.abort();
};
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, interrupt);
// kafkajs 2.2.4 sets timers to instants in the past, which Node.js 24 takes for a mistake worth two lines on stderr.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) => {
  if (name !== 'TimeoutNegativeWarning') process.stderr.write(`${name}: ${message}\n`);
});
// `fairtally … | head` closes our output: that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

const terminal: Terminal = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  isInteractive: process.stderr.isTTY === true,
  columns: process.stdout.columns ?? process.stderr.columns ?? 100,
  env: process.env,
  folder: process.cwd(),
  signal: interrupted.signal,
};
process.exitCode = await runCommandLine(process.argv.slice(2), terminal);
