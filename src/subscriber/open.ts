import type { RedisOptions } from 'ioredis';
import { openLine } from '../connect/client/subscription-connection.js';
import { boundsOf, type Opener } from '../connect/client/client-factory.js';
import type { Clock } from '../core/clock.js';
import type { Identity } from '../identity/detect-identity.js';
import { formatConnectionName } from '../identity/connection-name.js';
import { readClientArguments } from '../options/client-arguments.js';
import type { Settings } from '../options/settings.js';
import { checkSubscriberOptions, type SubscriberOptions } from './options.js';
import { createSubscriber, type Subscriber } from './subscriber.js';

export interface OpenSubscriberPorts {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly settings: Settings;
  /** The factory's. */
  readonly connection: string | RedisOptions | undefined;
  readonly opener: Pick<Opener, 'client'>;
  /** False once shutdown() has begun. */
  readonly isOpen: () => boolean;
}

/** Gives the function that opens subscribers, each over a connection of its own. */
export function createSubscriberOpener(ports: OpenSubscriberPorts) {
  const { clock, identity, settings, connection, opener, isOpen } = ports;

  return (given: SubscriberOptions = {}): Subscriber => {
    const { connection: own, role = 'subscriber' } = checkSubscriberOptions(given);
    const connectionName = formatConnectionName({ ...identity, role });
    const options = { ...readClientArguments(connection, [own]), connectionName };
    return createSubscriber({
      clock,
      bounds: boundsOf(settings),
      isOpen,
      open: (listener) => openLine(opener, options, listener, clock),
    });
  };
}
