import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Consumer } from './consumer.js';

/** How a program ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Milliseconds since `mark()` was called last. */
  readonly ms: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program of test/process/programs, forked. */
export interface Program {
  readonly child: ChildProcess;
  readonly exit: Promise<Exit>;
  /** Waits for the next message that the program sends. */
  message<T>(): Promise<T>;
  /** Sends a signal, from which the exit's `ms` counts. */
  signal(signal: NodeJS.Signals): void;
  /** Counts the exit's `ms` from now. */
  mark(): void;
}

function gather(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.on('data', (chunk) => (text += String(chunk)));
  return () => text;
}

/** Starts a program of the consumer's folder. It is killed after `limitMs`, whatever happens. */
export function startProgram(
  consumer: Consumer,
  file: string,
  env: NodeJS.ProcessEnv = {},
  limitMs = 20_000,
): Program {
  const child = fork(join(consumer.dir, file), {
    cwd: consumer.dir,
    env: { PATH: process.env['PATH'], HOSTNAME: 'web-1', ...env },
    execArgv: [],
    execPath: process.env['REDIS_HYGIENE_TEST_NODE'] ?? process.execPath,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const [stdout, stderr] = [gather(child.stdout), gather(child.stderr)];
  const guard = setTimeout(() => child.kill('SIGKILL'), limitMs);
  let start = Date.now();
  const exit = once(child, 'close').then(([code, signal]) => {
    clearTimeout(guard);
    return { code, signal, ms: Date.now() - start, stdout: stdout(), stderr: stderr() };
  });
  const mark = () => void (start = Date.now());

  return {
    child,
    exit,
    mark,
    async message<T>() {
      const ended = exit.then(({ code, signal, stderr: text }) => {
        throw new Error(`${file} ended (${String(code ?? signal)}) before it sent a message: ${text}`);
      });
      const [message] = (await Promise.race([once(child, 'message'), ended])) as [T];
      return message;
    },
    signal(signal) {
      mark();
      child.kill(signal);
    },
  };
}
