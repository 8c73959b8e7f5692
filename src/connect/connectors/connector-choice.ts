import type { RedisOptions } from 'ioredis';
import type { Socket } from 'node:net';
import { dialTargetBehind } from '../dial/dial-target.js';
import { connectionClosedError } from '../ioredis/connection-errors.js';
import type { Connector, ConnectorClass } from '../ioredis/internals.js';
import type { Ioredis } from '../ioredis/load-ioredis.js';
import { type ConnectorPorts, enforceConnector, unwrapConnector, waitForDial } from './enforced-connector.js';
import { defineSentinelConnector, type MasterGroups } from './sentinel-connector.js';
import { defineStandaloneConnector } from './standalone-connector.js';

/**
 * Creates the function that chooses a client's connector by its options: the application's own, the one for sentinels, or
 * the one for a single server, each enforced. A factory has one class of each, however many clients it has. Without master
 * groups, the connector of ioredis asks the sentinels.
 */
export function createConnectorChoice(
  copy: Ioredis,
  ports: ConnectorPorts,
  masterGroups: MasterGroups | undefined,
): (options: RedisOptions) => ConnectorClass {
  const Standalone = defineStandaloneConnector(copy);
  const Sentinel = masterGroups
    ? defineSentinelConnector(copy, masterGroups)
    : (copy.SentinelConnector as unknown as ConnectorClass);
  const ownConnectors = new Set(masterGroups ? [Standalone, Sentinel] : [Standalone]);
  const enforcedConnectors = new Map<ConnectorClass, ConnectorClass>();

  function chooseBase({ Connector: given, sentinels }: RedisOptions): ConnectorClass {
    const unwrapped = given && unwrapConnector(given as unknown as ConnectorClass);
    if (unwrapped && !ownConnectors.has(unwrapped)) return unwrapped;
    return sentinels ? Sentinel : Standalone;
  }

  return (options) => {
    const Base = chooseBase(options);
    const known = enforcedConnectors.get(Base);
    if (known) return known;
    const Limited = ownConnectors.has(Base) ? Base : defineLimitedConnector(Base);
    const Enforced = enforceConnector(Limited, Base, ports);
    enforcedConnectors.set(Base, Enforced);
    return Enforced;
  };
}

/**
 * Makes a connector of the application's own wait for the dial limiter. Our connectors wait by themselves, once they know
 * which server they dial.
 */
function defineLimitedConnector(Base: ConnectorClass): ConnectorClass {
  return class LimitedConnector extends Base {
    readonly #options: RedisOptions;
    #disconnectCount = 0;

    constructor(options: unknown) {
      super(options);
      this.#options = options as RedisOptions;
    }

    override async connect(emit: Parameters<Connector['connect']>[0]): Promise<Socket> {
      const disconnectCount = this.#disconnectCount;
      await waitForDial(this, dialTargetBehind(Base, this.#options));
      if (disconnectCount !== this.#disconnectCount) throw connectionClosedError();
      return super.connect(emit);
    }

    override disconnect(): void {
      this.#disconnectCount += 1;
      super.disconnect();
    }
  };
}
