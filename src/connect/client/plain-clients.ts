import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import type { ConnectionControls, ConnectionFacts, PendingWork, StateKind } from '../../ledger/connection.js';
import type { ClosableEntry } from '../../ledger/ledger.js';
import { type ClientArguments, plainArguments, readClientArguments } from '../../options/client-arguments.js';
import { describeTarget, roleOfName } from '../../options/resolve-options.js';
import { connectionClosedError } from '../ioredis/connection-errors.js';
import { clientInternals, clusterInternals } from '../ioredis/internals.js';
import {
  type ConstructClient,
  type ConstructCluster,
  constructRedis,
  constructCluster,
  type Ioredis,
} from '../ioredis/load-ioredis.js';
import { isMock } from '../ioredis/mocked-ioredis.js';
import { ClientHandle } from './client-handle.js';

interface PlainClientsPorts {
  readonly copy: Ioredis;
  /** The `connection` option of the factory. */
  readonly connection: string | RedisOptions | undefined;
  /** Throws `HYG_SHUT_DOWN` once shutdown() has begun. */
  readonly assertOpen: () => void;
}

/** Clients and Clusters as ioredis makes them, while `REDIS_HYGIENE=off` is set. They are only closed at shutdown. */
export interface PlainClients {
  client(args: ClientArguments, construct?: ConstructClient): Redis;
  cluster(nodes: ClusterNode[], options: ClusterOptions, construct?: ConstructCluster): Cluster;
  /** The options of the factory's connection. */
  options(): RedisOptions;
  /** Those that have not ended, for the shutdown to close. */
  entries(): readonly ClosableEntry[];
  /** Those that have been dialled and have not ended, as far as ioredis knows their state. */
  opened(): readonly PlainClientState[];
}

/** A client or Cluster that is left to ioredis. */
export interface PlainClientState extends Pick<ConnectionFacts, 'name' | 'role' | 'target'> {
  readonly state: StateKind;
}

export function createPlainClients({ copy, connection, assertOpen }: PlainClientsPorts): PlainClients {
  const open = new Map<Redis | Cluster, PlainClient>();

  function keep<Client extends Redis | Cluster>(client: Client, plain: PlainClient): Client {
    if (isMock(copy)) return client;
    open.set(client, plain);
    client.once('end', () => open.delete(client));
    return client;
  }

  return {
    client(args, construct = constructRedis(copy)) {
      assertOpen();
      const own = connection === undefined ? plainArguments(args) : [readClientArguments(connection, args)];
      const client = construct(...own);
      return keep(client, { options: client.options, handle: () => new ClientHandle(client) });
    },
    cluster(nodes, options, construct = constructCluster(copy)) {
      assertOpen();
      const cluster = construct(nodes, options);
      const [first] = nodes;
      const own = typeof first === 'object' ? (first as RedisOptions) : {};
      return keep(cluster, { options: own, handle: () => controlsOf(cluster) });
    },
    options: () => readClientArguments(connection, []),
    entries: () => [...open].map(([client, plain]) => entryOf(client, plain)),
    opened: () =>
      [...open].flatMap(([client, { options }]) =>
        client.status === 'wait' || hasStopped(client)
          ? []
          : [{ ...factsOf(client, options), state: stateOf(client.status).kind }],
      ),
  };
}

/** Whether a client was told to disconnect while it waited for its next dial: ioredis leaves it `reconnecting` for ever. */
function hasStopped(client: Redis | Cluster): boolean {
  if (client.status !== 'reconnecting') return false;
  return (client.isCluster ? clusterInternals(client as Cluster) : clientInternals(client as Redis))
    .manuallyClosing;
}

/** What is known of a client or Cluster beyond ioredis' own object. */
interface PlainClient {
  /** The options with its name and address. */
  readonly options: RedisOptions;
  readonly handle: () => ConnectionControls;
}

let lastId = 0;

/** A client or Cluster as the shutdown sees connections. The ledger has none of them. */
function entryOf(client: Redis | Cluster, { options, handle: createHandle }: PlainClient): ClosableEntry {
  const handle = createHandle();
  let wasConnected = client.status === 'ready';
  client.once('connect', () => (wasConnected = true));
  const closed = new Promise<PendingWork>((resolve) => client.once('end', () => resolve(handle.work())));
  return {
    id: ++lastId,
    facts: factsOf(client, options),
    state: stateOf(client.status),
    handle,
    get wasConnected() {
      return wasConnected;
    },
    markClosing: () => undefined,
    whenClosed: () => closed,
  };
}

function factsOf(client: Redis | Cluster, options: RedisOptions): Omit<PlainClientState, 'state'> {
  const name = options.connectionName ?? '';
  return { name, role: client.isCluster ? 'cluster' : roleOfName(name), target: describeTarget(options) };
}

/** A client that is none of these has no socket, and need not be waited for. */
function stateOf(status: string): ClosableEntry['state'] {
  if (status === 'ready') return { kind: 'ready' };
  return { kind: status === 'connecting' || status === 'connect' ? 'connecting' : 'reconnecting' };
}

/** Closes a Cluster as a whole: it would dial a node again that is closed alone. In ioredis not every way leads to its end. */
function controlsOf(cluster: Cluster): ConnectionControls {
  const handles = () => cluster.nodes('all').map((node) => new ClientHandle(node));
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const progress = () => {
    const each = handles().map((handle) => handle.progress());
    return {
      unsent: sum(each.map(({ unsent }) => unsent)),
      isBlocked: each.some(({ isBlocked }) => isBlocked),
    };
  };
  const end = () => {
    cluster.disconnect();
    clusterInternals(cluster).flushQueue(connectionClosedError());
    clusterInternals(cluster).setStatus('end');
  };
  return {
    progress,
    work: () => ({ ...progress(), pending: sum(handles().map((handle) => handle.work().pending)) }),
    quit: () => void cluster.quit().then(end, end),
    destroy: end,
  };
}
