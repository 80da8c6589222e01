/** Exit codes of every command: the input or the state does not allow it; the command line itself is wrong; Ctrl-C. */
export const EXIT_FAULTS = 1;
export const EXIT_USAGE = 2;
export const EXIT_INTERRUPTED = 130;

/** What a person can put right: each fault becomes one line on stderr, without a stack trace. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly faults: readonly string[];
  readonly exitCode: number;

  constructor(faults: string | readonly string[], exitCode: number = EXIT_FAULTS) {
    const list = typeof faults === 'string' ? [faults] : faults;
    super(list.join('\n'));
    this.faults = list;
    this.exitCode = exitCode;
  }
}

/** The command was given in a way that it does not understand. */
export function usageError(faults: string | readonly string[]): CommandError {
  return new CommandError(faults, EXIT_USAGE);
}
