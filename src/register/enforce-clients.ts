import type { Cluster, Redis } from 'ioredis';
import { adoptClient } from '../connect/client/client-factory.js';
import { adoptCluster } from '../connect/cluster/open-cluster.js';
import { isEnforced } from '../connect/connectors/enforced-connector.js';
import { type Ioredis, registerCopy } from '../connect/ioredis/load-ioredis.js';
import { type ClientArguments, readClientArguments } from '../options/client-arguments.js';
import { findCallingLibrary } from './preload-identity.js';
import { openConnections } from './preload-ledger.js';

/**
 * Enforces a client while its constructor reads its arguments, and returns the arguments to use instead. Returns undefined
 * if the client is enforced already: by a factory, or as a node of a Cluster.
 */
export function enforceClient(
  copy: Ioredis,
  client: Redis,
  args: ClientArguments,
): ClientArguments | undefined {
  const given = readClientArguments(undefined, args);
  if (isEnforced(given.Connector)) return undefined;
  registerCopy(copy);
  const role = given.connectionName ? undefined : findCallingLibrary();
  return [adoptClient(openConnections(copy).clientFactory, client, given, role)];
}

/** Enforces a Cluster before it connects, unless it is enforced already. */
export function enforceCluster(copy: Ioredis, cluster: Cluster): void {
  if (isEnforced(cluster.options.redisOptions?.Connector)) return;
  registerCopy(copy);
  adoptCluster(openConnections(copy), cluster);
}
