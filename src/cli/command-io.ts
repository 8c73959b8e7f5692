import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../core/clock.js';

/** Standard input: a terminal, a file, a pipe, or nothing. */
type In = Readable & { readonly isTTY?: boolean; readonly fd?: number };

/** A standard output stream: a terminal, a file or a pipe. */
export type Out = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Everything outside of a command that it reads, writes or reacts to. */
export interface CommandIo {
  readonly stdin: In;
  /** Receives data only. */
  readonly stdout: Out;
  /** Receives progress, warnings and errors. */
  readonly stderr: Out;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** 0: success. 1: findings. 2: wrong usage, or a server or file that could not be read. */
export type ExitCode = 0 | 1 | 2;

/** What a command receives besides its arguments, and how it sets its exit code. */
export interface CommandHost {
  readonly io: CommandIo;
  readonly exit: (code: ExitCode) => void;
  /** Runs work that Ctrl-C must not interrupt. The work sees the signal and ends by itself. */
  readonly finish: <T>(run: () => Promise<T>) => Promise<T>;
}
