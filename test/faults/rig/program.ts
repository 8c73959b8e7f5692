import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { tail } from '../../support/redis/tail.js';
import { inNamespace } from './tools.js';

/** Something that happened to a client, named like an event of redis-hygiene. `reconnecting`: the socket was lost. */
export interface ClientReport {
  readonly event: string;
  readonly client?: string;
  /** Milliseconds since the epoch. The test uses the same clock. */
  readonly at: number;
  readonly detail?: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** A file of test/faults/programs, and how it is started. */
export interface ProgramStart {
  readonly namespace: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Major version of ioredis that the program loads. */
  readonly ioredis: '5' | '6';
  /** Environment in which the tools of the rig are found. */
  readonly env: NodeJS.ProcessEnv;
}

/** A Node program in a namespace that answers requests and reports what happens to its clients. */
export interface FaultProgram {
  readonly pid: number;
  /** All reports so far. */
  readonly reports: readonly ClientReport[];
  /** Resolves when the program answers requests. */
  readonly up: Promise<unknown>;
  /** Rejects with the last output when the process ends. */
  readonly gone: Promise<never>;
  /** Sends a request and waits for its result. */
  ask(request: object): Promise<unknown>;
  /** Resolves with the next report of an event of this client, rejects when the signal aborts. */
  nextReport(event: string, client: string, signal: AbortSignal): Promise<unknown>;
  /** Sends a signal. */
  signal(name: NodeJS.Signals): void;
  /** Kills the process (SIGKILL). */
  end(): Promise<void>;
}

const IOREDIS5 = fileURLToPath(new URL('../../support/ioredis5.cjs', import.meta.url));

/** Starts a program, which reports `up` when it is ready. The caller ends it. */
export function startFaultProgram({ namespace, file, args, ioredis, env }: ProgramStart): FaultProgram {
  const path = fileURLToPath(new URL(`../programs/${file}`, import.meta.url));
  const [command = 'ip', ...rest] = inNamespace(namespace, process.execPath, [path, ...args]);
  const child = spawn(command, rest, {
    env: { ...env, NODE_OPTIONS: ioredis === '5' ? `--require=${IOREDIS5}` : '' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const output = tail();
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', output.add);
  const closed = once(child, 'close');
  const gone = closed.then(([code, signal]): never => {
    throw new Error(`${file} ended (${String(code ?? signal)}): ${output.text()}`);
  });
  gone.catch(() => undefined); // the process ends with the test; only a pending request must fail then
  const { reports, emitter, ask } = exchangeMessages(child, gone);
  return {
    pid: child.pid ?? 0,
    reports,
    up: Promise.race([once(emitter, keyOf('up')), gone]),
    gone,
    ask,
    nextReport: (event, client, signal) => once(emitter, keyOf(event, client), { signal }),
    signal: (name) => void child.kill(name),
    async end() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** Name of an internal event, so that a report wakes only the callers that wait for it. */
function keyOf(event: string, client = ''): string {
  return `${event} ${client}`;
}

/** Sends requests and receives answers and reports over IPC. */
function exchangeMessages(child: ChildProcess, gone: Promise<never>) {
  const reports: ClientReport[] = [];
  const emitter = new EventEmitter().setMaxListeners(0);
  const waiting = new Map<number, (answer: Answer) => void>();
  let last = 0;

  child.on('message', (message: ClientReport | Answer) => {
    if ('event' in message) {
      reports.push(message);
      emitter.emit(keyOf(message.event, message.client));
    } else if (message.id !== undefined) {
      waiting.get(message.id)?.(message);
      waiting.delete(message.id);
    }
  });

  async function ask(request: object): Promise<unknown> {
    const id = ++last;
    const answer = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    // The end of the process is reported by `gone`, with its reason.
    child.send({ id, ...request }, () => undefined);
    const { result, error } = await Promise.race([answer, gone]);
    if (error !== undefined) throw new Error(error);
    return result;
  }

  return { reports, emitter, ask };
}
