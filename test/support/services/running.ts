import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { inTime } from '../in-time.js';
import { cleanEnv, NODE } from './node.js';

/** How long a sample may take until it listens, and until it has ended, in milliseconds. */
const LIMIT_MS = 20_000;

/** After this it is killed, whatever happens: a test that was given up waits for nothing. */
const LIFE_MS = 90_000;

/** How a service ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Milliseconds from the signal to the end. */
  readonly ms: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A sample that listens. Disposing of it kills it, if it still runs. */
export interface RunningService extends AsyncDisposable {
  readonly url: string;
  /** Sends a signal and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<Ending>;
}

export interface Start {
  /** The folder of the service. */
  readonly dir: string;
  /** What Node is called with. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

function gather(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk) => (text += String(chunk)));
  return () => text;
}

/** The port in the line that a sample prints when it is ready. @throws Error when it ends before */
async function listeningPort(child: ChildProcess, stdout: () => string, stderr: () => string) {
  for (;;) {
    const port = /^listening (\d+)$/m.exec(stdout())?.[1];
    if (port !== undefined) return port;
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`The service ended before it listened: ${stdout()}\n${stderr()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Starts a sample and waits until it listens. */
export async function startService({ dir, args, env }: Start): Promise<RunningService> {
  const child = spawn(NODE, args, {
    cwd: dir,
    env: cleanEnv({ ...env, PORT: '0' }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [gather(child.stdout), gather(child.stderr)];
  const guard = setTimeout(() => child.kill('SIGKILL'), LIFE_MS);
  const closed = once(child, 'close').then((ended) => {
    clearTimeout(guard);
    return ended as [number | null, NodeJS.Signals | null];
  });
  const kill = async () => {
    child.kill('SIGKILL');
    await closed;
  };
  try {
    const port = await inTime(`${dir} listens`, listeningPort(child, stdout, stderr), LIMIT_MS);
    return {
      url: `http://127.0.0.1:${port}`,
      async stop(signal) {
        const start = Date.now();
        child.kill(signal);
        const [code, endedBy] = await inTime(`${dir} ends at ${signal}`, closed, LIMIT_MS);
        return { code, signal: endedBy, ms: Date.now() - start, stdout: stdout(), stderr: stderr() };
      },
      [Symbol.asyncDispose]: kill,
    };
  } catch (error) {
    await kill();
    throw new Error(`${String(error)}\n${stderr()}`, { cause: error });
  }
}
