import type { Command } from 'commander';
import { repeatable } from './format-options.ts';

/**
 * Adds the options that every command of the stream has; `STREAM_SETTINGS` names the variables that stand in for
 * them.
 */
export function withStreamOptions(command: Command): Command {
  return command
    .option('--brokers <list>', 'host:port of brokers, with commas between; by default KAFKA_BROKERS')
    .addOption(repeatable('--topic <spec>', 'NAME[,format=ID][,key=account|other][,starts-after-days=N] (cdr)'))
    .option('--starts-before-days <days>', 'a call that starts longer before its message waits in quarantine (400)')
    .option('--starts-after-days <days>', 'the same of one that starts longer after it (1)')
    .option('--rekeyed-topic <name>', 'records of topics with other keys pass through it (fairtally.rekeyed)');
}
