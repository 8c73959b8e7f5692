import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { errorCode } from './redis/errors.js';
import { createOperations, expectInSync, type Operations } from './sentinels/operations.js';
import { HOST, openAdmin, startNode, type Node } from './sentinels/node.js';
import { listenForSwitches, type Switch } from './sentinels/switches.js';

export type { Node } from './sentinels/node.js';

export interface SentinelsOptions {
  /** Time without a reply after which a sentinel considers a server down, in milliseconds. @default 2000 */
  readonly downAfterMs?: number;
  /** Password of master and replicas. */
  readonly password?: string;
  /** Password of the sentinels. */
  readonly sentinelPassword?: string;
  /** Additional settings of each server and sentinel, by port. Example: `['tls-port 7000']` */
  readonly settings?: (port: number) => readonly string[];
}

/** A master, two replicas and three sentinels on this machine. The caller disposes of them. */
export interface Sentinels extends Operations, AsyncDisposable {
  /** Name of the master at the sentinels. */
  readonly name: string;
  readonly sentinels: readonly Node[];
  /** Master and replicas. Their roles change with each failover. */
  readonly servers: readonly Node[];
  /** Options with which an application reaches the master, with the addresses of all sentinels. */
  readonly connection: SentinelConnection;
  /** Waits for the first `+switch-master` that any sentinel published at or after `since`. */
  switched(since: number, withinMs?: number): Promise<Switch>;
}

/** Options of ioredis for a master behind sentinels. */
export interface SentinelConnection {
  readonly sentinels: { readonly host: string; readonly port: number }[];
  readonly name: string;
  readonly password?: string;
  readonly sentinelPassword?: string;
}

const NAME = 'mymaster';
const QUORUM = 2;
/** Setting `failover-timeout` of the sentinels: they give up a failover without progress, and then wait before the next one. */
const FAILOVER_TIMEOUT_MS = 3_000;
const IN_SYNC_MS = 20_000;
const SWITCHED_MS = 30_000;

/** Starts the topology and waits until it is settled. @throws Error after everything has been stopped */
export async function startSentinels(options: SentinelsOptions = {}): Promise<Sentinels> {
  const started: AsyncDisposable[] = [];
  const end = async () =>
    void (await Promise.all(started.map((resource) => resource[Symbol.asyncDispose]())));
  try {
    return { ...(await startAll(options, started)), [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Starts all nodes and adds each to `started`, so that the caller can stop them if a later start fails. */
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
  const replicaOf = ['--replicaof', HOST, String(first.port)];
  const replicas = await settleAll([1, 2].map(() => keep(startServer(options, replicaOf))));
  const servers = [first, ...replicas];
  // A sentinel that sees the replicas in the first INFO of its master does not have to wait 10 s for the next one.
  await eventually(() => expectInSync(replicas), IN_SYNC_MS);
  const sentinels = await settleAll([1, 2, 3].map(() => keep(startSentinel(first, options))));
  await Promise.all(sentinels.map(shortenInfoPeriod));
  const listener = await listenForSwitches(
    sentinels.map(({ port }) => openAdmin({ host: HOST, port, ...login(options.sentinelPassword) })),
    NAME,
  );
  started.push({ [Symbol.asyncDispose]: () => Promise.resolve(listener.close()) });
  const operations = createOperations(NAME, servers, sentinels, listener);
  await operations.settled();
  return {
    ...operations,
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

/** Has the sentinel request INFO every 2 s instead of 10 s, so that it notices earlier that a former master is a replica. */
async function shortenInfoPeriod(sentinel: Node): Promise<void> {
  // Redis before 7.0 does not support this, so `settled` takes longer there.
  await sentinel.call('SENTINEL', 'DEBUG', 'info-period', '2000').catch(() => undefined);
}

/** Waits for all nodes. A failure is thrown only when no node is still starting. */
async function settleAll(starting: readonly Promise<Node>[]): Promise<Node[]> {
  await Promise.allSettled(starting);
  return Promise.all(starting);
}

function login(password: string | undefined) {
  return password === undefined ? {} : { password };
}

function startServer(
  { password, settings }: SentinelsOptions,
  replicaOf: readonly string[] = [],
): Promise<Node> {
  const secret = password === undefined ? [] : ['--requirepass', password, '--masterauth', password];
  const own = ['--bind', HOST, '--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', '0'];
  // A server that is started again may get another `--replicaof` behind this one. The last one is effective.
  const more = (port: number) => (settings?.(port) ?? []).flatMap((line) => `--${line}`.split(' '));
  const args = (port: number, dir: string) =>
    Promise.resolve(['--port', String(port), '--dir', dir, ...own, ...secret, ...more(port), ...replicaOf]);
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
      // A sentinel saves its state to this file and reads it at the next start, so an existing file is kept.
      await writeFile(file, lines(port, dir).join('\n'), { flag: 'wx' }).catch(ignoreExisting);
      return [file, '--sentinel'];
    },
  });
}

function ignoreExisting(error: unknown): void {
  if (errorCode(error) !== 'EEXIST') throw error;
}
