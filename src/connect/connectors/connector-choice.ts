import type { RedisOptions } from 'ioredis';
import type { Socket } from 'node:net';
import { dialTargetBehind } from '../dial/dial-target.js';
import { connectionClosed } from '../ioredis/connection-errors.js';
import type { Connector, ConnectorClass } from '../ioredis/internals.js';
import type { Ioredis } from '../ioredis/load-ioredis.js';
import { enforceConnector, type ConnectorPorts, waitForDial, unwrap } from './enforced-connector.js';
import { sentinelConnector, type SentinelPorts } from './sentinel-connector.js';
import { standaloneConnector } from './standalone-connector.js';

/**
 * Gives the connector for a client's options: the caller's own, Sentinel's, or the plain one, each enforced.
 * One class for each of them and factory, however many clients there are.
 */
export function createConnectorChoice(
  copy: Ioredis,
  gatekeeper: ConnectorPorts,
  sentinels: SentinelPorts,
): (options: RedisOptions) => ConnectorClass {
  const Standalone = standaloneConnector(copy);
  const Sentinel = sentinelConnector(copy, sentinels);
  const ours = new Set([Standalone, Sentinel]);
  const enforced = new Map<ConnectorClass, ConnectorClass>();

  function base({ Connector: given, sentinels }: RedisOptions): ConnectorClass {
    const own = given && unwrap(given as unknown as ConnectorClass);
    if (own && !ours.has(own)) return own;
    return sentinels ? Sentinel : Standalone;
  }

  return (options) => {
    const Base = base(options);
    const known = enforced.get(Base);
    if (known) return known;
    const Gated = ours.has(Base) ? Base : limitedConnector(Base);
    const Enforced = enforceConnector(Gated, Base, gatekeeper);
    enforced.set(Base, Enforced);
    return Enforced;
  };
}

/** Has the caller's own connector dial when the gate lets it. Ours pass by themselves, when they know where to. */
function limitedConnector(Base: ConnectorClass): ConnectorClass {
  return class GatedConnector extends Base {
    readonly #options: RedisOptions;
    #disconnects = 0;

    constructor(options: unknown) {
      super(options);
      this.#options = options as RedisOptions;
    }

    override async connect(emit: Parameters<Connector['connect']>[0]): Promise<Socket> {
      const disconnects = this.#disconnects;
      await waitForDial(this, dialTargetBehind(Base, this.#options));
      if (disconnects !== this.#disconnects) throw connectionClosed();
      return super.connect(emit);
    }

    override disconnect(): void {
      this.#disconnects += 1;
      super.disconnect();
    }
  };
}
