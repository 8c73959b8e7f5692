import { Readable, Writable } from 'node:stream';
import { main } from '../../src/cli/main.js';
import type { CommandIo } from '../../src/cli/io.js';
import { systemClock } from '../../src/core/clock.js';

/** What a command line printed, and its exit code. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function sheet(onText: (text: string) => void = () => undefined) {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      onText(String(chunk));
      done();
    },
  });
  return { stream, text: () => written.join('') };
}

interface RunOptions extends Partial<Pick<CommandIo, 'env' | 'signal'>> {
  /** Hears what is printed as soon as it is. */
  readonly onStdout?: (text: string) => void;
}

/** Runs `redis-hygiene …` in this process, with nothing of its environment. */
export async function runCommandLine(
  argv: readonly string[],
  { onStdout, ...own }: RunOptions = {},
): Promise<Ran> {
  const [out, err] = [sheet(onStdout), sheet()];
  const code = await main(argv, {
    stdin: Readable.from([]),
    stdout: out.stream,
    stderr: err.stream,
    env: {},
    signal: new AbortController().signal,
    clock: systemClock,
    ...own,
  });
  return { code, stdout: out.text(), stderr: err.text() };
}
