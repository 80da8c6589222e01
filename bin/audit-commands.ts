import type { Command } from 'commander';
import type { AuditOptions, VerifyAuditOptions } from './commands/audit.ts';
import { checkAudit, listAudit } from './commands-on-demand.ts';
import { withPlace } from './place-options.ts';
import type { Terminal } from './terminal.ts';

/** Adds `audit`: who read personal data, exported, decided or changed anything by the API. */
export function addAudit(program: Command, terminal: Terminal, outcome: { exitCode: number }): void {
  const command = program.command('audit').summary('who read, exported, decided or changed anything: list, verify');
  withPlace(
    command
      .command('list')
      .summary('what is on record, latest first')
      .option('--actor <id>', 'of this key or person')
      .option('--action <action>', 'read, export, decide or change')
      .option('--subject <text>', 'about this: the id of a line, say')
      .option('--limit <count>', 'how many (50)')
      .option('--json', 'as data'),
  ).action((options: AuditOptions) => listAudit(options, terminal));
  withPlace(
    command
      .command('verify')
      .summary('whether every record is there and says what it said')
      .option('--against <no:hash>', 'and whether this record is, which an earlier run printed')
      .option('--json', 'as data'),
  ).action(async (options: VerifyAuditOptions) => {
    outcome.exitCode = await checkAudit(options, terminal);
  });
}
