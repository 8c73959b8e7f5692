import type { Cluster, Redis } from 'ioredis';
import { adoptClient } from '../connect/client/client-factory.js';
import { adoptCluster } from '../connect/cluster/open-cluster.js';
import { isEnforced } from '../connect/connectors/enforced-connector.js';
import { type Ioredis, registerCopy } from '../connect/ioredis/load-ioredis.js';
import { assembleConnections, type Connections } from '../factory/connections.js';
import { formatConnectionName } from '../identity/connection-name.js';
import { type ClientArguments, readClientArguments } from '../options/client-arguments.js';
import { installShutdownHooks } from '../shutdown/shutdown-hooks.js';
import type { LedgerReader } from './ledger-report.js';
import { askingLibrary, processIdentity } from './preload-identity.js';
import { readSettings, readWords } from './preload-settings.js';
import { warn } from './warnings.js';

let connections: Connections | undefined;

/** Facts that nobody else would tell the operator of. */
function listen({ events }: Connections): void {
  events.on('error', ({ code, message }) => {
    if (code === 'HYG_LIMIT_CONNECTIONS') warn('HYG_PRELOAD_BUDGET', message, 'budget');
  });
  events.on('suspect', ({ site, count, limit }) =>
    warn(
      'HYG_PRELOAD_SUSPECT',
      `${site} has ${count} clients open, more than ${limit}: create one client per process and share it.`,
      site,
    ),
  );
}

/** Closes the connections on these signals, and ends the process: what the program itself does on them is cut short. */
function shutDownWhenAsked(parts: Connections): void {
  const signals = readWords(process.env, 'REDIS_HYGIENE_SHUTDOWN', ['SIGTERM', 'SIGINT', 'SIGHUP']);
  if (signals.length > 0) installShutdownHooks(parts, { signals });
}

/** The parts behind all copies: made with the first client, whose copy also watches sentinels where there are any. */
function partsFor(copy: Ioredis): Connections {
  if (connections) return connections;
  const { numbers, onFull } = readSettings(process.env);
  connections = assembleConnections({ ...processIdentity(), ...numbers }, { copy, pools: () => [], onFull });
  listen(connections);
  shutDownWhenAsked(connections);
  return connections;
}

/**
 * The arguments for ioredis' constructor in the place of the caller's, which make an enforced client. Nothing where the
 * client is enforced already, by a factory or as a part of a Cluster.
 */
export function enforceClient(
  copy: Ioredis,
  client: Redis,
  args: ClientArguments,
): ClientArguments | undefined {
  const given = readClientArguments(undefined, args);
  if (isEnforced(given.Connector)) return undefined;
  registerCopy(copy);
  const role = given.connectionName ? undefined : askingLibrary();
  return [adoptClient(partsFor(copy).opener, client, given, role)];
}

/** Enforces a Cluster that is about to look for its nodes, once. */
export function enforceCluster(copy: Ioredis, cluster: Cluster): void {
  if (isEnforced(cluster.options.redisOptions?.Connector)) return;
  registerCopy(copy);
  adoptCluster(partsFor(copy), cluster);
}

/** The ledger, as far as there is one. */
export const openLedger: LedgerReader = () => {
  if (!connections) return undefined;
  return { owner: formatConnectionName(connections.identity), connections: connections.ledger.snapshot() };
};
