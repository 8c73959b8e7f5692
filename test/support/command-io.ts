import { Readable, Writable } from 'node:stream';
import { type Clock, systemClock } from '../../src/core/clock.js';
import type { CommandIo, ExitCode, Out } from '../../src/cli/command-io.js';
import { main } from '../../src/cli/main.js';

/** Environment of a command under test, which sees nothing of the environment of this process. */
export interface CliEnvironment {
  /** Standard input. @default empty */
  readonly stdin?: string | Uint8Array | Readable;
  /** @default {} */
  readonly env?: CommandIo['env'];
  /** Whether both outputs are a terminal. @default pipes */
  readonly tty?: true;
  /** Columns of the terminal. @default unknown */
  readonly columns?: number;
  /** Aborted to simulate Ctrl-C. @default never aborted */
  readonly signal?: AbortSignal;
  /** @default system clock */
  readonly clock?: Clock;
}

/** Exit code and output of a command. */
export interface CliResult {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `CommandIo` in memory, and functions that return the text written to it so far. */
export interface MemoryIo {
  readonly io: CommandIo;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

function memoryStream({ tty, columns }: CliEnvironment): { readonly out: Out; readonly text: () => string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    decodeStrings: true,
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      done();
    },
  });
  const out = Object.assign(stream, { isTTY: tty === true, ...(columns !== undefined && { columns }) });
  return { out, text: () => Buffer.concat(chunks).toString() };
}

function inputStream(stdin: CliEnvironment['stdin'] = ''): Readable {
  if (stdin instanceof Readable) return stdin;
  return Readable.from(stdin.length === 0 ? [] : [Buffer.from(stdin)], { objectMode: false });
}

export function memoryIo(environment: CliEnvironment = {}): MemoryIo {
  const { env = {}, signal = new AbortController().signal, clock = systemClock } = environment;
  const [stdout, stderr] = [memoryStream(environment), memoryStream(environment)];
  const io = {
    stdin: inputStream(environment.stdin),
    stdout: stdout.out,
    stderr: stderr.out,
    env,
    signal,
    clock,
  };
  return { io, stdout: stdout.text, stderr: stderr.text };
}

/** Runs one command line in this process. */
export async function runCli(argv: readonly string[], environment: CliEnvironment = {}): Promise<CliResult> {
  const { io, stdout, stderr } = memoryIo(environment);
  const code = await main(argv, io);
  return { code, stdout: stdout(), stderr: stderr() };
}
