import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { errorCode } from './redis/errors.js';
import { inSync, operate, type Operations } from './sentinels/operate.js';
import { HOST, openAdmin, startNode, type Node } from './sentinels/node.js';
import { listenForSwitches, type Switch } from './sentinels/switches.js';

export type { Node } from './sentinels/node.js';

export interface SentinelsOptions {
  /** How long a server may be silent before a sentinel holds it for dead. @default 2000 */
  readonly downAfterMs?: number;
  /** Password of master and replicas. */
  readonly password?: string;
  /** Password of the sentinels. */
  readonly sentinelPassword?: string;
  /** More settings of each server and sentinel, by its port: `['tls-port 7000']`. */
  readonly settings?: (port: number) => readonly string[];
}

/** A master, two replicas and three sentinels on this machine. Whoever started them stops them. */
export interface Sentinels extends Operations, AsyncDisposable {
  /** How the sentinels call the master. */
  readonly name: string;
  readonly sentinels: readonly Node[];
  /** Master and replicas, in no order: roles move. */
  readonly servers: readonly Node[];
  /** What an application says to reach the master, all sentinels given. */
  readonly connection: SentinelConnection;
  /** The first `+switch-master` that any sentinel published at or after `since`. */
  switched(since: number, withinMs?: number): Promise<Switch>;
}

/** A part of the options of ioredis. */
export interface SentinelConnection {
  readonly sentinels: { readonly host: string; readonly port: number }[];
  readonly name: string;
  readonly password?: string;
  readonly sentinelPassword?: string;
}

const NAME = 'mymaster';
const QUORUM = 2;
/** How long a sentinel leaves a failover that does not get on, and then the master, alone. */
const FAILOVER_TIMEOUT_MS = 3_000;
const IN_SYNC_MS = 20_000;
const SWITCHED_MS = 30_000;

/** Starts them all, and gives them when they are settled. @throws Error, and then nothing is left running */
export async function startSentinels(options: SentinelsOptions = {}): Promise<Sentinels> {
  const started: AsyncDisposable[] = [];
  const end = async () => void (await Promise.all(started.map((one) => one[Symbol.asyncDispose]())));
  try {
    return { ...(await startAll(options, started)), [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Whatever has been started is in `started`, also when the rest fails. */
async function startAll(
  options: SentinelsOptions,
  started: AsyncDisposable[],
): Promise<Omit<Sentinels, typeof Symbol.asyncDispose>> {
  const keep = async (starting: Promise<Node>) => {
    const node = await starting;
    started.push(node);
    return node;
  };
  const first = await keep(startServer(options));
  const following = ['--replicaof', HOST, String(first.port)];
  const replicas = await together([1, 2].map(() => keep(startServer(options, following))));
  const servers = [first, ...replicas];
  // A sentinel that sees the replicas in its master's first INFO need not wait 10 s for the next one.
  await eventually(() => inSync(replicas), IN_SYNC_MS);
  const sentinels = await together([1, 2, 3].map(() => keep(startSentinel(first, options))));
  await Promise.all(sentinels.map(askOften));
  const listener = await listenForSwitches(
    sentinels.map(({ port }) => openAdmin({ host: HOST, port, ...login(options.sentinelPassword) })),
    NAME,
  );
  started.push({ [Symbol.asyncDispose]: () => Promise.resolve(listener.close()) });
  const trio = operate(NAME, servers, sentinels, listener);
  await trio.settled();
  return {
    ...trio,
    name: NAME,
    servers,
    sentinels,
    connection: {
      sentinels: sentinels.map(({ host, port }) => ({ host, port })),
      name: NAME,
      ...login(options.password),
      ...(options.sentinelPassword !== undefined && { sentinelPassword: options.sentinelPassword }),
    },
    switched: (since, withinMs = SWITCHED_MS) => listener.next(since, withinMs),
  };
}

/** A sentinel notes that a former master is a replica when it asks for its INFO: 10 s later, if nobody helps. */
async function askOften(sentinel: Node): Promise<void> {
  // Before Redis 7.0 it cannot be told so, and `settled` takes its time.
  await sentinel.call('SENTINEL', 'DEBUG', 'info-period', '2000').catch(() => undefined);
}

/** All of them; a failure is thrown when none is still starting. */
async function together(starting: readonly Promise<Node>[]): Promise<Node[]> {
  await Promise.allSettled(starting);
  return Promise.all(starting);
}

function login(password: string | undefined) {
  return password === undefined ? {} : { password };
}

function startServer(
  { password, settings }: SentinelsOptions,
  following: readonly string[] = [],
): Promise<Node> {
  const secret = password === undefined ? [] : ['--requirepass', password, '--masterauth', password];
  const own = ['--bind', HOST, '--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', '0'];
  // A server that comes back is told anew whom to follow: the last one counts.
  const more = (port: number) => (settings?.(port) ?? []).flatMap((line) => `--${line}`.split(' '));
  const args = (port: number, dir: string) =>
    Promise.resolve(['--port', String(port), '--dir', dir, ...own, ...secret, ...more(port), ...following]);
  return startNode({ password, args });
}

function startSentinel(master: Node, options: SentinelsOptions): Promise<Node> {
  const { downAfterMs = 2_000, password, sentinelPassword, settings } = options;
  const set = (setting: string, value: string | number) => `sentinel ${setting} ${NAME} ${value}`;
  const lines = (port: number, dir: string) => [
    `port ${port}`,
    `bind ${HOST}`,
    `dir ${dir}`,
    ...(settings?.(port) ?? []),
    `sentinel monitor ${NAME} ${HOST} ${master.port} ${QUORUM}`,
    set('down-after-milliseconds', downAfterMs),
    set('failover-timeout', FAILOVER_TIMEOUT_MS),
    set('parallel-syncs', 1),
    ...(password === undefined ? [] : [set('auth-pass', password)]),
    ...(sentinelPassword === undefined ? [] : [`requirepass ${sentinelPassword}`]),
    ...(sentinelPassword === undefined ? [] : [`sentinel sentinel-pass ${sentinelPassword}`]),
  ];
  return startNode({
    password: sentinelPassword,
    async args(port, dir) {
      const file = join(dir, 'sentinel.conf');
      // It writes what it learns into its file, and finds it there when it is started again.
      await writeFile(file, lines(port, dir).join('\n'), { flag: 'wx' }).catch(ignoreExisting);
      return [file, '--sentinel'];
    },
  });
}

function ignoreExisting(error: unknown): void {
  if (errorCode(error) !== 'EEXIST') throw error;
}
