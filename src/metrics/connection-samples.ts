import type { Labels } from '../factory/event-counts.js';
import type { CloseReason, LossCause, StateKind } from '../ledger/connection.js';
import type { MetricSource, ObservedConnection } from './metric-source.js';
import { keyOf, pickLabels, PLACE, type Sample } from './samples.js';

/** States in which a connection has a socket, so that the server has a row for it in CLIENT LIST. */
const STATES_WITH_SOCKET: readonly (StateKind | undefined)[] = ['connected', 'ready'];

const hasSocket = ({ state }: ObservedConnection): boolean => STATES_WITH_SOCKET.includes(state);

/**
 * Connections with a socket, by the states of OpenTelemetry. A pool's connection is `used` while it is leased or reset. Any
 * other connection is shared by many callers, and `used` while commands are in flight.
 */
export function socketStates({ connections, pools }: MetricSource): readonly Sample[] {
  const sockets = connections.filter(hasSocket);
  const shared = sockets.filter(({ isPooled }) => !isPooled);
  const pooled = groupByLabels(sockets.filter(({ isPooled }) => isPooled));
  return [
    ...shared.map(({ labels, isInUse }) => stateSample(labels, isInUse ? 'used' : 'idle', 1)),
    ...[...pooled].flatMap(([key, { labels, count }]) => {
      const leased = pools
        .filter((pool) => keyOf(pool.labels) === key)
        .reduce((sum, { statistics: { used, resetting } }) => sum + used + resetting, 0);
      // A connection may be lost, and still be with its borrower.
      const used = Math.min(leased, count);
      return [stateSample(labels, 'used', used), stateSample(labels, 'idle', count - used)];
    }),
  ];
}

/** Number of connections for each set of labels. */
function groupByLabels(connections: readonly ObservedConnection[]) {
  const groups = new Map<string, { readonly labels: Labels; readonly count: number }>();
  for (const { labels } of connections) {
    const key = keyOf(labels);
    groups.set(key, { labels, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return groups;
}

function stateSample(labels: Labels, state: string, value: number): Sample {
  return { labels: { ...labels, state }, value };
}

/** Connections without a socket, by their state in the ledger. */
export function disconnectedStates({ connections }: MetricSource): readonly Sample[] {
  return connections
    .filter((connection) => !hasSocket(connection))
    .map(({ labels, state }) => stateSample(labels, state, 1));
}

/** Redis' own words for why a client's socket closed, as its instrumentations for other clients use them. */
export const socketCloseReasons = {
  application_close:
    'The application, a shutdown or a pool closed the connection, or this process closed it to dial again.',
  pool_eviction_idle: 'The pool closed the connection, because it was idle for longer than `idleTimeoutMs`.',
  healthcheck_failed: 'A health check or TCP keepalive found the peer dead (the `stale` event).',
  server_close: 'The server closed the connection.',
  error: 'The socket failed.',
} as const;

type SocketCloseReason = keyof typeof socketCloseReasons;

const reasonOfLoss: Readonly<Record<LossCause, SocketCloseReason>> = {
  stale: 'healthcheck_failed',
  server: 'server_close',
  error: 'error',
  redial: 'application_close',
};

const reasonOfClose: Readonly<Record<CloseReason, SocketCloseReason>> = {
  application: 'application_close',
  shutdown: 'application_close',
  pool: 'application_close',
  'pool-idle': 'pool_eviction_idle',
  'gave-up': 'error',
  lost: 'error',
};

/** Sockets that closed: the moves from a state with a socket to one without. */
export function closedSockets({ events }: MetricSource): readonly Sample[] {
  return events
    .filter(({ event, labels: { from } }) => {
      return (
        (event === 'reconnecting' || event === 'closed') && STATES_WITH_SOCKET.includes(from as StateKind)
      );
    })
    .map(({ labels, count }) => {
      const reason = closeReasonOf(labels['loss'] as LossCause, labels['reason'] as CloseReason);
      return { labels: { ...pickLabels(labels, PLACE), reason }, value: count };
    });
}

/** @param loss Not a key of the table if a client was told to close; then `reason` tells why. */
function closeReasonOf(loss: LossCause | undefined, reason: CloseReason | undefined): SocketCloseReason {
  const ofLoss = loss === undefined ? undefined : (reasonOfLoss[loss] as SocketCloseReason | undefined);
  const ofClose = reason === undefined ? undefined : (reasonOfClose[reason] as SocketCloseReason | undefined);
  return ofLoss ?? ofClose ?? 'error';
}
