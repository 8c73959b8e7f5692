import type { Cluster, Redis } from 'ioredis';
import type { Clock } from '../../core/clock.js';
import { clusterInternals, type ShardedSubscriber } from '../ioredis/internals.js';
import type { LossBackoff } from './cluster-subscriber.js';

export interface ShardedSubscriberPorts {
  readonly clock: Clock;
  readonly backoff: LossBackoff;
  /** Instruments a client that the Cluster has constructed, so that it is in the ledger. */
  readonly adopt: (client: Redis) => void;
}

/**
 * Watches the subscribers of `shardedSubscribers: true`, and limits how often they reconnect. When a subscriber ends,
 * ioredis refreshes the slots at once and connects to the node that is said to own them, also to a dead one: some 50
 * times per second until the failover. When a subscriber fails to start, ioredis throws if nobody listens for `error`,
 * and sets a timer that acts on a Cluster which may have ended. The `-node` event reports the same loss, so that timer
 * is not needed.
 */
export function watchShardedSubscribers(
  cluster: Cluster,
  { clock, backoff, adopt }: ShardedSubscriberPorts,
): void {
  const { shardedSubscribers: group, subscriberGroupEmitter: emitter } = clusterInternals(cluster);
  if (!group || !emitter) return;
  adoptEach(group.shardedSubscribers, adopt);

  const lossListeners = emitter.listeners('-node');
  let isScheduled = false;
  emitter.removeAllListeners('-node').on('-node', (...loss) => {
    if (isScheduled) return;
    isScheduled = true;
    clock.after(backoff.nextDelayMs(), () => {
      isScheduled = false;
      // A Cluster that has lost its nodes creates new subscribers when it has found them again.
      if (cluster.status === 'ready') lossListeners.forEach((listener) => void listener.apply(emitter, loss));
    });
  });
  emitter
    .removeAllListeners('subscriberConnectFailed')
    .on('subscriberConnectFailed', ({ error }: { readonly error: Error }) => {
      if (cluster.status === 'ready' && cluster.listenerCount('error') > 0) cluster.emit('error', error);
    });
}

/** Adopts the client of each subscriber. ioredis adds a subscriber to this map before it connects the client. */
function adoptEach(subscribers: Map<string, ShardedSubscriber>, adopt: (client: Redis) => void): void {
  const set = (key: string, subscriber: ShardedSubscriber) => {
    const client = subscriber.getInstance();
    if (client) adopt(client);
    return Map.prototype.set.call(subscribers, key, subscriber);
  };
  Object.defineProperty(subscribers, 'set', { value: set, configurable: true, writable: true });
}
