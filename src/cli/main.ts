import { CommanderError } from 'commander';
import { HygieneError } from '../core/errors.js';
import { createConsole } from './console.js';
import type { CommandIo, ExitCode } from './io.js';
import { createProgram } from './program.js';

/**
 * Runs one command line. Never throws: what goes wrong is a line on standard error, and the exit code.
 *
 * @returns 0 fine, 1 findings, 2 usage or connection
 */
export async function main(argv: readonly string[], io: CommandIo): Promise<ExitCode> {
  let code: ExitCode = 0;
  const console = createConsole(io);
  try {
    const program = await createProgram(argv, { io, exit: (told) => (code = told) });
    await program.parseAsync([...argv], { from: 'user' });
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
