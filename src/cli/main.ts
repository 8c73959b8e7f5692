import { CommanderError } from 'commander';
import { HygieneError } from '../core/errors.js';
import { createConsole } from './console.js';
import type { CommandIo, ExitCode } from './io.js';
import { createProgram } from './program.js';

/** After Ctrl-C a command may finish what it must not leave half done; what cannot be told to stop is left behind. */
const GRACE_MS = 2000;

/** Waits for a command, or for the end of its grace. */
async function orInterrupted(command: Promise<unknown>, { signal, clock }: CommandIo): Promise<void> {
  const over = new Promise<never>((_, reject) => {
    const giveUp = () =>
      void clock.hold(GRACE_MS, () => reject(new DOMException('Interrupted', 'AbortError')));
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
  await Promise.race([command, over]);
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
    const program = await createProgram(argv, { io, exit: (told) => (code = told) });
    await orInterrupted(program.parseAsync([...argv], { from: 'user' }), io);
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
