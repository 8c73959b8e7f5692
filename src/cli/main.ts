import { CommanderError } from 'commander';
import { HygieneError } from '../core/errors.js';
import { createConsole } from './console.js';
import type { CommandIo, ExitCode } from './io.js';
import { type CommandHost, createProgram } from './program.js';

/** Ctrl-C ends a command at once, whatever it waits for; only what it must not leave half done is waited for. */
function createInterruption({ signal }: CommandIo) {
  let isFinishing = false;
  const atOnce = new Promise<never>((_, reject) => {
    const giveUp = () => {
      if (!isFinishing) reject(new DOMException('Interrupted', 'AbortError'));
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
  const orNever = (command: Promise<unknown>) => Promise.race([command, atOnce]);
  const finish: CommandHost['finish'] = (run) => {
    isFinishing = true;
    return run().finally(() => (isFinishing = false));
  };
  return { orNever, finish };
}

/**
 * Runs one command line. Never throws: what goes wrong is a line on standard error, and the exit code.
 *
 * @returns 0 fine, 1 findings, 2 usage or connection
 */
export async function main(argv: readonly string[], io: CommandIo): Promise<ExitCode> {
  let code: ExitCode = 0;
  const console = createConsole(io);
  const { orNever, finish } = createInterruption(io);
  try {
    const program = await createProgram(argv, { io, exit: (told) => (code = told), finish });
    await orNever(program.parseAsync([...argv], { from: 'user' }));
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
