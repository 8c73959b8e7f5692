import { parseConnectionName } from '../../identity/name.js';
import type { ClientRow } from './row.js';

/**
 * Roles that only redis-hygiene gives, to clients that it pings itself. Not `command`: `options()` gives it to clients
 * of libraries, which nobody pings. Not `monitor`: it is never pinged.
 */
const PINGED_ROLES: ReadonlySet<string> = new Set(['subscriber', 'sentinel', 'pool', 'blocking', 'cluster']);

/** Silences of one interval ± 20 % are healthy, and one PING may be late or lost. */
const STALE_AFTER_HEARTBEATS = 3;

/**
 * Where only the last command tells of the heartbeat, it may have been the application's own, of a client that a
 * library made. At 15 s these are 2 minutes: more than the pause between two health checks.
 */
const STALE_AFTER_HEARTBEATS_BY_PING = 8;

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

function patienceInHeartbeats(row: ClientRow, role: string, heartbeatSeconds: number): number {
  if (PINGED_ROLES.has(role)) return STALE_AFTER_HEARTBEATS;
  return endedInHeartbeat(row, heartbeatSeconds) ? STALE_AFTER_HEARTBEATS_BY_PING : Infinity;
}

/**
 * Whether a connection of redis-hygiene is provably stale: it would have sent PING long ago if its peer were alive. For the server
 * a connection is idle when it neither took a command nor was sent anything (Redis 7.0: `lastinteraction` is set in
 * `writeToClient` too), and just such a silence makes the runtime ping. So it takes
 *
 * - a name of the contract, and no other library's `lib-name`;
 * - flags that are known, none of which says that it rightly waits (blocked, MULTI, MONITOR) or is a server's link;
 * - proof that the runtime pings it: a role that it gives to its own clients, or PING as the last command;
 * - no sign of life for 3 heartbeats, or 8 where PING is the only proof.
 *
 * What it cannot tell: a process that was stopped (a debugger, `docker pause`) as long, and a client with a role of
 * ours that has a `socketTimeout` or was built from `options(role)`, which are never pinged.
 */
export function isStale(row: ClientRow, heartbeatSeconds: number): boolean {
  if (row.name === '' || row.idle <= STALE_AFTER_HEARTBEATS * heartbeatSeconds) return false;
  const parts = parseConnectionName(row.name);
  if (!parts || row.flags === '' || UNPINGED_FLAGS.test(row.flags) || row.multi >= 0) return false;
  if (!isOfRuntime(row)) return false;
  return row.idle > patienceInHeartbeats(row, parts.role, heartbeatSeconds) * heartbeatSeconds;
}
