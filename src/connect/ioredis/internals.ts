import type { Cluster, ClusterNode, Redis, RedisOptions } from 'ioredis';
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { SentCommand } from './command-replies.js';

/**
 * Members of a client that we use beyond its public types. Both majors have them, and
 * test/functional/ioredis-contract.test.ts fails when one of them drops a member.
 */
export interface ClientInternals {
  readonly connector: Connector;
  readonly stream: Socket | undefined;
  /** True from quit() or disconnect() until the socket has closed. */
  manuallyClosing: boolean;
  /** Timer of the scheduled redial, `null` if none is scheduled. */
  reconnectTimeout: unknown;
  /** Timer of `socketTimeout`. `sendCommand` starts it, unless it runs. */
  socketTimeoutTimer: unknown;
  readonly commandQueue: CommandQueue;
  readonly offlineQueue: CommandQueue;
  /** Commands of the last connection. While the next connection is in its handshake they wait to be sent again. */
  prevCommandQueue?: CommandQueue | null;
  /** State of the present connection: its database, and its subscriptions, `false` outside of subscriber mode. */
  readonly condition: { readonly select: number; subscriber: SubscriptionSet | false };
  /** Rejects waiting commands: those in flight and, unless `offlineQueue` is false, those that have not been sent. */
  flushQueue(error: Error, options?: { readonly offlineQueue?: boolean }): void;
  /** Emits an event, and prints an `error` without a listener. */
  silentEmit(name: string, argument?: unknown): boolean;
  /** Called with every error reply of the server: rejects its command, unless `reconnectOnError` says otherwise. */
  handleReconnection(error: Error, item: QueuedCommand): void;
  /** Asks INFO until the server has loaded its data. The last step before `ready`, unless it is switched off. */
  _readyCheck(callback: ReadyCheckCallback): void;
  /** Sets the status, and emits it as an event in the next tick. */
  setStatus(status: string, argument?: unknown): void;
  /** Called with every failure of the handshake, before the failure rejects commands and becomes an event. */
  recoverFromFatalError(commandError: Error, error: Error, options?: unknown): void;
}

export function clientInternals(client: Redis): ClientInternals {
  return client as unknown as ClientInternals;
}

/** A connector of ioredis: dials a socket for its client, and closes it. Used again for each dial. */
export interface Connector {
  firstError?: Error;
  /** The latest socket; protected in the types of ioredis. */
  stream?: Socket;
  check(info: unknown): boolean;
  connect(emit: (type: string, error?: Error) => void): Promise<Socket>;
  disconnect(): void;
}

export type ConnectorClass = new (options: unknown) => Connector;

export interface QueuedCommand {
  readonly command: SentCommand;
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

/** Subscriptions of a client. Exists from the first subscription until the last one has ended. */
export interface SubscriptionSet {
  isEmpty(): boolean;
  /** Called when the server has ended a subscription, on request (`unsubscribe`, `sunsubscribe`, …) or by itself. */
  del(type: string, channel: string): void;
}

/** Called with the answer to INFO once the server is ready, or with the error that keeps the client from being ready. */
export type ReadyCheckCallback = (error: Error | null, info?: object) => void;

/**
 * Members of a Cluster that we use beyond its public types. Both majors have them, and
 * test/functional/ioredis-contract.test.ts fails when one of them drops a member.
 */
export interface ClusterInternals {
  startupNodes: ClusterNode[];
  readonly connectionPool: ConnectionPool;
  readonly subscriber: ClusterSubscriber;
  readonly shardedSubscribers?: SubscriberGroup;
  /** Emits `-node` when a sharded subscriber has ended, and `subscriberConnectFailed` when one could not start. */
  readonly subscriberGroupEmitter?: EventEmitter;
  /** True from quit() or disconnect() on. */
  readonly manuallyClosing: boolean;
  /** The keys (`host:port`) of the nodes that serve each slot, its master first. */
  readonly slots: readonly (readonly string[] | undefined)[];
  setStatus(status: string): void;
  /** Rejects the commands that wait for a node. */
  flushQueue(error: Error): void;
  /** Asks a node for the slots, over a connection of its own. */
  refreshSlotsCache(callback?: RefreshCallback): void;
  /** Stops the timer of `slotsRefreshInterval`. */
  clearNodesRefreshInterval(): void;
  /** Maps the address that a node announces by `natMap`. */
  natMapper(this: Pick<Cluster, 'options'>, node: string | object): object;
  /** Called when all nodes are gone. Connects again, or ends the Cluster. */
  handleCloseEvent(): void;
}

export function clusterInternals(cluster: Cluster): ClusterInternals {
  return cluster as unknown as ClusterInternals;
}

type RefreshCallback = (error?: Error) => void;

/** The nodes of a Cluster, each with its client. */
interface ConnectionPool {
  /** Options with which the clients of nodes are made. */
  redisOptions: RedisOptions;
  on(event: '+node' | '-node', listener: (node: Redis, key: string) => void): unknown;
  /** Emitted when a node could not be dialled or has lost its connection. */
  on(event: 'nodeError', listener: (error: unknown) => void): unknown;
  /** Drops all nodes but these, and adds the new ones among these. */
  reset(nodes: readonly object[]): void;
}

/** Manages the one client with which a Cluster subscribes. */
interface ClusterSubscriber {
  /** Read by the Cluster when it sends (P)SUBSCRIBE, by `stop()`, and when a node leaves. */
  subscriber: Redis | null;
  isStarted(): boolean;
  /** Called by `start()`, when a node leaves, and when the first node joins. */
  selectSubscriber(): void;
}

/** The sharded subscribers of a Cluster, with `shardedSubscribers: true`. */
interface SubscriberGroup {
  /** Filled just before each sharded subscriber is told to connect. */
  readonly shardedSubscribers: Map<string, ShardedSubscriber>;
}

/** The client for the sharded channels of one node. */
export interface ShardedSubscriber {
  getInstance(): Redis | null;
}

type ChannelType = 'subscribe' | 'psubscribe';

/** A client, reduced to its subscriptions. */
export interface SubscribingClient {
  /** State of the last connection. Missing before the first connection. */
  readonly condition?: {
    readonly subscriber: false | { channels(type: ChannelType): string[] };
  };
}
