import type { Command } from 'commander';
import { moveMonth, periods } from './commands-on-demand.ts';
import type { MoveOptions, PeriodsOptions } from './commands/periods.ts';
import { withPlace } from './place-options.ts';
import type { Terminal } from './terminal.ts';

const MOVES = {
  closing: ['closing', 'check a month that is over: its entries still go into it'],
  close: ['closed', 'close a month for good: its bill never changes again'],
  reopen: ['open', 'open a month again that is closing'],
} as const;

/** Adds `periods`: the months of bills, and how people close them. */
export function addPeriods(program: Command, terminal: Terminal): void {
  const command = program.command('periods').summary('months of bills: list, closing, close, reopen');
  withPlace(
    command
      .command('list')
      .summary('the months, what each is, and who made it so')
      .option('--json', 'as data, with the entries that each close had seen'),
  ).action((options: PeriodsOptions) => periods(options, terminal));
  for (const [name, [to, summary]] of Object.entries(MOVES)) {
    const one = command
      .command(`${name} <month>`)
      .summary(summary)
      .requiredOption('--by <name>', 'who does it')
      .requiredOption('--note <text>', 'why');
    if (to === 'closed') one.option('--despite-quarantine', 'also while records of it wait: they are billed later');
    withPlace(one).action((month: string, options: MoveOptions) => moveMonth(to, month, options, terminal));
  }
}
