import { Command, CommanderError } from 'commander';
import { HygieneError } from '../core/errors.js';
import { redact } from '../core/redact.js';
import { addBudget } from './commands/budget.js';
import { addClients } from './commands/clients.js';
import { addDoctor } from './commands/doctor.js';
import { addReap } from './commands/reap.js';
import { createConsole } from './console.js';
import type { CommandIo, ExitCode } from './io.js';

/** What a command is given besides its arguments, and how it tells its exit code. */
export interface CommandHost {
  readonly io: CommandIo;
  readonly exit: (code: ExitCode) => void;
}

function createProgram(host: CommandHost): Command {
  const { stdout, stderr } = host.io;
  const program = new Command('redis-hygiene')
    .description('Says who leaks Redis connections, on any server, and closes what is stale.')
    .helpOption('--help', 'show this help')
    .helpCommand(false)
    .showHelpAfterError('(add --help for the options)')
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(redact(text)),
    })
    .exitOverride();
  addClients(program, host);
  addDoctor(program, host);
  addReap(program, host);
  addBudget(program, host);
  program.commands.forEach((command) => command.helpOption('--help', 'show this help').exitOverride());
  return program;
}

/**
 * Runs one command line. Never throws: what goes wrong is a line on standard error, and the exit code.
 *
 * @returns 0 fine, 1 findings, 2 usage or connection
 */
export async function main(argv: readonly string[], io: CommandIo): Promise<ExitCode> {
  let code: ExitCode = 0;
  const console = createConsole(io);
  try {
    await createProgram({ io, exit: (told) => (code = told) }).parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // it has said so itself
    if (io.signal.aborted) {
      console.error(new HygieneError('HYG_CLI_INTERRUPTED', 'Interrupted.'));
    } else {
      console.error(error);
    }
    return 2;
  }
}
