import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { inTime } from '../in-time.js';
import { cleanEnv, NODE } from './node.js';

/** Time limit for the start of a sample, and for its end. */
const TIMEOUT_MS = 20_000;

/** Age at which a sample is killed, so that none outlives an aborted test. */
const MAX_AGE_MS = 90_000;

/** How a service ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Milliseconds from the signal to the exit. */
  readonly ms: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A sample that listens. Disposing kills it if it still runs. */
export interface RunningService extends AsyncDisposable {
  readonly url: string;
  /** Sends a signal and waits for the exit. */
  stop(signal: NodeJS.Signals): Promise<Ending>;
}

export interface ServiceCommand {
  /** The folder of the service. */
  readonly dir: string;
  /** Arguments of Node. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

function collectText(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk) => (text += String(chunk)));
  return () => text;
}

/** Port that a sample prints when it listens. @throws Error when the sample exits before */
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
export async function startService({ dir, args, env }: ServiceCommand): Promise<RunningService> {
  const child = spawn(NODE, args, {
    cwd: dir,
    env: cleanEnv({ ...env, PORT: '0' }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [collectText(child.stdout), collectText(child.stderr)];
  const ageTimer = setTimeout(() => child.kill('SIGKILL'), MAX_AGE_MS);
  const closed = once(child, 'close').then((ended) => {
    clearTimeout(ageTimer);
    return ended as [number | null, NodeJS.Signals | null];
  });
  const kill = async () => {
    child.kill('SIGKILL');
    await closed;
  };
  try {
    const port = await inTime(`${dir} listens`, listeningPort(child, stdout, stderr), TIMEOUT_MS);
    return {
      url: `http://127.0.0.1:${port}`,
      async stop(signal) {
        const start = Date.now();
        child.kill(signal);
        const [code, endedBy] = await inTime(`${dir} ends at ${signal}`, closed, TIMEOUT_MS);
        return { code, signal: endedBy, ms: Date.now() - start, stdout: stdout(), stderr: stderr() };
      },
      [Symbol.asyncDispose]: kill,
    };
  } catch (error) {
    await kill();
    throw new Error(`${String(error)}\n${stderr()}`, { cause: error });
  }
}
