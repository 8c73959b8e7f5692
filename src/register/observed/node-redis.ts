import { describeTarget } from '../../options/resolve-options.js';
import type { NodeRedisClass, NodeRedisClient } from '../detect-clients.js';
import {
  type ClientGroup,
  closeGroup,
  markOptions,
  type ClientOrigin,
  originOf,
  withOrigin,
} from './node-redis-origin.js';
import {
  captureClientCallSite,
  closeQuietly,
  type ObservedControls,
  type ObservedEntry,
  observeConnection,
} from './observed-connection.js';
import { tryOrWarn } from '../warnings.js';

/** The options of a client that the ledger needs. */
interface ClientOptions {
  readonly name?: unknown;
  readonly socket?: SocketOptions | undefined;
}

interface SocketOptions {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly tls?: unknown;
}

const TASK = 'observe a client of node-redis';

/** Names and observes all clients of a copy of node-redis, including those of its pools, Clusters and Sentinels. */
export function observeNodeRedis(Class: NodeRedisClass): void {
  patchCreation(Class);
  const { prototype } = Class;
  const { connect, emit, duplicate } = prototype;
  const dials = createDials(prototype);
  prototype.duplicate = function (overrides, ...rest) {
    const given = tryOrWarn(TASK, () => duplicateOptions(baseOf(this), overrides)) ?? overrides;
    return duplicate.call(this, given, ...rest);
  };
  prototype.connect = function (...args) {
    const base = baseOf(this);
    const isNew = tryOrWarn(TASK, () => dials.begin(base)) === true;
    const dialled = connect.apply(this, args);
    if (!isNew || !(dialled instanceof Promise)) return dialled;
    return dialled.catch((error: unknown) => {
      tryOrWarn(TASK, () => dials.endWithoutSocket(base));
      throw error;
    });
  };
  // Events are read here, because a listener would change what they do: node-redis ends the process by an `error` that
  // nobody listens to, and Node warns of many listeners.
  prototype.emit = function (event, ...args) {
    const base = baseOf(this);
    tryOrWarn(TASK, () => dials.onEvent(base, event, args[0]));
    let isHandled = false;
    try {
      const hadListeners = emit.call(this, event, ...args);
      isHandled = true;
      return hadListeners;
    } finally {
      // node-redis leaves its loop of dials if an `error` throws. `finally` without `catch` keeps the line that Node prints
      // of an uncaught exception.
      if (!isHandled && event === 'error') tryOrWarn(TASK, () => dials.endWithoutSocket(base));
    }
  };
}

/** The client itself, of which node-redis gives out objects that inherit from it. */
function baseOf(client: NodeRedisClient): NodeRedisClient {
  return client._self ?? client;
}

/** Adds the name and the origin to the options of each client that is created. node-redis 4 has no `factory`. */
function patchCreation(Class: NodeRedisClass): void {
  const { create, factory } = Class;
  if (!factory) {
    Class.create = function (options, ...rest) {
      return create.call(this, tryOrWarn(TASK, () => markClient(options)) ?? options, ...rest);
    };
    return;
  }
  Class.factory = function (config) {
    const createClient = factory.call(this, config);
    return (options) => createClient(tryOrWarn(TASK, () => markClient(options)) ?? options);
  };
}

function markClient(options: object | undefined): object {
  return markOptions(options, originOf(options) ?? captureOrigin());
}

function captureOrigin(): ClientOrigin {
  return { callSite: captureClientCallSite(), group: undefined };
}

/** A duplicate is a client of its own. What a library duplicates later has the line of its original. */
function duplicateOptions(original: NodeRedisClient, overrides: ClientOptions | undefined): object {
  const own = captureOrigin();
  const inherited = originOf(original.options)?.callSite ?? [];
  const origin = own.callSite.length > 0 ? own : { ...own, callSite: inherited };
  return overrides?.name === undefined ? withOrigin(overrides, origin) : markOptions(overrides, origin);
}

/** The connections of all clients of a class. */
function createDials(prototype: NodeRedisClient) {
  const connections = new WeakMap<NodeRedisClient, ObservedEntry>();
  const controls = createControls(prototype);

  function find(client: NodeRedisClient): ObservedEntry | undefined {
    const connection = connections.get(client);
    return connection?.isClosed === false ? connection : undefined;
  }

  function open(client: NodeRedisClient): ObservedEntry {
    const { name, socket }: ClientOptions = client.options ?? {};
    const { callSite, group } = originOf(client.options) ?? captureOrigin();
    const isMember = group?.counted?.isClosed === false;
    const budgetClass = isMember ? 'observedMember' : 'observed';
    const connection = observeConnection(
      { name: typeof name === 'string' ? name : '', target: targetOf(socket), callSite, budgetClass },
      controls.of(client, group),
    );
    if (group && !isMember) group.counted = connection;
    connections.set(client, connection);
    return connection;
  }

  const findOrOpen = (client: NodeRedisClient) => find(client) ?? open(client);

  /** What the events of a client tell of its connection. */
  const listeners: Readonly<Record<string, (client: NodeRedisClient, argument: unknown) => void>> = {
    connect(client) {
      findOrOpen(client).connected();
      controls.onConnect(client);
    },
    ready: (client) => findOrOpen(client).ready(),
    reconnecting(client) {
      if (client.isOpen) findOrOpen(client).connecting(); // node-redis 4 and 5 emit it for destroyed clients too
    },
    error: (client, error) => followError(client, find(client), error),
    end: (client) => find(client)?.closed('application'),
  };

  return {
    /** A client is told to connect. Returns false if it is connected, or being connected, already. */
    begin(client: NodeRedisClient): boolean {
      if (find(client)) return false;
      open(client);
      return true;
    },
    /** A client has stopped to dial, which no event of it tells. */
    endWithoutSocket(client: NodeRedisClient): void {
      if (!client.isReady) find(client)?.closed('gave-up');
    },
    onEvent(client: NodeRedisClient, event: unknown, argument: unknown): void {
      if (typeof event === 'string' && Object.hasOwn(listeners, event)) listeners[event]?.(client, argument);
    },
  };
}

/** Follows an error, which is one of a command if the client is ready. */
function followError(client: NodeRedisClient, connection: ObservedEntry | undefined, error: unknown): void {
  if (client.isReady) return;
  const cause = causeOf(error);
  if (client.isOpen) connection?.lost(cause);
  else connection?.closed('gave-up', cause);
}

/** How the clients of a class are closed. Their methods are called by the class, because an instance may replace them. */
function createControls(prototype: NodeRedisClient) {
  const { close = prototype.QUIT, destroy = prototype.disconnect } = prototype;
  /** Clients that were destroyed at shutdown. The socket of a dial under way then comes up all the same. */
  const destroyed = new WeakSet<NodeRedisClient>();
  const end = (client: NodeRedisClient) => closeQuietly(() => destroy?.call(client));

  return {
    of: (client: NodeRedisClient, group: ClientGroup | undefined): ObservedControls => ({
      quit: () => (group ? closeGroup(group) : closeQuietly(() => close?.call(client))),
      destroy() {
        destroyed.add(client);
        end(client);
        if (group) closeGroup(group);
      },
    }),
    onConnect(client: NodeRedisClient): void {
      if (destroyed.has(client)) setImmediate(() => end(client));
    },
  };
}

/** node-redis has a class of errors for a socket that the server has closed. */
function causeOf(error: unknown): 'server' | 'error' {
  return error instanceof Error && error.constructor.name === 'SocketClosedUnexpectedlyError'
    ? 'server'
    : 'error';
}

function targetOf({ host, port, path, tls }: SocketOptions = {}): string {
  return describeTarget({
    ...(path !== undefined && { path }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(tls ? { tls: {} } : {}),
  });
}
