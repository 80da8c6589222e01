import { runCommandLine } from './command-line.ts';
import { EXIT_FAULTS, EXIT_INTERRUPTED } from './command-error.ts';
import { countBuffersWithTheHeap, saveMemory } from './garbage-collection.ts';
import { Interruption } from './interruption.ts';
import { endWithParent } from './npm-parent.ts';
import { systemFault } from './system-fault.ts';
import { messageLine, type Terminal } from './terminal.ts';
import { unforeseenFault } from './unforeseen-fault.ts';

countBuffersWithTheHeap();

const interruption = new Interruption({
  first() {
    if (process.stderr.isTTY) process.stderr.write('\nStopping after the batch under way; once more to stop at once\n');
  },
  lastMoment() {
    process.stderr.write('Stopped: what was under way is as if it had never begun; what was taken in before stays\n');
  },
});
interruption.listenToLauncher();
endWithParent(process.env);
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
// `fairtally … | head` closes our output, and `2>&1 | head` both: that is no fault.
for (const output of [process.stdout, process.stderr]) {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}

const terminal: Terminal = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  isInteractive: process.stderr.isTTY === true,
  columns: process.stdout.columns ?? process.stderr.columns ?? 100,
  env: process.env,
  folder: process.cwd(),
  signal: interruption.signal,
  heed: (work, graceMs) => interruption.heed(work, graceMs),
  saveMemory,
};
const exitCode = interruption.exitCode(await runCommandLine(process.argv.slice(2), terminal), EXIT_INTERRUPTED);
process.exitCode = exitCode;
interruption.commandIsDone(exitCode);
