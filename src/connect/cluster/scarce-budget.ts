import type { Cluster, Redis } from 'ioredis';
import type { Clock } from '../../core/clock.js';
import { HygieneError } from '../../core/errors.js';
import { clusterInternals } from '../ioredis/internals.js';
import { copyOf } from '../ioredis/load-ioredis.js';

/** How long commands wait for a Cluster that the budget keeps from becoming ready, in milliseconds. */
const MAX_WAIT_MS = 2_000;

/**
 * Rejects the commands that wait for a Cluster with the error of the budget, if the budget has refused its connections for
 * `MAX_WAIT_MS` and it has not become ready. In ioredis they would wait until the Cluster gives up, which by default it
 * never does. The Cluster itself goes on trying.
 */
export function rejectWhileRefused(cluster: Cluster, clock: Clock): void {
  let refusedSince: number | undefined;
  const onNodeError = (error: unknown) => {
    if (!(error instanceof HygieneError) || error.code !== 'HYG_LIMIT_CONNECTIONS') return;
    if (cluster.status === 'ready') return;
    refusedSince ??= clock.now();
    if (clock.now() - refusedSince >= MAX_WAIT_MS) clusterInternals(cluster).flushQueue(error);
  };
  clusterInternals(cluster).connectionPool.on('nodeError', onNodeError);
  cluster.on('node error', onNodeError);
  cluster.on('ready', () => (refusedSince = undefined));
}

/**
 * Keeps a node of a Cluster from being dialled only to be told whether it is a replica: ioredis says so to each startup node
 * as soon as it knows the roles. A node that has not been dialled reads its role from its options when it is.
 */
export function skipRoleBeforeDial(node: Redis): void {
  const property = (value: unknown) => ({ value, configurable: true, writable: true });
  Object.defineProperties(node, { readonly: property(readonly), readwrite: property(readwrite) });
}

function readonly(this: Redis, ...args: unknown[]): unknown {
  return setRole(this, 'readonly', args);
}

function readwrite(this: Redis, ...args: unknown[]): unknown {
  return setRole(this, 'readwrite', args);
}

function setRole(node: Redis, command: 'readonly' | 'readwrite', args: readonly unknown[]): unknown {
  const isKnown = Boolean(node.options.readOnly) === (command === 'readonly');
  if (node.status === 'wait' && isKnown && args.length === 0) return Promise.resolve('OK');
  const { prototype } = copyOf(node).Redis;
  return (prototype[command] as (...given: unknown[]) => unknown).apply(node, [...args]);
}
