import { DEFAULT_ROLE, heartbeatRoles, parseConnectionName } from '../../identity/connection-name.js';
import type { ClientRow } from './client-row.js';

/** Heartbeats of silence after which a connection is stale. One interval ± 20 % is healthy, and one PING may be late or lost. */
const STALE_AFTER_HEARTBEATS = 3;

/**
 * The limit for plain clients, 2 minutes at 15 s. A plain client may be excluded from the heartbeat (`socketTimeout`), or
 * another program may use the same name; then a PING was a health check of the application.
 */
const PLAIN_STALE_AFTER_HEARTBEATS = 8;

/** The shortest silence after which the runtime sends PING, as a share of the interval: the interval − 20 %. */
const EARLIEST_HEARTBEAT_SHARE = 0.8;

/** `age` and `idle` are each rounded down to whole seconds. */
const ROUNDING_SECONDS = 1;

/** Flags of connections that the runtime does not ping: blocked, in MULTI, in MONITOR, a replica, a master. */
const UNPINGED_FLAGS = /[bxOSM]/;

/**
 * Whether a connection of redis-hygiene seems to be stale: its client, if alive, would have sent PING long ago. A server
 * counts a connection as idle if it neither received a command nor sent data (Redis 7.0 also sets `lastinteraction` in
 * `writeToClient`), and this is the silence after which the runtime pings. A stale row has
 *
 * - a connection name in our format with a role that redis-hygiene pings (neither a role of the application nor `library`),
 *   and no `lib-name` of another library;
 * - known flags, none of which permits silence (blocked, MULTI, MONITOR) or marks a link between servers;
 * - no activity for more than 3 heartbeats, or 8 for a plain client.
 */
export function looksStale(row: ClientRow, heartbeatSeconds: number): boolean {
  if (row.idle <= STALE_AFTER_HEARTBEATS * heartbeatSeconds) return false;
  const role = pingedRole(row);
  if (role === undefined) return false;
  return role !== DEFAULT_ROLE || row.idle > PLAIN_STALE_AFTER_HEARTBEATS * heartbeatSeconds;
}

/**
 * Whether a connection is provably stale, so that it may be closed. Other programs may use the name of a plain client, so
 * there the last command must have been a heartbeat.
 *
 * Two cases look the same and cannot be told apart: a process that was suspended for as long (a debugger, `docker pause`),
 * and a connection of a pool or subscriber with a `socketTimeout`, which is never pinged.
 */
export function isStale(row: ClientRow, heartbeatSeconds: number): boolean {
  if (!looksStale(row, heartbeatSeconds)) return false;
  return pingedRole(row) !== DEFAULT_ROLE || endedInHeartbeat(row, heartbeatSeconds);
}

/** The role of a connection that redis-hygiene pings; `undefined` if silence of this connection means nothing. */
function pingedRole(row: ClientRow): string | undefined {
  if (row.name === '' || row.flags === '' || UNPINGED_FLAGS.test(row.flags) || row.multi >= 0)
    return undefined;
  const { role } = parseConnectionName(row.name) ?? { role: '' };
  return mayBeIoredis(row) && heartbeatRoles.has(role) ? role : undefined;
}

function mayBeIoredis({ libName }: ClientRow): boolean {
  return libName === '' || libName.startsWith('ioredis');
}

/** Whether the last command can have been a heartbeat. The first heartbeat comes about one interval after the connect. */
function endedInHeartbeat({ cmd, age, idle }: ClientRow, heartbeatSeconds: number): boolean {
  return cmd === 'ping' && age - idle + ROUNDING_SECONDS >= EARLIEST_HEARTBEAT_SHARE * heartbeatSeconds;
}

/** Whether a connection is subscribed to channels or patterns. */
export function isSubscriber({ flags, sub, psub, ssub }: ClientRow): boolean {
  return flags.includes('P') || sub + psub + ssub > 0;
}

/** Whether silence is normal for a connection: it is blocked, subscribed, in MULTI or in MONITOR. */
export function mayBeSilent(row: ClientRow): boolean {
  return /[bxO]/.test(row.flags) || row.multi >= 0 || isSubscriber(row);
}

/** Duration of a handshake with TLS, AUTH and a ready check over a slow network, with `age` and `idle` in whole seconds. */
const HANDSHAKE_SECONDS = 3;

/** Whether nothing was sent over a connection after its handshake. */
export function isSilentSinceMade({ age, idle }: ClientRow): boolean {
  return age - idle <= HANDSHAKE_SECONDS;
}

/** Whether a connection was never used after its handshake, although silence is not normal for it. */
export function isUnusedSinceMade(row: ClientRow): boolean {
  return isSilentSinceMade(row) && !mayBeSilent(row);
}

/** Age from which an unused connection counts as unused. A younger one may be about to be used. */
export const SETTLED_SECONDS = 5;
