import { DEFAULT_ROLE, heartbeatRoles, parseConnectionName } from '../../identity/connection-name.js';
import type { ClientRow } from './client-row.js';

/** Silences of one interval ± 20 % are healthy, and one PING may be late or lost. */
const STALE_AFTER_HEARTBEATS = 3;

/**
 * A plain client is given longer, 2 minutes at 15 s: it may have been taken out of the heartbeat (`socketTimeout`), or
 * be somebody else's who names it alike, and then a PING was a health check of the application's.
 */
const PLAIN_STALE_AFTER_HEARTBEATS = 8;

/** The shortest silence after which the runtime pings: the interval − 20 %. */
const EARLIEST_HEARTBEAT = 0.8;

/** `age` and `idle` are cut to whole seconds, each by itself. */
const ROUNDING_SECONDS = 1;

/** Blocked, in MULTI, MONITOR, a replica, a master: none of them is pinged, or owed a command. */
const UNPINGED_FLAGS = /[bxOSM]/;

function isOfRuntime({ libName }: ClientRow): boolean {
  return libName === '' || libName.startsWith('ioredis');
}

/** Whether the last command can have been a heartbeat: none comes in the first moments of a connection. */
function endedInHeartbeat({ cmd, age, idle }: ClientRow, heartbeatSeconds: number): boolean {
  return cmd === 'ping' && age - idle + ROUNDING_SECONDS >= EARLIEST_HEARTBEAT * heartbeatSeconds;
}

/** The role of a row whose silence means something: one that redis-hygiene gives to what it pings. */
function pingedRole(row: ClientRow): string | undefined {
  if (row.name === '' || row.flags === '' || UNPINGED_FLAGS.test(row.flags) || row.multi >= 0)
    return undefined;
  const { role } = parseConnectionName(row.name) ?? { role: '' };
  return isOfRuntime(row) && heartbeatRoles.has(role) ? role : undefined;
}

/**
 * Whether a connection of redis-hygiene seems to be stale: it should have sent PING long ago if its peer were alive. For the
 * server a connection is idle when it neither took a command nor was sent anything (Redis 7.0: `lastinteraction` is set
 * in `writeToClient` too), and just such a silence makes the runtime ping. So it takes
 *
 * - a name of the contract with a role that redis-hygiene pings (not a word of the application's, not `library`), and no
 *   other library's `lib-name`;
 * - flags that are known, none of which says that it rightly waits (blocked, MULTI, MONITOR) or is a server's link;
 * - no sign of life for 3 heartbeats, or 8 for a plain client.
 */
export function looksStale(row: ClientRow, heartbeatSeconds: number): boolean {
  if (row.idle <= STALE_AFTER_HEARTBEATS * heartbeatSeconds) return false;
  const role = pingedRole(row);
  if (role === undefined) return false;
  return role !== DEFAULT_ROLE || row.idle > PLAIN_STALE_AFTER_HEARTBEATS * heartbeatSeconds;
}

/**
 * Whether it is provably stale, so that it may be closed: of a plain client, whose name others may use too, the last
 * command has to have been a heartbeat.
 *
 * What it cannot tell: a process that was stopped (a debugger, `docker pause`) as long, and a pool's or subscriber's
 * connection with a `socketTimeout`, which is never pinged.
 */
export function isStale(row: ClientRow, heartbeatSeconds: number): boolean {
  if (!looksStale(row, heartbeatSeconds)) return false;
  return pingedRole(row) !== DEFAULT_ROLE || endedInHeartbeat(row, heartbeatSeconds);
}

/** Whether it waits for messages. */
export function isSubscriber({ flags, sub, psub, ssub }: ClientRow): boolean {
  return flags.includes('P') || sub + psub + ssub > 0;
}

/** Whether it is silent by right: blocked, subscribed, in MULTI, MONITOR. */
export function mayBeSilent(row: ClientRow): boolean {
  return /[bxO]/.test(row.flags) || row.multi >= 0 || isSubscriber(row);
}

/** A handshake with TLS, AUTH and a ready check over a slow line, and `age` and `idle` cut to whole seconds. */
const HANDSHAKE_SECONDS = 3;

/** Whether nothing has been said over it since it was made. */
export function isSilentSinceMade({ age, idle }: ClientRow): boolean {
  return age - idle <= HANDSHAKE_SECONDS;
}

/** Whether it has not been used since it was made, and is not silent by right. */
export function isUnusedSinceMade(row: ClientRow): boolean {
  return isSilentSinceMade(row) && !mayBeSilent(row);
}

/** Younger connections may still be about to be used. */
export const SETTLED_SECONDS = 5;
