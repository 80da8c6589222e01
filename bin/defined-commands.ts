import type { Command } from 'commander';
import { commandLine } from './command-line.ts';
import type { Terminal } from './terminal.ts';

/** A command as it is defined: what one types, and which arguments and options it has. */
export interface DefinedCommand {
  /** `['lines', 'import']`. */
  readonly path: readonly string[];
  readonly arguments: readonly { readonly name: string; readonly isRequired: boolean }[];
  /** `flag` is the long one; `takesValue` is false of a switch such as `--json`. */
  readonly options: readonly { readonly flag: string; readonly takesValue: boolean; readonly isRequired: boolean }[];
}

/** Every command with its arguments and options, as commander knows them, for tests that go through all of them. */
export function allCommands(terminal: Terminal): readonly Command[] {
  const below = (command: Command): readonly Command[] =>
    command.commands.length === 0 ? [command] : command.commands.flatMap(below);
  return below(commandLine(terminal, { exitCode: 0 }));
}

/**
 * All commands that do something; tests walk through them, so that a new one is tried with hostile input like the
 * others.
 */
export function definedCommands(terminal: Terminal): readonly DefinedCommand[] {
  return commandsBelow(commandLine(terminal, { exitCode: 0 }), []);
}

function commandsBelow(command: Command, path: readonly string[]): DefinedCommand[] {
  if (command.commands.length > 0) {
    return command.commands.flatMap((child) => commandsBelow(child, [...path, child.name()]));
  }
  const options = command.options.map(({ long, required, optional, mandatory }) => ({
    flag: long ?? '',
    takesValue: required || optional,
    isRequired: mandatory,
  }));
  const args = command.registeredArguments.map((argument) => ({
    name: argument.name(),
    isRequired: argument.required,
  }));
  return [{ path, arguments: args, options }];
}
