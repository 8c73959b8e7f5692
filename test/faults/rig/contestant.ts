import { startFaultProgram, type ClientReport } from './program.js';
import type { Tools } from './tools.js';

/** The clients that are compared: raw ioredis and this package, each on both majors of ioredis. */
export const CONTESTANTS = ['raw5', 'raw6', 'ours5', 'ours6'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];
export const OURS = ['ours5', 'ours6'] as const satisfies readonly ContestantName[];

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
  /** Calls `extendTo(ms)` of all factories, and returns how long that took. Raw contestants have none. */
  extend(ms: number): Promise<number>;
  /** Blocks the event loop of the process. */
  block(ms: number): Promise<void>;
  /** Reports of an event since `at`, of one client or of all clients. */
  since(at: number, event: string, client?: string): ClientReport[];
  /** The first report of an event since `at`. Resolves with `undefined` when it does not come in time. */
  next(at: number, event: string, client: string, withinMs: number): Promise<ClientReport | undefined>;
}

const READY_MS = 30_000;

/** Starts a contestant in a namespace. It ends with `await using`, or with this process. */
export async function startContestant(
  tools: Tools,
  namespace: string,
  who: ContestantName,
  factories: Factories = { plain: {} },
): Promise<Contestant> {
  const program = startFaultProgram({
    namespace,
    file: 'contestant.mjs',
    args: [who, JSON.stringify(factories)],
    ioredis: who.endsWith('5') ? '5' : '6',
    env: tools.env,
  });
  const { reports, ask } = program;

  const since = (at: number, event: string, client?: string) =>
    reports.filter((one) => one.at >= at && one.event === event && (client ?? one.client) === one.client);

  async function next(at: number, event: string, client: string, withinMs: number) {
    const end = Date.now() + withinMs;
    for (;;) {
      const [found] = since(at, event, client);
      if (found || Date.now() >= end) return found;
      const timer = AbortSignal.timeout(Math.max(1, end - Date.now()));
      const more = program.nextReport(event, client, timer).catch(() => undefined);
      await Promise.race([more, program.gone]);
    }
  }

  const [own = 'plain'] = Object.keys(factories);
  const dial = async (name: string, options: object, from = own) =>
    void (await ask({ action: 'open', name, options, from }));

  await program.up;
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
    extend: async (ms) => (await ask({ action: 'extend', ms })) as number,
    block: async (ms) => void (await ask({ action: 'block', ms })),
    [Symbol.asyncDispose]: program.end,
  };
}
