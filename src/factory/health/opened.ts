import type { PlainClientState } from '../../connect/client/plain-clients.js';
import type { ClusterState } from '../../connect/cluster/cluster-nodes.js';
import type { Clock } from '../../core/clock.js';
import {
  type ConnectionFacts,
  type ConnectionHealth,
  type StateKind,
  UNMEASURED_HEALTH,
} from '../../ledger/connection.js';
import type { LedgerEntry } from '../../ledger/ledger.js';
import type { Settings } from '../../options/settings.js';
import type { Pool } from '../../pool/pool.js';
import type { OpenSubscriber } from '../../subscriber/subscriber.js';
import type { RecentFailures } from '../recent-failures.js';

/** Everything that a factory has opened, for its health and its readiness. */
export interface OpenedPorts {
  readonly clock: Clock;
  readonly settings: Settings;
  /** Whether shutdown() has not begun. */
  readonly isOpen: () => boolean;
  readonly entries: () => readonly LedgerEntry[];
  /** What is left to ioredis, with `REDIS_HYGIENE=off`. */
  readonly plainClients: () => readonly PlainClientState[];
  readonly clusters: () => readonly ClusterState[];
  readonly pools: () => readonly Pool[];
  readonly subscribers: () => readonly OpenSubscriber[];
  readonly failures: Pick<RecentFailures, 'lastOf' | 'lastOfName' | 'lostClients'>;
}

/** A connection, as health and readiness judge it. */
export interface OpenedConnection extends Pick<ConnectionFacts, 'name' | 'role' | 'target'> {
  readonly state: StateKind;
  /** When this state began, in milliseconds since the epoch. `undefined` if only ioredis knows. */
  readonly since: number | undefined;
  /** Number of dials. */
  readonly dials: number;
  readonly health: ConnectionHealth;
  /** The last failure of its name and target since one was ready. */
  readonly failure: Error | undefined;
  /** Sends PING. `undefined` if the connection cannot be asked now. */
  ping(): Promise<unknown> | undefined;
}

export function openedFromEntry(
  entry: LedgerEntry,
  failures: Pick<RecentFailures, 'lastOf'>,
): OpenedConnection {
  const { handle } = entry;
  const { name, role, target, state, since, dials } = entry.info();
  const health = handle.health();
  return {
    ...{ name, role, target, state, since, dials, health },
    failure: health.databaseRefusal ?? failures.lastOf({ name, target }),
    ping: () => handle.ping(),
  };
}

/** A client that is left to ioredis is not pinged, because its hooks would see the PING. */
function openedFromPlain(client: PlainClientState): OpenedConnection {
  return {
    ...client,
    since: undefined,
    dials: 1,
    health: UNMEASURED_HEALTH,
    failure: undefined,
    ping: () => undefined,
  };
}

/** All connections of a factory. */
export function listOpened({ entries, plainClients, failures }: OpenedPorts): OpenedConnection[] {
  return [
    ...entries().map((entry) => openedFromEntry(entry, failures)),
    ...plainClients().map(openedFromPlain),
  ];
}

/**
 * Whether the handshake is done, as far as it is known: more is not known of a library's client than that it is connected.
 */
function isConnected({ state, health: { user } }: OpenedConnection): boolean {
  return state === 'ready' || (user === 'library' && state === 'connected');
}

/** Whether the connection works in a database that the application has not asked for. */
export function isInWrongDatabase(connection: OpenedConnection): boolean {
  return isConnected(connection) && connection.health.databaseRefusal !== undefined;
}

/** Whether commands can be sent, and run in the database that the application has asked for. */
export function isUsable(connection: OpenedConnection): boolean {
  return isConnected(connection) && !isInWrongDatabase(connection);
}

/** Whether a connection was lost or could not be opened, and is dialled again. Its first dial is no trouble. */
export function isInTrouble(connection: OpenedConnection): boolean {
  return connection.state === 'reconnecting' || (connection.dials > 1 && !isConnected(connection));
}
