import type { Cluster, Redis } from 'ioredis';
import type { Clock } from '../../core/clock.js';
import { clusterInternals, type ShardedSubscriber } from '../ioredis/internals.js';
import type { LossBackoff } from './cluster-subscriber.js';

export interface ShardedPorts {
  readonly clock: Clock;
  readonly pace: LossBackoff;
  /** Takes a client of the Cluster's own into the ledger. */
  readonly adopt: (client: Redis) => void;
}

/** ioredis enters each subscriber here before it tells it to connect. */
function adoptEach(subscribers: Map<string, ShardedSubscriber>, adopt: (client: Redis) => void): void {
  const set = (key: string, subscriber: ShardedSubscriber) => {
    const client = subscriber.getInstance();
    if (client) adopt(client);
    return Map.prototype.set.call(subscribers, key, subscriber);
  };
  Object.defineProperty(subscribers, 'set', { value: set, configurable: true, writable: true });
}

/**
 * Watches the subscribers of `shardedSubscribers: true`, and paces their return. When one ends, ioredis refreshes
 * the slots at once and connects again where they are said to be, also to a node that is dead: until the
 * failover some 50 times in a second. When one does not start it throws where nobody listens for `error`, and sets a
 * timer that acts on a Cluster which may have ended: the loss is told by its `-node` too, which is enough.
 */
export function watchSharded(cluster: Cluster, { clock, pace, adopt }: ShardedPorts): void {
  const { shardedSubscribers: group, subscriberGroupEmitter: told } = clusterInternals(cluster);
  if (!group || !told) return;
  adoptEach(group.shardedSubscribers, adopt);

  const onLoss = told.listeners('-node');
  let isDue = false;
  told.removeAllListeners('-node').on('-node', (...loss) => {
    if (isDue) return;
    isDue = true;
    clock.after(pace.afterLoss(), () => {
      isDue = false;
      // A Cluster that has lost its nodes makes new subscribers when it has found them again.
      if (cluster.status === 'ready') onLoss.forEach((listener) => void listener.apply(told, loss));
    });
  });
  told
    .removeAllListeners('subscriberConnectFailed')
    .on('subscriberConnectFailed', ({ error }: { readonly error: Error }) => {
      if (cluster.status === 'ready' && cluster.listenerCount('error') > 0) cluster.emit('error', error);
    });
}
