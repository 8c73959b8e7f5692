import type { EnforcedOptions } from '../../connect/client/client-factory.js';
import type { RedisFactory } from '../../factory/factory.js';

/** Connections for the classes of BullMQ: `new Queue(name, { connection: connection.queue })`. */
export interface HygienicConnection {
  /** For queues and flow producers, whose calls fail fast while Redis is away. */
  readonly queue: EnforcedOptions;
  /** For workers, which wait until Redis is back. */
  readonly worker: EnforcedOptions;
  /** For queue events, which wait until Redis is back. */
  readonly events: EnforcedOptions;
}

/** Creates the connections of a factory for BullMQ. */
export function hygienicConnection(factory: Pick<RedisFactory, 'options'>): HygienicConnection {
  const waiting = { ...factory.options('bullmq'), maxRetriesPerRequest: null };
  return {
    queue: { ...factory.options('bullmq'), maxRetriesPerRequest: 1 },
    worker: waiting,
    events: waiting,
  };
}
