import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../core/clock.js';

/** A stream for people or for pipes. */
export type Out = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** The world outside of a command: everything that it reads, writes and obeys. */
export interface CommandIo {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** Data, and nothing else. */
  readonly stdout: Out;
  /** Everything else: progress, warnings, errors. */
  readonly stderr: Out;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** 0: fine. 1: findings. 2: usage or connection. */
export type ExitCode = 0 | 1 | 2;

/** What a command is given besides its arguments, and how it tells its exit code. */
export interface CommandHost {
  readonly io: CommandIo;
  readonly exit: (code: ExitCode) => void;
  /** Runs what Ctrl-C must not cut off: it sees the signal, and ends by itself. */
  readonly finish: <T>(run: () => Promise<T>) => Promise<T>;
}
