import type { Argument, Command, Option } from 'commander';

/** What may follow an option, or stand as an argument. */
export type Values =
  { readonly kind: 'none' | 'file' | 'any' } | { readonly kind: 'words'; readonly words: readonly string[] };

/** An option, as a shell has to know it. */
export interface CompletedOption {
  /** `-h`, where there is one, and `--host`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly values: Values;
}

/** A command, as a shell has to know it. */
export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  readonly argument: Values;
}

/** All that can be typed. */
export interface Completion {
  readonly program: string;
  readonly options: readonly CompletedOption[];
  readonly commands: readonly CompletedCommand[];
}

/** `<file>`, `<path>`, `<folder>`: what commands call that which lies in the file system. */
const IN_FILE_SYSTEM = /^(file|path|folder)$/;

function valuesOf(placeholder: string, choices: readonly string[] | undefined): Values {
  if (choices) return { kind: 'words', words: choices };
  return { kind: IN_FILE_SYSTEM.test(placeholder) ? 'file' : 'any' };
}

function describeOption(option: Option): CompletedOption {
  const { short, long, description, flags, argChoices, required, optional } = option;
  const placeholder = /[<[]([^>\].]+)/.exec(flags)?.[1] ?? '';
  return {
    names: [short, long].filter((name) => name !== undefined),
    description,
    values: required || optional ? valuesOf(placeholder, argChoices) : { kind: 'none' },
  };
}

function describeArgument([argument]: readonly Argument[]): Values {
  return argument ? valuesOf(argument.name(), argument.argChoices) : { kind: 'none' };
}

function optionsOf(command: Command): readonly CompletedOption[] {
  return command.createHelp().visibleOptions(command).map(describeOption);
}

/** Reads off a program what its help would show. */
export function describeProgram(program: Command): Completion {
  return {
    program: program.name(),
    options: optionsOf(program),
    commands: program.commands.map((command) => ({
      name: command.name(),
      description: command.description(),
      options: optionsOf(command),
      argument: describeArgument(command.registeredArguments),
    })),
  };
}
