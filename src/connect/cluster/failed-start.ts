import type { Cluster } from 'ioredis';
import { type Clock, throttle } from '../../core/clock.js';
import { HygieneError } from '../../core/errors.js';
import { clusterInternals } from '../ioredis/internals.js';
import { describeStartupNodes, failedStarts } from './cluster-nodes.js';

export interface FailedStartPorts {
  readonly clock: Clock;
  readonly onFailure: (error: HygieneError) => void;
  /** Whether the application listens to the errors that this factory reports. */
  readonly hasErrorListener?: (() => boolean) | undefined;
}

/** Interval between reports of a Cluster that cannot start, in milliseconds. ioredis tries again several times a second. */
const REPORT_INTERVAL_MS = 1_000;

/**
 * Reports why a Cluster cannot start. ioredis emits `ClusterAllFailedError` on the Cluster, without the reason, and prints it
 * if the Cluster has no `error` listener: not if the application hears of it from the factory.
 */
export function reportFailedStarts(
  cluster: Cluster,
  { clock, onFailure, hasErrorListener = () => false }: FailedStartPorts,
): void {
  const internals = clusterInternals(cluster);
  const refresh = internals.refreshSlotsCache.bind(cluster);
  const report = throttle(clock, REPORT_INTERVAL_MS, onFailure);

  function onRefreshed(error: Error): void {
    const failure = cluster.status === 'connecting' ? failedStartError(cluster, error) : undefined;
    if (!failure) return;
    failedStarts.set(cluster, failure);
    if (!isReportedByNode(failure.cause)) report(failure);
  }

  const value = (refreshed?: (error?: Error) => void) =>
    refresh((error) => {
      if (error) onRefreshed(error);
      const isHeard = error !== undefined && hasErrorListener();
      if (isHeard) cluster.on('error', ignore);
      refreshed?.(error);
      if (isHeard) cluster.off('error', ignore);
    });
  Object.defineProperty(cluster, 'refreshSlotsCache', { value, configurable: true, writable: true });
  cluster.on('ready', () => failedStarts.delete(cluster));
}

/** Whether the node's own connection has reported why: by an error of ours, or by one that left only "Connection is closed". */
function isReportedByNode(cause: unknown): boolean {
  return (
    cause instanceof HygieneError || (cause instanceof Error && cause.message === 'Connection is closed.')
  );
}

function ignore(): void {
  // A listener for as long as ioredis looks whether there is one.
}

/** `undefined` if the attempt was ended, as by disconnect(). */
function failedStartError(cluster: Cluster, error: Error): HygieneError | undefined {
  const { lastNodeError } = error as { readonly lastNodeError?: Error | null };
  if (lastNodeError === undefined) return undefined;
  const name = cluster.options.redisOptions?.connectionName ?? '';
  const target = describeStartupNodes(clusterInternals(cluster).startupNodes);
  const why = lastNodeError?.message.replace(/\.$/, '') ?? 'there is no node that could be asked';
  const what = `The Cluster ${name} → ${target} could not start, because no node has told its slots. The last one: ${why}.`;
  return new HygieneError('HYG_CONNECT_FAILED', what, {
    details: { name, role: 'cluster', target, reason: 'CLUSTER' },
    cause: lastNodeError ?? undefined,
  });
}
