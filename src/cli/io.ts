import type { Writable } from 'node:stream';
import type { Readable } from 'node:stream';
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
