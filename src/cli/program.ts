import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { redact } from '../core/redact.js';
import type { CommandHost } from './command-io.js';

/** Adds a command to the program. */
type AddCommand = (program: Command, host: CommandHost) => void;

/** All commands, in the order of the help. Each is loaded when it is needed: loading all of them doubles the start time. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  clients: async () => (await import('./commands/clients-command.js')).addClients,
  doctor: async () => (await import('./commands/doctor-command.js')).addDoctor,
  explain: async () => (await import('./commands/explain-command.js')).addExplain,
  reap: async () => (await import('./commands/reap-command.js')).addReap,
  budget: async () => (await import('./commands/budget-command.js')).addBudget,
  init: async () => (await import('./commands/init-command.js')).addInit,
  completion: async () => (await import('./commands/completion-command.js')).addCompletion,
};

/** Creates the program that parses one command line. */
export async function createProgram(argv: readonly string[], host: CommandHost): Promise<Command> {
  const { stdout, stderr } = host.io;
  const program = new Command('redis-hygiene')
    .description(
      'Finds out who leaks Redis connections on any server, closes stale ones, and prepares services.',
    )
    .option('--version', 'show the version')
    .helpOption('--help', 'show this help')
    .helpCommand(false)
    .showHelpAfterError('(add --help for the options)')
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(withoutValue(redact(text))),
    })
    .exitOverride();
  program.on('option:version', () => {
    stdout.write(`${packageJson.version}\n`);
    throw new CommanderError(0, 'commander.version', 'version');
  });
  for (const load of neededCommands(argv)) (await load())(program, host);
  program.commands.forEach((command) => command.helpOption('--help', 'show this help').exitOverride());
  return program;
}

/**
 * The arguments that commander sees. `help`, `help clients`, and `-h` without a host ask for the help; `-h HOST` names a
 * server, as in redis-cli.
 */
export function withHelpFlag(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv;
  if (first === 'help') return [...rest.slice(0, 1), '--help'];
  return argv.at(-1) === '-h' ? [...argv.slice(0, -1), '--help'] : argv;
}

/** The named command, or all of them if none is named: help and suggestions need all. */
function neededCommands([name = '']: readonly string[]): readonly (() => Promise<AddCommand>)[] {
  const isAlone = Object.hasOwn(commands, name) && name !== 'completion'; // completion describes all commands
  const command = isAlone ? commands[name] : undefined;
  return command ? [command] : Object.values(commands);
}

/** Removes the value of an unknown option: commander repeats it, and it may be a password (`--password=…`). */
function withoutValue(text: string): string {
  return text.replace(/(unknown option '[^=']*)=.*'/s, "$1'");
}
