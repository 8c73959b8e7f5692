import type { Cluster } from 'ioredis';
import { HygieneError } from '../../core/errors.js';
import { clusterInternals, type ClusterInternals } from '../ioredis/internals.js';
import { copyOf } from '../ioredis/load-ioredis.js';

/**
 * Makes the end of a Cluster final. In ioredis each node that closes sets the status to `close`, so a disconnect() of
 * several nodes leaves the status at `close` for good; a second disconnect() leaves it at `disconnecting`. In both cases
 * commands wait forever. Here only connect() leads away from the end.
 *
 * @param openClusters Contains the Cluster, with its call site, while it has not ended.
 */
export function makeEndFinal(
  cluster: Cluster,
  openClusters: Map<Cluster, readonly string[]>,
  callSite: readonly string[],
): void {
  function setStatus(status: string): void {
    if (cluster.status === 'end' && status !== 'connecting') return;
    prototypeInternals(cluster).setStatus.call(cluster, status);
    openClusters.set(cluster, callSite);
    if (status === 'disconnecting' && cluster.nodes().length === 0) setImmediate(endIfEmpty, cluster);
    if (status !== 'end') return;
    clusterInternals(cluster).clearNodesRefreshInterval();
    openClusters.delete(cluster);
  }
  openClusters.set(cluster, callSite);
  Object.defineProperties(cluster, {
    setStatus: { value: setStatus, configurable: true, writable: true },
    refreshSlotsCache: { value: refreshSlotsCache, configurable: true, writable: true },
  });
}

/** Returns a function that quits a Cluster, with all its clients, once. */
export function createQuitOnce(cluster: Cluster): () => void {
  let quitting: Promise<unknown> | undefined;
  return () => {
    // A failed QUIT needs no handling: the sockets close in either case.
    quitting ??= cluster.quit().catch(() => undefined);
  };
}

/** Ends a Cluster now, and rejects the commands that wait in it. */
export function endCluster(cluster: Cluster): void {
  const internals = clusterInternals(cluster);
  cluster.disconnect();
  internals.flushQueue(
    new HygieneError('HYG_SHUT_DOWN', 'A command was still waiting for a node of the Cluster.'),
  );
  internals.setStatus('end');
}

/** Methods of the Cluster's class, without the ones that are replaced on the Cluster itself. */
function prototypeInternals(cluster: Cluster): ClusterInternals {
  return clusterInternals(copyOf(cluster).Cluster.prototype as Cluster);
}

/**
 * Ends a Cluster that is disconnecting without a node. ioredis waits for the last node to close, which never happens.
 * Called in a later turn of the event loop, so that code behind `await cluster.quit()` can still listen for `end`.
 */
function endIfEmpty(cluster: Cluster): void {
  const internals = clusterInternals(cluster);
  if (cluster.status !== 'disconnecting' || !internals.manuallyClosing) return;
  internals.setStatus('close');
  internals.handleCloseEvent();
}

/** Rejects a refresh after the end, because commands may wait for it in order to be sent again. */
function refreshSlotsCache(this: Cluster, refreshed?: (error?: Error) => void): void {
  const done = (error?: Error) => {
    refreshed?.(error);
    // A refresh that was pending sets the timer for the next one, which would keep the process alive.
    if (clusterInternals(this).manuallyClosing || this.status === 'end')
      clusterInternals(this).clearNodesRefreshInterval();
  };
  if (this.status === 'end') done(new Error('The Cluster has ended.'));
  else prototypeInternals(this).refreshSlotsCache.call(this, done);
}
