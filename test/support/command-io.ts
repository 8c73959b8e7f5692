import { Readable, Writable } from 'node:stream';
import { type Clock, systemClock } from '../../src/core/clock.js';
import type { CommandIo, ExitCode, Out } from '../../src/cli/command-io.js';
import { main } from '../../src/cli/main.js';

/** The world that a command finds. Nothing of the real one gets in but what is given here. */
export interface World {
  /** What comes down standard input. @default nothing */
  readonly stdin?: string | Uint8Array | Readable;
  /** @default {} */
  readonly env?: CommandIo['env'];
  /** Both outputs are a terminal. @default pipes */
  readonly tty?: true;
  /** Columns of the terminal. @default unknown */
  readonly columns?: number;
  /** Ctrl-C. @default never */
  readonly signal?: AbortSignal;
  /** @default the system's */
  readonly clock?: Clock;
}

/** How a command ended, and what it wrote. */
export interface CliResult {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `CommandIo` in memory, and what has been written to it so far. */
export interface MemoryIo {
  readonly io: CommandIo;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

function memory({ tty, columns }: World): { readonly out: Out; readonly text: () => string } {
  const pieces: Buffer[] = [];
  const stream = new Writable({
    decodeStrings: true,
    write(piece: Buffer, _, done) {
      pieces.push(piece);
      done();
    },
  });
  const out = Object.assign(stream, { isTTY: tty === true, ...(columns !== undefined && { columns }) });
  return { out, text: () => Buffer.concat(pieces).toString() };
}

function input(stdin: World['stdin'] = ''): Readable {
  if (stdin instanceof Readable) return stdin;
  return Readable.from(stdin.length === 0 ? [] : [Buffer.from(stdin)], { objectMode: false });
}

export function memoryIo(world: World = {}): MemoryIo {
  const { env = {}, signal = new AbortController().signal, clock = systemClock } = world;
  const [stdout, stderr] = [memory(world), memory(world)];
  const io = { stdin: input(world.stdin), stdout: stdout.out, stderr: stderr.out, env, signal, clock };
  return { io, stdout: stdout.text, stderr: stderr.text };
}

/** Runs one command line as a terminal, or a program that reads its output, would; in this process. */
export async function runCli(argv: readonly string[], world: World = {}): Promise<CliResult> {
  const { io, stdout, stderr } = memoryIo(world);
  const code = await main(argv, io);
  return { code, stdout: stdout(), stderr: stderr() };
}
