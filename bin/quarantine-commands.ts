import type { Command } from 'commander';
import {
  acceptStarts,
  listQuarantine,
  reopenRecords,
  repairNumbers,
  replayQuarantine,
  showQuarantined,
  sweep,
  writeOffRecords,
} from './commands-on-demand.ts';
import type { AcceptOptions } from './commands/accept-starts.ts';
import type { QuarantineOptions } from './commands/quarantine.ts';
import type { RepairOptions } from './commands/repair-numbers.ts';
import type { ReplayOptions } from './commands/replay.ts';
import type { WriteOffOptions } from './commands/write-off.ts';
import type { PlaceOptions } from './config.ts';
import { repeatable } from './format-options.ts';
import { withPlace } from './place-options.ts';
import type { Terminal } from './terminal.ts';

/** Adds `quarantine`: what could not be rated, and what people do about it. */
export function addQuarantine(program: Command, terminal: Terminal, outcome: { exitCode: number }): void {
  const quarantine = program
    .command('quarantine')
    .summary('records that could not be rated: list, show, repair, replay, accept, write-off, reopen, sweep');
  withPlace(
    quarantine
      .command('list')
      .summary('what waits, by reason; with --reason the records')
      .option('--reason <reason>', 'the records of one reason')
      .option('--written-off', 'the records that people wrote off, with who and why')
      .option('--limit <count>', 'how many records (20)')
      .option('--json', 'as data'),
  ).action((options: QuarantineOptions) => listQuarantine(options, terminal));
  withPlace(quarantine.command('show <no>').summary('one record with its bytes').option('--json', 'as data')).action(
    (no: string, options: QuarantineOptions) => showQuarantined(no, options, terminal),
  );
  withPlace(
    quarantine
      .command('replay')
      .summary('rate what can be rated now that its cause is repaired')
      .option('--reason <reason>', 'only the records of one reason')
      .addOption(repeatable('--topic <spec>', 'as workers have it; its starts-…-days let starts be plausible now'))
      .option('--starts-before-days <days>', 'plausible from so many days before the receipt of a record on')
      .option('--starts-after-days <days>', 'plausible up to so many days after it')
      .option('--strict', 'end with exit code 1 where no record could be rated'),
  ).action(async (options: ReplayOptions) => {
    outcome.exitCode = await replayQuarantine(options, terminal);
  });
  withPlace(
    quarantine
      .command('repair')
      .summary('say how numbers are read that the numbering plan refuses; without options: what was said')
      .option('--prefix <digits>', 'numbers that begin so, country code first, or all digits of a short code')
      .option('--length <digits>', 'how many digits the whole number has')
      .option('--destination <name>', 'where they lead, as the numbering plan calls it')
      .option('--begins <text>', 'what the switch writes at the beginning of its numbers')
      .option('--as <text>', 'what takes its place: nothing, or +33')
      .option('--switch <name>', 'whose numbers; left out, those of every switch')
      .option('--end', 'take back what was said before')
      .option('--dry-run', 'how many records it would read; nothing is kept')
      .option('--by <name>', 'who says so')
      .option('--note <text>', 'why'),
  ).action((options: RepairOptions) => repairNumbers(options, terminal));
  withPlace(
    quarantine
      .command('accept <no...>')
      .summary('rate records that wait as start-implausible: their starts are right')
      .requiredOption('--by <name>', 'who accepts them')
      .requiredOption('--note <text>', 'why'),
  ).action((nos: string[], options: AcceptOptions) => acceptStarts(nos, options, terminal));
  withPlace(
    quarantine
      .command('write-off <no...>')
      .summary('records that nothing mends wait no longer; they stay, and can be reopened')
      .requiredOption('--by <name>', 'who writes them off')
      .requiredOption('--note <text>', 'why'),
  ).action((nos: string[], options: WriteOffOptions) => writeOffRecords(nos, options, terminal));
  withPlace(
    quarantine
      .command('reopen <no...>')
      .summary('records that were written off are rated if they can be, or wait again')
      .requiredOption('--by <name>', 'who opens them again')
      .requiredOption('--note <text>', 'why'),
  ).action((nos: string[], options: WriteOffOptions) => reopenRecords(nos, options, terminal));
  withPlace(
    quarantine
      .command('sweep [period]')
      .summary('settle calls billed twice: under two accounts, or in two months')
      .description(
        'Reads all entries of PERIOD, or of all months. Records of one call that no worker had in memory together.',
      ),
  ).action((period: string | undefined, options: PlaceOptions) => sweep(period, options, terminal));
}
