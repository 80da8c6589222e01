import { type Refused, REFUSALS, refusalSentence } from '../services/index.ts';
import { CommandError, EXIT_FAULTS, EXIT_USAGE } from './command-error.ts';

/** What a service refused, as a fault of the command: a line each; exit code 2 where the request can't be meant. */
export function refusalError(refused: Refused): CommandError {
  const all = [refused, ...refused.others];
  const isUsage = all.some(({ code }) => REFUSALS[code].of === 'request');
  return new CommandError(all.map(refusalSentence), isUsage ? EXIT_USAGE : EXIT_FAULTS);
}
