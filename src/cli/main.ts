import { CommanderError } from 'commander';
import { systemClock } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';
import type { CommandHost, CommandIo, ExitCode } from './command-io.js';
import { createConsole } from './console.js';
import { createProgram } from './program.js';

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

/** Gives `main` this process, and its exit code back to it. A second Ctrl-C ends it at once. */
export async function run(argv: readonly string[]): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    process.stderr.write(`error standard output cannot be written: ${error.message}\n`);
    process.exit(2);
  });
  // Nobody hears what goes wrong with the words themselves (`2>&1 | head`); the exit code stays.
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
  // What was asked (a name server, kubectl) may go on for a while; nobody waits for it any more.
  if (stop.signal.aborted) process.exit();
}
