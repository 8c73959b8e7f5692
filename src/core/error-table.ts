/** What can go wrong in a service. */
export const runtimeErrors = {
  HYG_OPTION_UNKNOWN: {
    meaning: 'An option has a name that nothing reads.',
    remedy: 'Correct the name or remove the option; docs/options.md lists all of them.',
  },
  HYG_OPTION_TYPE: {
    meaning: 'An option has a value of the wrong type.',
    remedy: 'Pass a value of the expected type; values from the environment are strings and need Number(…).',
  },
  HYG_OPTION_RANGE: {
    meaning: 'A number lies outside the bounds of its option.',
    remedy: 'Choose a value within the bounds; docs/options.md gives the reason for each.',
  },
  HYG_URL_SCHEME: {
    meaning: 'A connection URL has a scheme that is not one of Redis.',
    remedy:
      'Use redis://, rediss:// (TLS) or unix://; for Valkey and other compatible servers use redis:// too.',
  },
  HYG_URL_INVALID: {
    meaning: 'A connection URL cannot be parsed.',
    remedy:
      'Write redis://[user[:password]@]host[:port][/db], with special characters of the password percent-encoded.',
  },
  HYG_SERVICE_MISSING: {
    meaning: 'No name for this service was given, and none was found in the environment.',
    remedy:
      'Pass { service: "orders" }, or set REDIS_HYGIENE_SERVICE or OTEL_SERVICE_NAME, or give the nearest package.json a name.',
  },
  HYG_IOREDIS_MISSING: {
    meaning: 'The peer dependency ioredis is not installed where redis-hygiene can load it.',
    remedy: 'Run npm install ioredis@6 (5.11 or later works too) in the package that uses redis-hygiene.',
  },
  HYG_IOREDIS_VERSION: {
    meaning: 'The installed ioredis is not of a supported version.',
    remedy: 'Install ioredis ^5.11 or ^6.',
  },
  HYG_IOREDIS_COPIES: {
    meaning:
      'Several copies of ioredis are installed. A client of one copy is no `instanceof Redis` of the other, and libraries then silently connect elsewhere.',
    remedy: 'Run npm ls ioredis, then npm dedupe, or pin one version with "overrides" in package.json.',
  },
  HYG_ALREADY_CONFIGURED: {
    meaning: 'configure() came after the default factory had been made.',
    remedy: 'Call configure() once, before the first client, in the first module that the service loads.',
  },
  HYG_AUTH_REFUSED: {
    meaning: 'The server refused the user name or password.',
    remedy:
      'Check username and password of the connection, and ACL LIST on the server. The client keeps trying with backoff, unless its retry strategy says to stop.',
  },
  HYG_CONNECT_FAILED: {
    meaning: 'A connection could not be opened, or did not open in time.',
    remedy:
      'Check that the server runs, that host and port are right and that no firewall is in between. The client keeps trying with backoff, unless its retry strategy says to stop.',
  },
  HYG_SERVER_FULL: {
    meaning:
      'The server has as many connections as it takes (`maxclients`, or its limit of open files). Told once for each time it is full; a command that waited for a connection for `connectTimeoutMs` is rejected with it, unless `maxRetriesPerRequest` is `null`.',
    remedy:
      'Connections that are open go on; the others come up by themselves when there is room. See who holds the slots: npx redis-hygiene doctor --wait 60s takes the first one that becomes free, and says who leaks. CONFIG SET maxclients makes room, if the server’s limit of open files (ulimit -n) allows it.',
  },
  HYG_NAME_REFUSED: {
    meaning: 'The server did not take the name of a connection, so CLIENT LIST cannot attribute it.',
    remedy:
      'Grant it: ACL SETUSER <user> +client|setname +client|getname +client|id. A proxy in between must pass CLIENT commands.',
  },
  HYG_STALLED: {
    meaning:
      'A command was given up: the server’s machine acknowledged it, and the server has not answered for `stallLimitMs`.',
    remedy:
      'It may have been executed, or may be yet: check before you send it again. Look at SLOWLOG GET and at the server’s host; raise stallLimitMs for commands that take longer.',
  },
  HYG_SENTINEL_UNREACHABLE: {
    meaning: 'A sentinel, or none of them, answered in time where the master is.',
    remedy:
      'Check that the sentinels run, that their addresses and sentinelPassword are right and that no firewall is in between. The client keeps asking with backoff, unless its retry strategy says to stop.',
  },
  HYG_MASTER_UNKNOWN: {
    meaning: 'The sentinels answer, but know no master of this name.',
    remedy: 'Correct `name`: SENTINEL MASTERS lists the names that a sentinel watches.',
  },
  HYG_REPLICA_UNAVAILABLE: {
    meaning: 'A replica was asked for, and the sentinels know none that is up.',
    remedy: 'Look at SENTINEL REPLICAS <name>; use role "master" if reads may go there.',
  },
  HYG_SUBSCRIBER_CLOSED: {
    meaning: 'Something was asked of a subscriber that has been closed, or has given up.',
    remedy: 'Make a new one with redis.subscriber(), and close it last.',
  },
  HYG_SUBSCRIBE_REFUSED: {
    meaning: 'The server refused a subscription.',
    remedy:
      'Grant it: ACL SETUSER <user> +subscribe +psubscribe +ssubscribe &<channel>. A shard channel must be asked of its own shard.',
  },
  HYG_LIMIT_CONNECTIONS: {
    meaning:
      'The budget of connections of this process (`limits.connections`) has no place left for what was asked.',
    remedy:
      'Share one client, or close those that are done: the lines named here hold the places. Raise limits.connections only as far as maxclients of the server allows; see docs/budget.md.',
  },
  HYG_ACQUIRE_TIMEOUT: {
    meaning:
      'No connection of a pool came free within `acquireTimeoutMs`. The message lists who holds them, longest first.',
    remedy:
      'Look at the holders: a lease that is never released, or slow work within one. Raise `max` only if all of them are busy with short work. Where no connection could be opened, the cause says why.',
  },
  HYG_POOL_FULL: {
    meaning: 'As many callers as `maxWaiting` allows wait for a connection of a pool already.',
    remedy:
      'Shed load before it reaches the pool, or shorten the work within a lease; the holders are listed.',
  },
  HYG_POOL_CLOSED: {
    meaning: 'A connection was asked of a pool that is closed, or was closed while the caller waited.',
    remedy: 'Stop the work that borrows before close() or shutdown(), or make a new pool.',
  },
  HYG_LEASE_ENDED: {
    meaning:
      'A client was used, or a lease released, after its lease had ended: the connection is somebody else’s now.',
    remedy: 'Await all work before the end of the lease, and release it once: pool.use() does both.',
  },
  HYG_LEASE_UNKNOWN: {
    meaning: 'Something was released that this pool has not lent.',
    remedy: 'Release the lease, or its client, to the pool that gave it.',
  },
  HYG_SHUT_DOWN: {
    meaning: 'A connection was asked for after shutdown() had begun, or a command still waited for one.',
    remedy: 'Stop the work that asks for connections before shutdown(), or make a new factory.',
  },
  HYG_ILLEGAL_MOVE: {
    meaning: 'A ledger entry was asked to make a move that its state does not allow.',
    remedy: 'This is a defect of redis-hygiene: please report it with the message and the stack.',
  },
  HYG_PRELOAD_NODE: {
    meaning: 'The preload runs on a version of Node that it does not know. The program runs without it.',
    remedy: 'Use Node 20.19 or later, or take redis-hygiene/register out of NODE_OPTIONS.',
  },
  HYG_PRELOAD_VERSION: {
    meaning:
      'The preload found a version of ioredis that it does not know: its connections are named, and nothing more.',
    remedy: 'Update ioredis, or the library that brings it along, to ^5.11 or ^6.',
  },
  HYG_PRELOAD_VARIABLE: {
    meaning: 'An environment variable of the preload cannot be used. Its default is.',
    remedy: 'Correct the variable; docs/preload.md lists all of them.',
  },
  HYG_PRELOAD_FAILED: {
    meaning: 'The preload could not enforce a client, which works as it would without the preload.',
    remedy:
      'The message says why. Options that ioredis takes and redis-hygiene refuses are in docs/options.md.',
  },
  HYG_PRELOAD_BUDGET: {
    meaning: 'The process has more connections than REDIS_HYGIENE_LIMITS_CONNECTIONS.',
    remedy: 'Look at the lines that the message names: one of them opens clients and does not close them.',
  },
  HYG_PRELOAD_SUSPECT: {
    meaning: 'One line of code has more clients open than REDIS_HYGIENE_LIMITS_PER_CALL_SITE.',
    remedy: 'Create the client once, when the process starts, and share it.',
  },
} as const satisfies Record<string, ErrorRow>;

/** What can go wrong on the command line. Nothing is tried again by itself there. */
export const doctorErrors = {
  HYG_CLI_USAGE: {
    meaning: 'The command line cannot be understood.',
    remedy: 'See redis-hygiene <command> --help.',
  },
  HYG_CLI_FILE: {
    meaning: 'A file could not be read, or does not hold what it should.',
    remedy: 'Check the path, the permissions and the content of the file.',
  },
  HYG_CLI_INTERRUPTED: {
    meaning: 'The command was stopped by a signal (Ctrl-C).',
    remedy: 'What was printed before is complete; run the command again for the rest.',
  },
  HYG_CLIENT_LIST_INVALID: {
    meaning: 'A text is no answer of CLIENT LIST.',
    remedy: 'Save one with: redis-cli CLIENT LIST > client-list. Each of its lines has addr=… in it.',
  },
  HYG_TARGET_UNREACHABLE: {
    meaning: 'A server could not be connected to, or did not answer in time.',
    remedy: 'Check host, port and TLS options, that the server runs, and that no firewall is in between.',
  },
  HYG_TARGET_FULL: {
    meaning: 'A server has as many connections as it takes (`maxclients`).',
    remedy:
      'Run the command with --wait 60s, or longer: it takes the first slot that becomes free, and works in that one connection.',
  },
  HYG_TARGET_AUTH: {
    meaning: 'A server refused the user name or password, or wants one.',
    remedy: 'Give them in the URL, or by --user and the environment variable REDISCLI_AUTH.',
  },
  HYG_TARGET_FOREIGN: {
    meaning: 'What answers at an address is no Redis, or wants TLS.',
    remedy: 'Check host and port; use rediss:// or --tls for a server that wants TLS.',
  },
  HYG_TARGET_PERMISSION: {
    meaning: 'The user may not run a command that is needed.',
    remedy: 'Grant it with the ACL line above; docs/acl.md lists what each command needs.',
  },
  HYG_TARGET_REPLY: {
    meaning: 'A server answered a command with an error, or with what is no answer to it.',
    remedy: 'Read the answer of the server above; some proxies and services take no CLIENT commands.',
  },
  HYG_KILL_UNSUPPORTED: {
    meaning: 'A server cannot close one connection by its id and address.',
    remedy: 'It needs Redis 2.8.12 or later, or a server that takes CLIENT KILL ID … ADDR … TYPE ….',
  },
  HYG_FLEET_INVALID: {
    meaning: 'A fleet file is not written as it should be.',
    remedy: 'Correct what is listed; docs/fleet-budget.md shows the format.',
  },
  HYG_ATTRIBUTION_SOURCE: {
    meaning: 'A source of names (Docker, Kubernetes, a hosts file) could not be asked.',
    remedy:
      'Check that it runs and that you may read it, or leave the option out: addresses are shown instead.',
  },
} as const satisfies Record<string, ErrorRow>;

/** What can go wrong while a project is prepared. Nothing has been written then. */
export const initErrors = {
  HYG_INIT_PACKAGE: {
    meaning: 'A folder has no package.json that can be worked with.',
    remedy:
      'Name the folder of a package: redis-hygiene init services/orders. npm init makes a package.json.',
  },
  HYG_INIT_MONOREPO: {
    meaning: 'A folder holds several packages, and none of them was named.',
    remedy:
      'Run it for each service: redis-hygiene init services/orders; docs/adopt.md shows the road for many.',
  },
  HYG_INIT_ENTRY: {
    meaning: 'The file that a service starts with cannot be read, or lies outside of its folder.',
    remedy: 'Name it with --entry, from the folder of its package.json: --entry src/main.ts.',
  },
  HYG_INIT_WRITE: {
    meaning: 'A file cannot be written, or was changed by somebody else in the meantime.',
    remedy: 'Check the permissions, then run the command again. What had been written was taken back.',
  },
} as const satisfies Record<string, ErrorRow>;

/** One row of the error table: what the code means, and what its reader should do. */
export interface ErrorRow {
  readonly meaning: string;
  readonly remedy: string;
}
