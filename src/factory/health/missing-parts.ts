import type { ClusterState } from '../../connect/cluster/cluster-nodes.js';
import type { ConnectionFacts } from '../../ledger/connection.js';
import type { Pool } from '../../pool/pool.js';
import type { OpenSubscriber } from '../../subscriber/subscriber.js';
import type { LostClient } from '../recent-failures.js';
import { describeFailure, type FailureInfo } from './health-report.js';
import {
  isInWrongDatabase,
  isUsable,
  listOpened,
  type OpenedConnection,
  type OpenedPorts,
} from './opened.js';

/** Something that a factory has opened and that is not ready: connections of one name and target, a pool, a Cluster. */
export interface MissingPart extends Pick<ConnectionFacts, 'name' | 'role' | 'target'> {
  /**
   * State of the ledger, or of ioredis for a Cluster; `ended` for a client that does not dial again, `subscribing` for a
   * subscriber whose subscriptions are not confirmed, `database-refused` for a connection that works in database 0 because
   * the server has refused its own, `filling` for a pool with fewer connections than its `min`.
   */
  readonly state: string;
  /** Number of connections, subscriptions or clients that are missing. */
  readonly count: number;
  /** When the state began, in milliseconds since the epoch, if it is known. */
  readonly since?: number;
  /** Number of dials so far, if it is known. */
  readonly dials?: number;
  /** The last failure, if it is known. */
  readonly failure?: FailureInfo;
}

/** A missing part, and whether an event tells that it has become ready. */
export interface AwaitedPart {
  readonly part: MissingPart;
  readonly hasEvents: boolean;
}

type Failures = OpenedPorts['failures'];

/** Everything that a factory has opened and that is not ready. A lazy client is opened by its first command. */
export function findMissing(ports: OpenedPorts): AwaitedPart[] {
  const { failures } = ports;
  const connections = listOpened(ports).filter(
    (connection) => isAwaited(connection) && !isUsable(connection),
  );
  const withEvents = [
    ...joinEqual(connections.map(missingConnection)),
    ...failures.lostClients().map((client) => missingClient(client, failures)),
  ];
  const others = [
    ...ports.clusters().flatMap((cluster) => missingCluster(cluster, failures)),
    ...ports.pools().flatMap((pool) => missingPool(pool, failures)),
    ...ports.subscribers().flatMap(missingSubscriptions),
  ];
  return [
    ...withEvents.map((part) => ({ part, hasEvents: hasEvents(part) })),
    ...others.map((part) => ({ part, hasEvents: false })),
  ];
}

/** The factory has no events for a client that is left to ioredis, or that selects another database. */
function hasEvents({ since, state }: MissingPart): boolean {
  return since !== undefined && state !== 'database-refused';
}

/** Pools, Clusters and the search for a master open more connections than are needed. */
function isAwaited({ health: { user } }: OpenedConnection): boolean {
  return user === 'application' || user === 'library';
}

function failureInfo(failure: Error | undefined): Pick<MissingPart, 'failure'> {
  return failure ? { failure: describeFailure(failure) } : {};
}

function missingConnection(connection: OpenedConnection): MissingPart {
  const { name, role, target, since, dials, failure } = connection;
  const state = isInWrongDatabase(connection) ? 'database-refused' : connection.state;
  const known = since === undefined ? {} : { since, dials };
  return { name, role, target, state, count: 1, ...known, ...failureInfo(failure) };
}

/** Joins connections of one name and target, as a service may open hundreds. The first one stands for all. */
function joinEqual(parts: readonly MissingPart[]): MissingPart[] {
  const joined = new Map<string, MissingPart>();
  for (const part of parts) {
    const key = [part.name, part.target].join('\n');
    const known = joined.get(key);
    joined.set(key, known ? { ...known, count: known.count + 1 } : part);
  }
  return [...joined.values()];
}

function missingClient(client: LostClient, failures: Failures): MissingPart {
  const { name, role, target, since, count } = client;
  return { name, role, target, state: 'ended', count, since, ...failureInfo(failures.lastOf(client)) };
}

function missingCluster(
  { name, target, status, failedStart }: ClusterState,
  failures: Failures,
): MissingPart[] {
  if (status === 'ready' || status === 'wait' || status === 'end') return [];
  const failure = failureInfo(failedStart ?? failures.lastOfName(name));
  return [{ name, role: 'cluster', target, state: status, count: 1, ...failure }];
}

function missingPool(pool: Pool, failures: Failures): MissingPart[] {
  const { name, role, target } = pool;
  const { min, size } = pool.statistics();
  if (size >= min) return [];
  return [{ name, role, target, state: 'filling', count: min - size, ...failureInfo(failures.lastOf(pool)) }];
}

function missingSubscriptions(subscriber: OpenSubscriber): MissingPart[] {
  const { name, role, target } = subscriber;
  const { channels, patterns, shardChannels } = subscriber.unconfirmed();
  const count = channels.length + patterns.length + shardChannels.length;
  return count === 0 ? [] : [{ name, role, target, state: 'subscribing', count }];
}

/** What the count of a part stands for, where it is no number of connections. */
const COUNTED: Readonly<Record<string, string>> = {
  filling: 'connections of its min are missing',
  subscribing: 'subscriptions are not confirmed',
};

/** A missing part in a message: what it is, its state, and why. */
export function describeMissing(part: MissingPart, now: number): string {
  const { name, target, state, since, dials = 0, count, failure } = part;
  const counted = COUNTED[state];
  const subject = counted === undefined && count > 1 ? `${count} × ${name}` : name;
  const facts = [
    counted === undefined ? state : `${count} ${counted}`,
    ...(since === undefined ? [] : [`for ${now - since} ms`]),
    ...(dials > 1 ? [`after ${dials} dials`] : []),
  ];
  const why = failure ? `, last failure: ${failure.message.replace(/\.$/, '')}` : '';
  return `${subject} → ${target}: ${facts.join(' ')}${why}`;
}
