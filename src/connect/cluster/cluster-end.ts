import type { Cluster } from 'ioredis';
import { HygieneError } from '../../core/errors.js';
import { clusterInternals, type ClusterInternals } from '../ioredis/internals.js';
import { copyOf } from '../ioredis/load-ioredis.js';

function plainParts(cluster: Cluster): ClusterInternals {
  return clusterInternals(copyOf(cluster).Cluster.prototype as Cluster);
}

/** A Cluster without a node would never end: ioredis waits for the last of them to close. */
function endIfEmpty(cluster: Cluster): void {
  const parts = clusterInternals(cluster);
  if (cluster.status !== 'disconnecting' || !parts.manuallyClosing) return;
  parts.setStatus('close');
  parts.handleCloseEvent();
}

/** Commands may wait for a refresh to be sent again: they are told of the end. */
function refreshSlotsCache(this: Cluster, refreshed?: (error?: Error) => void): void {
  const done = (error?: Error) => {
    refreshed?.(error);
    // A refresh that was under way sets the timer for the next one, which would hold the process.
    if (clusterInternals(this).manuallyClosing || this.status === 'end')
      clusterInternals(this).clearNodesRefreshInterval();
  };
  if (this.status === 'end') done(new Error('The Cluster has ended.'));
  else plainParts(this).refreshSlotsCache.call(this, done);
}

/**
 * Makes the end of a Cluster final. In ioredis each node that closes sets the status to `close`, so that disconnect()
 * of several nodes leaves it there for good; a second disconnect() leaves `disconnecting`. In both, commands wait
 * for ever. Only connect() leads away from the end. `open` has the Cluster while it has not ended.
 */
export function makeEndFinal(cluster: Cluster, open: Set<Cluster>): void {
  function setStatus(status: string): void {
    if (cluster.status === 'end' && status !== 'connecting') return;
    plainParts(cluster).setStatus.call(cluster, status);
    open.add(cluster);
    if (status === 'disconnecting' && cluster.nodes().length === 0) process.nextTick(endIfEmpty, cluster);
    if (status !== 'end') return;
    clusterInternals(cluster).clearNodesRefreshInterval();
    open.delete(cluster);
  }
  open.add(cluster);
  Object.defineProperties(cluster, {
    setStatus: { value: setStatus, configurable: true, writable: true },
    refreshSlotsCache: { value: refreshSlotsCache, configurable: true, writable: true },
  });
}

/** Quits a Cluster, and what belongs to it, once. */
export function quitOnce(cluster: Cluster): () => void {
  let quitting: Promise<unknown> | undefined;
  return () => {
    // The replies say nothing that the closed sockets do not say too.
    quitting ??= cluster.quit().catch(() => undefined);
  };
}

/** Ends a Cluster now, and rejects what waits in it. */
export function endCluster(cluster: Cluster): void {
  const parts = clusterInternals(cluster);
  cluster.disconnect();
  parts.flushQueue(
    new HygieneError('HYG_SHUT_DOWN', 'A command was still waiting for a node of the Cluster.'),
  );
  parts.setStatus('end');
}
