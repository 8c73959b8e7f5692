import { DEFAULT_ROLE, heartbeatRoles, parseConnectionName } from '../../identity/connection-name.js';
import type { ClientRow } from './client-row.js';

/** Heartbeats of silence after which a connection is stale. One interval ± 20 % is healthy, and one PING may be late or lost. */
const STALE_AFTER_HEARTBEATS = 3;

/** The limit for plain clients, 2 minutes at 15 s: another program may use a name of the same form. */
const PLAIN_STALE_AFTER_HEARTBEATS = 8;

/** Flags of connections that the runtime does not ping: blocked, in MULTI, in MONITOR, a replica, a master. */
const UNPINGED_FLAGS = /[bxOSM]/;

/**
 * Whether a connection of redis-hygiene looks stale: its client, if it runs, would have sent PING long ago. That is no proof
 * that the client is gone, because a process that was suspended looks the same, and so does every client when the clock of
 * the server jumps. A server counts a connection as idle if it neither received a command nor sent data (Redis 7.0 also sets
 * `lastinteraction` in `writeToClient`), and this is the silence after which the runtime pings. A row that looks stale has
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
 * Whether a connection is known to be one that redis-hygiene pings: by a role that it alone gives, or by the `lib-name` of
 * ioredis. A name like `orders@web-1` alone is not enough, because other programs use names of that form.
 */
export function sendsHeartbeat(row: ClientRow): boolean {
  const role = pingedRole(row);
  return role !== undefined && (role !== DEFAULT_ROLE || row.libName.startsWith('ioredis'));
}

/** The role of a connection that redis-hygiene pings; `undefined` if silence of this connection means nothing. */
export function pingedRole(row: ClientRow): string | undefined {
  if (row.name === '' || row.flags === '' || UNPINGED_FLAGS.test(row.flags) || row.multi >= 0)
    return undefined;
  const { role } = parseConnectionName(row.name) ?? { role: '' };
  return mayBeIoredis(row) && heartbeatRoles.has(role) ? role : undefined;
}

function mayBeIoredis({ libName }: ClientRow): boolean {
  return libName === '' || libName.startsWith('ioredis');
}

/** Whether a connection is subscribed to channels or patterns. */
export function isSubscriber({ flags, sub, psub, ssub }: ClientRow): boolean {
  return flags.includes('P') || sub + psub + ssub > 0;
}

/** Duration of a handshake with TLS, AUTH and a ready check over a slow network, with `age` and `idle` in whole seconds. */
const HANDSHAKE_SECONDS = 3;

/** Whether nothing was sent over a connection after its handshake. */
export function isSilentSinceMade({ age, idle }: ClientRow): boolean {
  return age - idle <= HANDSHAKE_SECONDS;
}

/** Age from which an unused connection counts as unused. A younger one may be about to be used. */
export const SETTLED_SECONDS = 5;
