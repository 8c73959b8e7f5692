import { fork, type ChildProcess } from 'node:child_process';
import { on, once } from 'node:events';
import { join } from 'node:path';
import type { Consumer } from './consumer.js';
import { quietNow } from './quiet-clock.js';

/** End and output of a program. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Milliseconds of the quiet clock from the last call of `mark()`, or else from the start, to the end. */
  readonly ms: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A child process that runs a program of test/process/programs. */
export interface Program {
  readonly child: ChildProcess;
  readonly exit: Promise<Exit>;
  /** Waits for the next message that the program sends. */
  message<T>(): Promise<T>;
  /** Calls `mark()` and sends a signal. */
  signal(signal: NodeJS.Signals): void;
  /** Starts the time measurement of `Exit.ms` anew. */
  mark(): void;
}

function collectText(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.on('data', (chunk) => (text += String(chunk)));
  return () => text;
}

/** Programs that run. A failed test may leave one behind, which ends with the test run. */
const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Starts a program in the consumer's folder. If it still runs after `limitMs`, it is killed. */
export function startProgram(
  consumer: Pick<Consumer, 'dir'>,
  file: string,
  env: NodeJS.ProcessEnv = {},
  limitMs = 60_000,
): Program {
  const child = fork(join(consumer.dir, file), {
    cwd: consumer.dir,
    env: { PATH: process.env['PATH'], HOSTNAME: 'web-1', ...env },
    execArgv: [],
    execPath: process.env['REDIS_HYGIENE_TEST_NODE'] ?? process.execPath,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  running.add(child);
  const [stdout, stderr] = [collectText(child.stdout), collectText(child.stderr)];
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  let start = quietNow();
  const exit = once(child, 'close').then(([code, signal]) => {
    clearTimeout(timer);
    running.delete(child);
    return { code, signal, ms: quietNow() - start, stdout: stdout(), stderr: stderr() };
  });
  const mark = () => void (start = quietNow());
  // Messages are kept until they are asked for: two of them may arrive in one turn of the event loop.
  const messages = on(child, 'message', { close: ['close'] });

  return {
    child,
    exit,
    mark,
    async message<T>() {
      const next = (await messages.next()) as IteratorResult<[T], undefined>;
      if (!next.done) return next.value[0];
      const { code, signal, stderr: text } = await exit;
      throw new Error(`${file} ended (${String(code ?? signal)}) before it sent a message: ${text}`);
    },
    signal(signal) {
      mark();
      child.kill(signal);
    },
  };
}
