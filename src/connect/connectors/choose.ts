import type { RedisOptions } from 'ioredis';
import type { ConnectorClass, Ioredis } from '../ioredis.js';
import { enforceConnector, unwrap, type Gatekeeper } from './enforced.js';
import { gatedConnector } from './gated.js';
import { sentinelConnector, type SentinelPorts } from './sentinel.js';
import { standaloneConnector } from './standalone.js';

/**
 * Gives the connector for a client's options: the caller's own, Sentinel's, or the plain one, each enforced.
 * One class for each of them and factory, however many clients there are.
 */
export function createConnectorChoice(
  copy: Ioredis,
  gatekeeper: Gatekeeper,
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
    const Gated = ours.has(Base) ? Base : gatedConnector(Base);
    const Enforced = enforceConnector(Gated, Base, gatekeeper);
    enforced.set(Base, Enforced);
    return Enforced;
  };
}
