import { CommanderError } from 'commander';
import { systemClock } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';
import type { CommandHost, CommandIo, ExitCode } from './command-io.js';
import { createConsole } from './console.js';
import { createProgram, withHelpFlag } from './program.js';

/**
 * Runs one command line. Never throws: a failure becomes a line on standard error and the exit code 2.
 *
 * @returns the exit code, see `ExitCode`
 */
export async function main(argv: readonly string[], io: CommandIo): Promise<ExitCode> {
  let code: ExitCode = 0;
  const console = createConsole(io);
  const { runInterruptibly, finish } = createInterruption(io);
  try {
    const args = withHelpFlag(argv);
    const program = await createProgram(args, { io, exit: (given) => (code = given), finish });
    await runInterruptibly(program.parseAsync([...args], { from: 'user' }));
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed it
    if (io.signal.aborted) {
      console.error(new HygieneError('HYG_CLI_INTERRUPTED', 'Interrupted.'));
    } else {
      console.error(error);
    }
    return 2;
  }
}

/** Ends a command on Ctrl-C at once, whatever it waits for, unless it runs inside of `finish`. */
function createInterruption({ signal }: CommandIo) {
  let isFinishing = false;
  const interrupted = new Promise<never>((_, reject) => {
    const onAbort = () => {
      if (!isFinishing) reject(new DOMException('Interrupted', 'AbortError'));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  const runInterruptibly = (command: Promise<unknown>) => Promise.race([command, interrupted]);
  const finish: CommandHost['finish'] = (run) => {
    isFinishing = true;
    return run().finally(() => (isFinishing = false));
  };
  return { runInterruptibly, finish };
}

/** Runs `main` with the streams and signals of this process, and sets its exit code. A second Ctrl-C ends the process. */
export async function run(argv: readonly string[]): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  // A reader that closes the pipe (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    process.stderr.write(`error standard output cannot be written: ${error.message}\n`);
    process.exit(2);
  });
  // Standard error itself can be closed (`2>&1 | head`). The exit code stays.
  process.stderr.on('error', () => undefined);
  const { stdin, stdout, stderr, env } = process;
  process.exitCode = await main(argv, {
    stdin,
    stdout,
    stderr,
    env,
    signal: stop.signal,
    clock: systemClock,
  });
  // A name server or kubectl may still be running; an interrupted command does not wait for them.
  if (stop.signal.aborted) process.exit();
}
