import type { Command } from 'commander';

/** The options of every command that opens a ledger. */
export function withPlace(command: Command): Command {
  return command
    .option('--data <dir>', 'folder of the embedded ledger (.fairtally)')
    .option('--database <url>', 'PostgreSQL server instead; by default DATABASE_URL, if set');
}
