import { runCommandLine } from './command-line.ts';
import { EXIT_FAULTS, EXIT_INTERRUPTED } from './command-error.ts';
import { countBuffersWithTheHeap } from './garbage-collection.ts';
import { systemFault } from './system-fault.ts';
import { messageLine, type Terminal } from './terminal.ts';
import { unforeseenFault } from './unforeseen-fault.ts';

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
  if (name !== 'TimeoutNegativeWarning') process.stderr.write(`${messageLine(`${name}: ${message}`)}\n`);
});
// What nobody caught, of a library's own doing: said like any bug, without what Node.js would print of it.
process.on('uncaughtException', (error) => {
  const fault = systemFault(error);
  const lines = fault === null ? unforeseenFault(error, process.env) : [fault];
  for (const line of lines) process.stderr.write(`${messageLine(line)}\n`);
  process.exit(EXIT_FAULTS);
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
