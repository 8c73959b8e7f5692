import type { Cluster, ClusterNode, Redis, RedisOptions } from 'ioredis';
import type { EventEmitter } from 'node:events';

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
