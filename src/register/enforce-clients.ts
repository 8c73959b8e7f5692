import type { Cluster, Redis } from 'ioredis';
import { adoptClient } from '../connect/client/client-factory.js';
import { adoptCluster } from '../connect/cluster/open-cluster.js';
import { isEnforced } from '../connect/connectors/enforced-connector.js';
import { type Ioredis, registerCopy } from '../connect/ioredis/load-ioredis.js';
import { assembleConnections, type AssembledConnections } from '../factory/connections.js';
import { readWords } from '../core/variables.js';
import { formatConnectionName } from '../identity/connection-name.js';
import { type ClientArguments, readClientArguments } from '../options/client-arguments.js';
import { installYieldingHooks } from '../shutdown/shutdown-hooks.js';
import type { LedgerReader } from './ledger-report.js';
import { findCallingLibrary, detectProcessIdentity } from './preload-identity.js';
import { warn } from '../core/warnings.js';
import { warnOfVariable } from './warnings.js';

/** Connections of this process, shared by all copies of ioredis. Undefined until the first client is enforced. */
let connections: AssembledConnections | undefined;

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

/** Reads the ledger. Undefined if no client was enforced yet. */
export const readLedger: LedgerReader = () => {
  if (!connections) return undefined;
  return { owner: formatConnectionName(connections.identity), connections: connections.ledger.snapshot() };
};

/** Returns the connections of this process. The copy of the first client also makes the connections to sentinels. */
function openConnections(copy: Ioredis): AssembledConnections {
  if (connections) return connections;
  connections = assembleConnections(detectProcessIdentity(), {
    copy,
    pools: () => [],
    budgetPolicy: 'warn',
    authErrors: 'reply',
    eventsFor: 'preload',
  });
  warnOnEvents(connections);
  installSignalHooks(connections);
  return connections;
}

/** Emits warnings for events that the operator would not learn of otherwise. */
function warnOnEvents({ events }: AssembledConnections): void {
  events.on('error', ({ code, message }) => {
    if (code === 'HYG_LIMIT_CONNECTIONS') warn('HYG_PRELOAD_BUDGET', message, 'budget');
    if (code === 'HYG_VARIABLE') warn(code, message);
  });
  events.on('suspect', ({ location, count, limit }) =>
    warn(
      'HYG_PRELOAD_SUSPECT',
      `${location} has ${count} clients open, more than the limit of ${limit}. Create one client per process and share it.`,
      location,
    ),
  );
}

/** Closes the connections on the signals that the operator asks for, and ends the process unless the program does. */
function installSignalHooks(parts: AssembledConnections): void {
  const signals = readWords(
    process.env,
    'REDIS_HYGIENE_SHUTDOWN',
    ['SIGTERM', 'SIGINT', 'SIGHUP'],
    warnOfVariable,
  );
  if (signals.length > 0) installYieldingHooks(parts, { signals });
}
