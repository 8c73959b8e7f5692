import type { Cluster, ClusterNode, ClusterOptions, Redis } from 'ioredis';
import type { EnforcedOptions, OpenRequest } from '../connect/client/client-factory.js';
import { type ConstructCluster, openCluster } from '../connect/cluster/open-cluster.js';
import { findOtherCopies, ioredis } from '../connect/ioredis/load-ioredis.js';
import { type Identity, processSources } from '../identity/detect-identity.js';
import type { ConnectionInfo } from '../ledger/connection.js';
import { type ClientArguments, readClientArguments } from '../options/client-arguments.js';
import type { FactoryOptions } from '../options/factory-options.js';
import { libraryRole } from '../options/resolve-options.js';
import type { Settings } from '../options/settings.js';
import type { PoolOptions } from '../pool/pool-options.js';
import { createPoolFactory, type Pool } from '../pool/pool.js';
import type { ShutdownReport } from '../shutdown/shutdown-plan.js';
import type { ShutdownOptions } from '../shutdown/shutdown.js';
import type { SubscriberOptions } from '../subscriber/subscriber-options.js';
import { createSubscriberFactory, type Subscriber } from '../subscriber/subscriber.js';
import { assembleConnections } from './connections.js';
import type { Events } from './events.js';

/** The parts of a factory, put together. The drop-in constructs subclasses through them. */
export interface Assembly {
  readonly identity: Identity;
  readonly settings: Settings;
  readonly events: Events;
  readonly client: (args: ClientArguments, request?: OpenRequest) => Redis;
  readonly cluster: (nodes: ClusterNode[], options?: ClusterOptions, construct?: ConstructCluster) => Cluster;
  readonly subscriber: (options?: SubscriberOptions) => Subscriber;
  readonly pool: (options?: PoolOptions) => Pool;
  readonly options: (role?: string) => EnforcedOptions;
  readonly connections: () => readonly ConnectionInfo[];
  readonly shutdown: (options?: ShutdownOptions) => Promise<ShutdownReport>;
}

/** Puts the parts together. */
export function assemble(options: FactoryOptions = {}): Assembly {
  const pools = new Set<Pool>();
  const parts = assembleConnections(options, {
    copy: ioredis(),
    pools: () => [...pools],
    onFull: 'refuse',
  });
  const { opener, connection } = parts;
  const copies = findOtherCopies(processSources().directory);
  if (copies) parts.onFailure(copies);

  return {
    identity: parts.identity,
    settings: parts.settings,
    events: parts.events,
    shutdown: parts.shutdown,
    connections: () => parts.ledger.snapshot(),
    subscriber: createSubscriberFactory(parts),
    pool: createPoolFactory({ ...parts, pools }),
    options: (role) => opener.options(readClientArguments(connection, []), libraryRole(role)),
    client: (args, request) => opener.client(readClientArguments(connection, args), request),
    cluster: (nodes, given = {}, construct) => openCluster(parts, { nodes, options: given }, construct),
  };
}
