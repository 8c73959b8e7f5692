import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { tail } from '../../support/redis/tail.js';
import { inNamespace, type Tools } from './tools.js';

/** The clients that are compared: raw ioredis and this package, each on both majors of ioredis. */
export const CONTESTANTS = ['raw5', 'raw6', 'ours5', 'ours6'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];
export const OURS = ['ours5', 'ours6'] as const satisfies readonly ContestantName[];

/** Something that happened to a client, named like an event of redis-hygiene. `reconnecting`: the socket was lost. */
interface ClientReport {
  readonly event: string;
  readonly client?: string;
  /** Milliseconds since the epoch. The test uses the same clock. */
  readonly at: number;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Options of a contestant's factories, by the factory's name. Raw contestants have no factories. */
export type Factories = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A process in a namespace that opens clients and reports what happens to them. */
export interface Contestant extends AsyncDisposable {
  readonly who: ContestantName;
  /** All reports so far. */
  readonly reports: readonly ClientReport[];
  /** Makes a client without waiting for it. @param from Name of the factory that makes it. */
  dial(name: string, options: object, from?: string): Promise<void>;
  /** Makes a client and waits until it is ready. */
  open(name: string, options: object, from?: string): Promise<void>;
  /** Calls a method of a client and waits for its result. */
  call(name: string, command: string, ...args: readonly unknown[]): Promise<unknown>;
  /** Calls a method of a client without waiting. */
  send(name: string, command: string, ...args: readonly unknown[]): Promise<void>;
  /** Takes items from a list in a loop, and reports each as `item`. */
  consume(name: string, key: string): Promise<void>;
  /** Writes in a loop, and reports `wrote PORT` when another server begins to acknowledge. */
  write(name: string): Promise<void>;
  /** Blocks the event loop of the process. */
  block(ms: number): Promise<void>;
  /** Reports of an event since `at`, of one client or of all clients. */
  since(at: number, event: string, client?: string): ClientReport[];
  /** The first report of an event since `at`. Resolves with `undefined` when it does not come in time. */
  next(at: number, event: string, client: string, withinMs: number): Promise<ClientReport | undefined>;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
}

const PROGRAM = fileURLToPath(new URL('../programs/contestant.mjs', import.meta.url));
const IOREDIS5 = fileURLToPath(new URL('../../support/ioredis5.cjs', import.meta.url));
const READY_MS = 30_000;

/** Starts a contestant in a namespace. It ends with `await using`, or with this process. */
export async function startContestant(
  tools: Tools,
  namespace: string,
  who: ContestantName,
  factories: Factories = { plain: {} },
): Promise<Contestant> {
  const process = startProcess(tools, namespace, who, factories);
  const { reports, emitter, ask } = process;

  const since = (at: number, event: string, client?: string) =>
    reports.filter((one) => one.at >= at && one.event === event && (client ?? one.client) === one.client);

  async function next(at: number, event: string, client: string, withinMs: number) {
    const end = Date.now() + withinMs;
    for (;;) {
      const [found] = since(at, event, client);
      if (found || Date.now() >= end) return found;
      const timer = AbortSignal.timeout(Math.max(1, end - Date.now()));
      const more = once(emitter, keyOf(event, client), { signal: timer }).catch(() => undefined);
      await Promise.race([more, process.gone]);
    }
  }

  const [own = 'plain'] = Object.keys(factories);
  const dial = async (name: string, options: object, from = own) =>
    void (await ask({ action: 'open', name, options, from }));

  await process.up;
  return {
    who,
    reports,
    since,
    next,
    dial,
    async open(name, options, from) {
      const at = Date.now();
      await dial(name, options, from);
      const ready = await next(at, 'ready', name, READY_MS);
      if (!ready) throw new Error(`${who}: ${name} did not become ready in ${READY_MS} ms`);
    },
    call: (name, command, ...args) => ask({ action: 'call', name, command, args }),
    send: async (name, command, ...args) => void (await ask({ action: 'send', name, command, args })),
    consume: async (name, key) => void (await ask({ action: 'consume', name, key })),
    write: async (name) => void (await ask({ action: 'write', name })),
    block: async (ms) => void (await ask({ action: 'block', ms })),
    [Symbol.asyncDispose]: process.end,
  };
}

function startProcess(tools: Tools, namespace: string, who: ContestantName, factories: Factories) {
  const node = inNamespace(namespace, process.execPath, [PROGRAM, who, JSON.stringify(factories)]);
  const [file = 'ip', ...args] = node;
  const child = spawn(file, args, {
    env: { ...tools.env, NODE_OPTIONS: who.endsWith('5') ? `--require=${IOREDIS5}` : '' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const output = tail();
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', output.add);
  const closed = once(child, 'close');
  const gone = closed.then(([code, signal]): never => {
    throw new Error(`${who} ended (${String(code ?? signal)}): ${output.text()}`);
  });
  gone.catch(() => undefined); // the process ends with the test; only a pending request must fail then
  const { reports, emitter, ask } = exchangeMessages(child, gone);
  return {
    reports,
    emitter,
    ask,
    /** Rejects with the last output when the process ends. */
    gone,
    up: Promise.race([once(emitter, keyOf('up')), gone]),
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
