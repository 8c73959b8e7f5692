import { systemClock } from '../core/clock.js';
import { main } from './main.js';

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
