import type { Cluster, ClusterNode, Redis, RedisOptions } from 'ioredis';
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

/** The nodes of a Cluster, each with its client. */
interface ConnectionPool {
  /** What its clients are made with. */
  redisOptions: RedisOptions;
  on(event: '+node', listener: (node: Redis) => void): unknown;
  /** Drops all nodes but these, and adds those that are new. */
  reset(nodes: readonly object[]): void;
}

/** What keeps the one client that a Cluster subscribes with. */
interface ClusterSubscriber {
  /** Read by the Cluster when it sends (P)SUBSCRIBE, by `stop()`, and where a node leaves. */
  subscriber: Redis | null;
  isStarted(): boolean;
  /** Called by `start()`, and where a node leaves or is the first one. */
  selectSubscriber(): void;
}

/** One client for the sharded channels of one node. */
export interface ShardedSubscriber {
  getInstance(): Redis | null;
}

/** What keeps them, with `shardedSubscribers: true`. */
interface SubscriberGroup {
  /** Filled just before each is told to connect. */
  readonly shardedSubscribers: Map<string, ShardedSubscriber>;
}

type ChannelType = 'subscribe' | 'psubscribe';

/** A client, as far as its subscriptions are looked at. */
export interface SubscribingClient {
  /** What the server knows of its last connection. Missing before the first. */
  readonly condition?: {
    readonly subscriber: false | { channels(type: ChannelType): string[] };
  };
}

type Refreshed = (error?: Error) => void;

/**
 * What we use of a Cluster beyond its public types. Both majors have it, and
 * test/functional/ioredis-contract.test.ts fails when one of them drops it.
 */
export interface ClusterInternals {
  startupNodes: ClusterNode[];
  readonly connectionPool: ConnectionPool;
  readonly subscriber: ClusterSubscriber;
  readonly shardedSubscribers?: SubscriberGroup;
  /** Tells of sharded subscribers: `-node` when one has ended, `subscriberConnectFailed` when one did not start. */
  readonly subscriberGroupEmitter?: EventEmitter;
  /** True from quit() or disconnect() on. */
  readonly manuallyClosing: boolean;
  setStatus(status: string): void;
  /** Rejects what waits for a node. */
  flushQueue(error: Error): void;
  /** Asks a node for the slots, over a connection of its own. */
  refreshSlotsCache(refreshed?: Refreshed): void;
  /** Ends `slotsRefreshInterval`. */
  clearNodesRefreshInterval(): void;
  /** All nodes are gone: begins anew, or ends. */
  handleCloseEvent(): void;
}

export function clusterInternals(cluster: Cluster): ClusterInternals {
  return cluster as unknown as ClusterInternals;
}

/** One attempt at an ioredis connector: it dials, and it closes. */
export interface Connector {
  firstError?: Error;
  /** The latest socket; protected in the types of ioredis. */
  stream?: Socket;
  check(info: unknown): boolean;
  connect(emit: (type: string, error: Error) => void): Promise<Socket>;
  disconnect(): void;
}

export type ConnectorClass = new (options: unknown) => Connector;

export interface QueuedCommand {
  readonly command: {
    readonly name: string;
    readonly args: readonly unknown[];
    reject(error: Error): void;
  };
}

export interface CommandQueue {
  readonly length: number;
  peekFront(): QueuedCommand | undefined;
  shift(): QueuedCommand | undefined;
  push(queued: QueuedCommand): unknown;
  unshift(queued: QueuedCommand): unknown;
  toArray(): QueuedCommand[];
  clear(): void;
}

/** What a client is subscribed to; it comes with the first subscription, and goes with the last one. */
export interface SubscriptionSet {
  isEmpty(): boolean;
  /** The server has ended a subscription, asked (`unsubscribe`, `sunsubscribe`, …) or not. */
  del(type: string, channel: string): void;
}

/** Hears that the server is ready, with what INFO said, or why it is not. */
export type ReadyCheckCallback = (error: Error | null, info?: object) => void;

/**
 * What we use of a client beyond its public types. Both majors have it, and
 * test/functional/ioredis-contract.test.ts fails when one of them drops it.
 */
export interface ClientInternals {
  readonly connector: Connector;
  readonly stream: Socket | undefined;
  /** True from quit() or disconnect() until the socket has closed. */
  manuallyClosing: boolean;
  /** The pending redial, if any. */
  reconnectTimeout: unknown;
  readonly commandQueue: CommandQueue;
  readonly offlineQueue: CommandQueue;
  /** Commands of the last connection, while the next one is in its handshake: they are sent again then. */
  prevCommandQueue?: CommandQueue | null;
  /** Of the present connection: what is subscribed on it, nothing outside of the subscriber mode. */
  readonly condition: { subscriber: SubscriptionSet | false };
  /** Rejects the commands that wait: those in flight and, unless told otherwise, those that have not been sent. */
  flushQueue(error: Error, options?: { readonly offlineQueue: boolean }): void;
  /** Asks INFO until the server has loaded its data: the last step before `ready`, where it is not switched off. */
  _readyCheck(callback: ReadyCheckCallback): void;
  /** Sets the status, and emits it as an event in the next tick. */
  setStatus(status: string, argument?: unknown): void;
  /** Every failure of the handshake comes through here, before it rejects commands and becomes an event. */
  recoverFromFatalError(commandError: Error, error: Error, options?: unknown): void;
}

export function clientInternals(client: Redis): ClientInternals {
  return client as unknown as ClientInternals;
}
