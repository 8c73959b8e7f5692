import type { Labels } from '../factory/event-counts.js';
import type { CloseReason, LossCause, StateKind } from '../ledger/connection.js';
import { type socketCloseReasons, zerosOf } from './event-samples.js';
import type { PoolStatistics } from '../pool/pool-report.js';
import type { MetricSource, ObservedConnection } from './metric-source.js';
import { keyOf, pickLabels, PLACE, type Sample } from './samples.js';

/** States in which a connection has a socket, so that the server has a row for it in CLIENT LIST. */
const STATES_WITH_SOCKET: readonly (StateKind | undefined)[] = ['connected', 'ready'];

const hasSocket = ({ state }: ObservedConnection): boolean => STATES_WITH_SOCKET.includes(state);

/** Whether commands can be sent. More is not known of a library's client than that it is connected. */
const isReady = ({ state, user }: ObservedConnection): boolean =>
  state === 'ready' || (state === 'connected' && user === 'library');

/** Whether the socket is up, and the commands of the handshake are in flight. */
const isInHandshake = (connection: ObservedConnection): boolean =>
  hasSocket(connection) && !isReady(connection);

/**
 * Connections with a socket, by the states of OpenTelemetry. A pool's connection is `used` while it is leased or reset. Any
 * other connection is shared by many callers, and `used` while commands are in flight. Both are `used` in their handshake.
 */
export function socketStates({ connections, pools }: MetricSource): readonly Sample[] {
  const sockets = connections.filter(hasSocket);
  const shared = sockets.filter(({ user }) => user !== 'pool');
  const pooled = groupByLabels(sockets.filter(({ user }) => user === 'pool'));
  return [
    ...shared.map((connection) => {
      const isUsed = connection.isInUse || isInHandshake(connection);
      return stateSample(connection.labels, isUsed ? 'used' : 'idle', 1);
    }),
    ...[...pooled].flatMap(([key, { labels, count, inHandshake }]) => {
      const own = pools.filter((pool) => keyOf(pool.labels) === key).map(({ statistics }) => statistics);
      const sum = (read: (statistics: PoolStatistics) => number) =>
        own.reduce((total, statistics) => total + read(statistics), 0);
      // A lost connection may be dialled again while it is leased. Such a handshake is not counted a second time.
      const opening = Math.min(
        inHandshake,
        sum(({ connecting }) => connecting),
      );
      // A connection may be lost, and still be with its borrower.
      const used = Math.min(sum(({ used, resetting }) => used + resetting) + opening, count);
      return [stateSample(labels, 'used', used), stateSample(labels, 'idle', count - used)];
    }),
  ];
}

interface PooledConnections {
  readonly labels: Labels;
  count: number;
  inHandshake: number;
}

/** Number of connections for each set of labels. */
function groupByLabels(connections: readonly ObservedConnection[]): ReadonlyMap<string, PooledConnections> {
  const groups = new Map<string, PooledConnections>();
  for (const connection of connections) {
    const { labels } = connection;
    const key = keyOf(labels);
    const group = groups.get(key) ?? { labels, count: 0, inHandshake: 0 };
    groups.set(key, group);
    group.count += 1;
    if (isInHandshake(connection)) group.inHandshake += 1;
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

/** Connections whose commands the server answers, as far as is known. A 0 for those that have none. */
export function usableConnections({ connections }: MetricSource): readonly Sample[] {
  return countIf(connections, (connection) => isReady(connection) && !connection.isStalled);
}

/** Connections whose server does not answer. */
export function stalledConnections({ connections }: MetricSource): readonly Sample[] {
  return countIf(connections, ({ isStalled }) => isStalled);
}

/** Connections whose server is full, so that they wait to be dialled. */
export function waitingConnections({ connections }: MetricSource): readonly Sample[] {
  return countIf(connections, ({ isServerFull }) => isServerFull);
}

function countIf(
  connections: readonly ObservedConnection[],
  condition: (connection: ObservedConnection) => boolean,
): readonly Sample[] {
  return connections.map((connection) => ({
    labels: connection.labels,
    value: condition(connection) ? 1 : 0,
  }));
}

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

/** Sockets that closed: the moves from a state with a socket to one without. Only a pool closes idle ones. */
export function closedSockets({ events, poolTotals }: MetricSource): readonly Sample[] {
  const closed = events
    .filter(({ event, labels: { from } }) => {
      return (
        (event === 'reconnecting' || event === 'closed') && STATES_WITH_SOCKET.includes(from as StateKind)
      );
    })
    .map(({ labels, count }) => {
      const reason = closeReasonOf(labels['loss'] as LossCause, labels['reason'] as CloseReason);
      return { labels: { ...pickLabels(labels, PLACE), reason }, value: count };
    });
  const evictions = poolTotals.map(({ labels }) => ({
    labels: { ...pickLabels(labels, PLACE), reason: 'pool_eviction_idle' },
    value: 0,
  }));
  const zeros = zerosOf(events, [...PLACE, 'reason']).filter(
    ({ labels: { reason } }) => reason !== 'pool_eviction_idle',
  );
  return [...zeros, ...evictions, ...closed];
}

/** What the application has asked for. A library's client is closed by its socket alone, which then looks lost. */
const askedFor: readonly (CloseReason | undefined)[] = ['application', 'shutdown'];

/** @param loss Not a key of the table if a client was told to close; then `reason` tells why. */
function closeReasonOf(loss: LossCause | undefined, reason: CloseReason | undefined): SocketCloseReason {
  const ofLoss = loss === undefined ? undefined : (reasonOfLoss[loss] as SocketCloseReason | undefined);
  const ofClose = reason === undefined ? undefined : (reasonOfClose[reason] as SocketCloseReason | undefined);
  return (askedFor.includes(reason) ? ofClose : ofLoss) ?? ofClose ?? 'error';
}
