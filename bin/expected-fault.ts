import { OperatingFault } from '../operating/index.ts';
import { DatabaseError, MigrationError, ProvisioningError, RoleError, SourceMovedError } from '../ledger/index.ts';
import { NumberingTablesError } from '../tariffs/index.ts';
import { CommandError, EXIT_FAULTS } from './command-error.ts';
import { databaseAdvice } from './database-advice.ts';
import { systemFault } from './system-fault.ts';

/** What is said of an error, a line each, and the exit code that it ends a command with. */
export interface Fault {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

/** What is said of an error that a person can do something about; `null` for a bug. */
export function expectedFault(error: unknown): Fault | null {
  if (error instanceof CommandError) return { lines: error.faults, exitCode: error.exitCode };
  if (error instanceof NumberingTablesError || error instanceof ProvisioningError) {
    return { lines: error.message.split('\n'), exitCode: EXIT_FAULTS };
  }
  if (EXPECTED.some((type) => error instanceof type) && error instanceof Error) {
    const advice = databaseAdvice(error);
    return { lines: [error.message, ...(advice === null ? [] : [advice])], exitCode: EXIT_FAULTS };
  }
  const system = systemFault(error);
  return system === null ? null : { lines: [system], exitCode: EXIT_FAULTS };
}

/** Faults of the catalogue, of files and of topics are kinds of `OperatingFault`. */
const EXPECTED = [DatabaseError, MigrationError, RoleError, SourceMovedError, OperatingFault];
