/** A row of the error table. */
export interface ErrorRow {
  /** What the code means. */
  readonly meaning: string;
  /** What the reader of the error should do. */
  readonly remedy: string;
}

/** Errors and warnings of a running service. */
export const runtimeErrors = {
  HYG_OPTION_UNKNOWN: {
    meaning: 'An option does not exist.',
    remedy: 'Correct the name or remove the option; docs/options.md lists all options.',
  },
  HYG_OPTION_TYPE: {
    meaning: 'An option has a value of the wrong type.',
    remedy: 'Pass a value of the expected type.',
  },
  HYG_OPTION_RANGE: {
    meaning: 'An option has a value that is not allowed; for a number, it lies outside of its bounds.',
    remedy: 'Choose an allowed value; docs/options.md lists the bounds and the reason for each.',
  },
  HYG_OPTION_THREW: {
    meaning:
      'A function that the application gave as an option has thrown. It is reported once for each function. In plain ioredis such an exception ends the process.',
    remedy:
      'Correct the function. Until then its default counts: ours for a retry strategy, no reconnect for `reconnectOnError`, the announced address for `natMap`.',
  },
  HYG_OBSERVER_THREW: {
    meaning:
      'Something that only observes has thrown: a subscriber of a channel, a logger, or a metrics library. The connections are not affected. A warning of the process tells it once for each of them.',
    remedy: 'Correct the code that the warning names.',
  },
  HYG_PEER_MISSING: {
    meaning: 'A package that an entry point works with is not installed where redis-hygiene can load it.',
    remedy:
      'Install the package that the message names. If it is installed, metrics take its object instead: `registerMetrics({ register })`, `recordMetrics({ meterProvider })`.',
  },
  HYG_PEER_VERSION: {
    meaning: 'A package that an entry point works with is installed in a version that it does not support.',
    remedy: 'Install a version that the message names.',
  },
  HYG_NEST_ROOT_MISSING: {
    meaning:
      'A module of Nest uses RedisHygieneModule.forFeature(), and no module uses forRoot() or forRootAsync().',
    remedy: 'Import RedisHygieneModule.forRoot({ … }) in the root module of the application, once.',
  },
  HYG_NEST_ROOT_TWICE: {
    meaning: 'Several modules of a Nest application use RedisHygieneModule.forRoot() or forRootAsync().',
    remedy:
      'Use one of them, once, in the root module; other modules use forFeature(). A second server needs a factory of its own: createRedisFactory() in a provider.',
  },
  HYG_NEST_CONFLICT: {
    meaning: 'Two modules of Nest ask forFeature() for the same name with different options.',
    remedy: 'Give them different names, or the same options: then both get one connection.',
  },
  HYG_BEFORE_FAILED: {
    meaning: 'A step of `before` of the shutdown hooks has failed. The error is the `cause`.',
    remedy: 'Correct the step. The connections to Redis were closed all the same, and the exit code is 1.',
  },
  HYG_BEFORE_LATE: {
    meaning: 'A step of `before` of the shutdown hooks did not end in time.',
    remedy:
      'Find out what the step waits for: open WebSockets, a long request, a job. Make that end sooner, or give it more time by `timeoutMs` of installShutdownHooks(), half of which is for `before`. The connections to Redis were closed all the same, and the exit code is 1.',
  },
  HYG_BULLMQ_OPTION: {
    meaning: 'The `connection` of the factory has an ioredis option that BullMQ refuses, or that breaks it.',
    remedy:
      'Leave the option out of the factory, and give it to the clients that need it: redis.client({ keyPrefix: "orders:" }). docs/bullmq.md describes what BullMQ needs.',
  },
  HYG_JOBS_UNFINISHED: {
    meaning: 'A worker of BullMQ was closed by force at shutdown, because its jobs had not ended in time.',
    remedy:
      'Another worker takes these jobs over when their locks have expired (`lockDuration`, 30 s), so they may run twice. Give them more time, with `closeTimeoutMs` and the timeoutMs of installShutdownHooks(), or make them shorter.',
  },
  HYG_BULLMQ_CLOSE_FAILED: {
    meaning: '`close()` of a worker, queue, queue events or flow producer of BullMQ has failed at shutdown.',
    remedy:
      'Read the `cause`. What else was tracked was closed, and so are the connections to Redis of the factory.',
  },
  HYG_BULLMQ_TRACK_LATE: {
    meaning:
      'A part of BullMQ was given to `track()` after `close()` of the connection had ended: the start of the application went on after it was told to stop. The part is closed at once.',
    remedy:
      'Nothing, if it was a shutdown. Else do not use a connection for BullMQ after its `close()`: make another one with hygienicConnection().',
  },
  HYG_METRIC_NAME_TAKEN: {
    meaning: 'A registry of Prometheus already has other metrics with names that redis-hygiene uses.',
    remedy: 'Pass another `prefix` to registerMetrics(), or a registry of its own.',
  },
  HYG_URL_SCHEME: {
    meaning: 'A connection URL has a scheme that redis-hygiene does not support.',
    remedy:
      'Use redis:// or valkey://, with TLS rediss:// or valkeys://, or unix:// for a socket; for other compatible servers use redis:// too.',
  },
  HYG_URL_INVALID: {
    meaning: 'A connection URL is empty or cannot be parsed.',
    remedy:
      'Check the variable that it comes from. Write redis://[user[:password]@]host[:port][/db], and percent-encode special characters in the password.',
  },
  HYG_SERVICE_MISSING: {
    meaning: 'No name was given for this service, and the environment does not contain one.',
    remedy:
      'Pass { service: "orders" }, or set REDIS_HYGIENE_SERVICE or OTEL_SERVICE_NAME, or add a name to the nearest package.json.',
  },
  HYG_IOREDIS_MISSING: {
    meaning: 'The peer dependency ioredis is not installed where redis-hygiene can load it.',
    remedy: 'Run npm install ioredis@6 (5.11 or later works too) in the package that uses redis-hygiene.',
  },
  HYG_IOREDIS_VERSION: {
    meaning: 'The installed version of ioredis is not supported.',
    remedy: 'Install ioredis ^5.11 or ^6.',
  },
  HYG_IOREDIS_COPIES: {
    meaning:
      'Several copies of ioredis are installed. A client of one copy is not an `instanceof Redis` of another copy, and some libraries then silently connect to a different server.',
    remedy:
      'Make all packages use your version, then install again: "overrides": { "ioredis": "$ioredis" } in package.json (npm, Bun), the same under overrides in pnpm-workspace.yaml (pnpm), or "resolutions": { "ioredis": "<your version>" } in package.json (Yarn). npm dedupe is not enough where a library names an exact version, as BullMQ 5 does. If one copy is part of a bundle, make ioredis external there.',
  },
  HYG_IOREDIS_MOCK: {
    meaning:
      'A test has put a mock in the place of ioredis, and the code under test uses a pool or a subscriber of redis-hygiene, which need real connections.',
    remedy:
      'Replace the pool or the subscriber itself in that test, or let the test use a server: docs/testing.md describes both.',
  },
  HYG_ALREADY_CONFIGURED: {
    meaning: 'configure() was called after the default factory had been created or configured.',
    remedy:
      'Call configure() once, before the first client is created, in the first module that the service loads.',
  },
  HYG_AUTH_REFUSED: {
    meaning: 'The server refused the user name or password.',
    remedy:
      'Check username and password of the connection, and run ACL LIST on the server. The client retries with backoff, unless its retry strategy stops it.',
  },
  HYG_CONNECT_FAILED: {
    meaning:
      'A connection could not be opened, or was not opened in time. With the reason SLOW, the server sends bytes, but has not finished the handshake `handshakeTimeoutMs` after its first bytes; the connection goes on waiting.',
    remedy:
      'Check that the server is running, that host and port are correct, and that no firewall blocks the connection. The client retries with backoff, unless its retry strategy stops it.',
  },
  HYG_DATABASE_REFUSED: {
    meaning:
      'A server has refused the database of a connection (SELECT). As in ioredis, a client then works in database 0. A pool does not lend such a connection.',
    remedy:
      'Correct `db`, or the path of the URL. The server has as many databases as its `databases` says (16), and the user needs the right `+select`.',
  },
  HYG_GAVE_UP: {
    meaning:
      'A client has lost its connection, or never had one, and its retry strategy has stopped it from dialling again. Its commands are rejected from now on.',
    remedy:
      'Return a number of milliseconds from retryStrategy for as long as the client should dial again, or create another client on this event. A process that cannot work without Redis may exit here.',
  },
  HYG_SERVER_FULL: {
    meaning:
      'The server has reached its limit of connections (`maxclients`, or its limit of open files). The error is reported once each time the server becomes full. A command that has waited `connectTimeoutMs` for a connection is rejected with this error, unless `maxRetriesPerRequest` is `null`.',
    remedy:
      'Open connections keep working; the others connect by themselves once there is room. To see which clients use the connections, run npx redis-hygiene doctor --wait 60s: it takes the first connection that becomes free, and reports leaks. To make room, run CONFIG SET maxclients, if the server’s limit of open files (ulimit -n) allows it.',
  },
  HYG_SERVER_LOADING: {
    meaning:
      'The server loads its data into memory, as after a restart, and runs no commands meanwhile. Commands wait. The error is reported once for each connection that waits.',
    remedy:
      'The connection is used as soon as the server has loaded. INFO persistence says how long that takes (loading_eta_seconds).',
  },
  HYG_NOT_READY: {
    meaning:
      '`ready()` has waited for its `timeoutMs`, and something that was opened is not ready. `details.missing` has its name, target, state and last failure.',
    remedy:
      'Read the last failure of each part that the message names: check the address, the credentials and the server, and raise `timeoutMs` if the server only takes long. Where no failure is known, the server has not answered yet.',
  },
  HYG_DECORATOR_TAKEN: {
    meaning:
      'The Fastify plugin cannot have its decorator (`fastify.redis`) for itself: it is registered twice, or another plugin, mostly `@fastify/redis`, has it.',
    remedy:
      'Register the plugin once, with several `clients`; remove `@fastify/redis`, whose clients become `clients` of the plugin; or pass another `decorator`. See docs/fastify.md.',
  },
  HYG_NAME_REFUSED: {
    meaning:
      'The server did not accept the name of a connection, so the owner is missing from its row in CLIENT LIST.',
    remedy:
      'Grant the permission: ACL SETUSER <user> +client|setname +client|getname +client|id. A proxy in front of the server must pass CLIENT commands on.',
  },
  HYG_STALLED: {
    meaning:
      'A command was rejected because the server had not answered for `stallLimitMs`, although its machine acknowledged the bytes of the command.',
    remedy:
      'The server may have executed the command, or may still do so: check before you send it again. Look at SLOWLOG GET and at the load of the server’s host; raise stallLimitMs if your commands take longer.',
  },
  HYG_SENTINEL_UNREACHABLE: {
    meaning: 'One sentinel or all of them did not answer in time when asked for the address of the master.',
    remedy:
      'Check that the sentinels are running, that their addresses and sentinelPassword are correct, and that no firewall blocks the connection. The client retries with backoff, unless its retry strategy stops it.',
  },
  HYG_MASTER_UNKNOWN: {
    meaning: 'The sentinels answer, but do not monitor a master of this name.',
    remedy: 'Correct `name`: SENTINEL MASTERS lists the names that a sentinel monitors.',
  },
  HYG_REPLICA_UNAVAILABLE: {
    meaning: 'A client wants a replica, and the sentinels do not know any replica that is up.',
    remedy: 'Check SENTINEL REPLICAS <name>; use role "master" if this client may read from the master.',
  },
  HYG_SUBSCRIBER_CLOSED: {
    meaning: 'A method was called on a subscriber that is closed or has given up reconnecting.',
    remedy: 'Create a new subscriber with redis.subscriber(), and do not use a subscriber after close().',
  },
  HYG_SUBSCRIBE_REFUSED: {
    meaning: 'The server refused a subscription.',
    remedy:
      'Grant the permission: ACL SETUSER <user> +subscribe +psubscribe +ssubscribe &<channel>. A shard channel must be subscribed to on the shard that it belongs to.',
  },
  HYG_LIMIT_CONNECTIONS: {
    meaning:
      'Opening the connections would exceed the connection budget of this process (`limits.connections`).',
    remedy:
      'Share one client, or close clients that are no longer needed: the message names the lines that opened the most connections. Raise limits.connections only as far as maxclients of the server allows; see docs/budget.md.',
  },
  HYG_ACQUIRE_TIMEOUT: {
    meaning:
      'No connection of a pool became free within `acquireTimeoutMs`. The message lists the current leases, longest first.',
    remedy:
      'Check the listed leases for one that is never released, or for slow work within a lease. Raise `max` only if all leases are busy with short work. If no connection could be opened, the cause of this error says why.',
  },
  HYG_POOL_FULL: {
    meaning: '`maxWaiting` callers already wait for a connection of a pool.',
    remedy:
      'Reject load before it reaches the pool, or shorten the work within a lease; the message lists the current leases.',
  },
  HYG_POOL_CLOSED: {
    meaning: 'A connection was requested from a closed pool, or the pool was closed while the caller waited.',
    remedy: 'Stop the work that uses the pool before you call close() or shutdown(), or create a new pool.',
  },
  HYG_WATCH_LOST: {
    meaning:
      'EXEC was called after the loss of the connection on which its WATCH was sent. The server forgets a WATCH with its connection, so the transaction would have been executed unguarded.',
    remedy: 'Repeat WATCH, the reads and the transaction, as after an EXEC that returned null.',
  },
  HYG_LEASE_ENDED: {
    meaning:
      'A leased client was used, or a lease was released, after the lease had ended. The connection may already be leased to another caller.',
    remedy: 'Await all work before the lease ends, and release the lease once: pool.use() does both.',
  },
  HYG_LEASE_UNKNOWN: {
    meaning: 'The released object is not a lease of this pool, nor the client of one.',
    remedy: 'Pass the lease or its client to the pool that it came from.',
  },
  HYG_SHUT_DOWN: {
    meaning:
      'A connection was requested after shutdown() had begun, or a command was still waiting for a connection.',
    remedy: 'Stop the work that requests connections before you call shutdown(), or create a new factory.',
  },
  HYG_ILLEGAL_MOVE: {
    meaning: 'A ledger entry was told to change to a state that cannot follow its current state.',
    remedy: 'This is a bug in redis-hygiene: please report it with the message and the stack.',
  },
  HYG_CONNECTIONS_OPEN: {
    meaning:
      'A test, or a test file, has left connections open, or leases of pools unreleased. The message names the line that opened each of them. `details` holds their whole call sites.',
    remedy:
      'Close what a test opens: quit() for a client, close() for a subscriber or a pool, shutdown() for a factory. Connections that are meant to stay open are left out by the option `ignore`; see docs/testing.md.',
  },
  HYG_TEST_HOOKS: {
    meaning: 'trackConnections() has found no hooks of a test runner.',
    remedy:
      'Call it in a setup file of vitest, Jest or node:test. If the hooks are not global, as in vitest without `globals`, import them and pass them: trackConnections({ beforeAll, afterAll, beforeEach, afterEach }). Run a test file of node:test by `node --test`, or pass the hooks of node:test in the same way.',
  },
  HYG_PRELOAD_NODE: {
    meaning: 'The preload does not support this version of Node. The program runs without it.',
    remedy: 'Use Node 20.19 or later, or remove redis-hygiene/register from NODE_OPTIONS.',
  },
  HYG_PRELOAD_VERSION: {
    meaning:
      'The preload found a version of ioredis that it does not support. It names the connections of that version, but enforces nothing else.',
    remedy: 'Update ioredis, or the library that depends on it, to ^5.11 or ^6.',
  },
  HYG_VARIABLE: {
    meaning: 'An environment variable of redis-hygiene has an invalid value. Its default is used instead.',
    remedy: 'Correct the variable; docs/preload.md lists all variables.',
  },
  HYG_PRELOAD_FAILED: {
    meaning: 'The preload could not enforce a client. The client works as it would without the preload.',
    remedy:
      'The message gives the reason. docs/options.md lists the options that ioredis accepts and redis-hygiene refuses.',
  },
  HYG_PRELOAD_BUDGET: {
    meaning: 'The process has more connections than REDIS_HYGIENE_LIMITS_CONNECTIONS.',
    remedy: 'Check the lines that the message names: one of them opens clients and does not close them.',
  },
  HYG_PRELOAD_SUSPECT: {
    meaning: 'One line of code has more open clients than REDIS_HYGIENE_LIMITS_PER_CALL_SITE.',
    remedy: 'Create the client once, when the process starts, and share it.',
  },
} as const satisfies Record<string, ErrorRow>;

/** Errors of the command line, except those of `init`. The commands do not retry by themselves. */
export const doctorErrors = {
  HYG_CLI_USAGE: {
    meaning: 'The arguments of a command are invalid.',
    remedy: 'Add --help to the command to see its options.',
  },
  HYG_CLI_FILE: {
    meaning: 'A file could not be read, or its content is not what was expected.',
    remedy: 'Check the path, the permissions and the content of the file.',
  },
  HYG_CLI_INTERRUPTED: {
    meaning: 'The command was stopped by a signal (Ctrl-C).',
    remedy: 'The output so far is complete; run the command again for the rest.',
  },
  HYG_CLIENT_LIST_INVALID: {
    meaning: 'A text is not a reply to CLIENT LIST.',
    remedy: 'Save a reply with: redis-cli CLIENT LIST > client-list. Each of its lines contains addr=….',
  },
  HYG_TARGET_UNREACHABLE: {
    meaning: 'The connection to a server failed, or the server did not answer in time.',
    remedy:
      'Check host, port and TLS options, that the server is running, and that no firewall blocks the connection.',
  },
  HYG_TARGET_FULL: {
    meaning: 'A server has reached its limit of connections (`maxclients`).',
    remedy:
      'Run the command with --wait 60s, or longer: it takes the first connection that becomes free, and uses only that one.',
  },
  HYG_TARGET_AUTH: {
    meaning: 'A server refused the user name or password, or requires one.',
    remedy:
      'Pass them with --user and the environment variable REDISCLI_AUTH, or in the URL of REDIS_URL; those of sentinels with --sentinel-user and REDIS_SENTINEL_AUTH. Arguments are visible in the process list.',
  },
  HYG_TARGET_OUTSIDE: {
    meaning: 'A server names other servers that are outside of its network, or too many.',
    remedy:
      'Check that they are yours: --follow asks them too, with the same credentials. --no-cluster asks the given nodes only.',
  },
  HYG_TARGET_FOREIGN: {
    meaning: 'The server at an address is not a Redis server, or requires TLS.',
    remedy: 'Check host and port; use rediss:// or --tls for a server that requires TLS.',
  },
  HYG_TARGET_PERMISSION: {
    meaning: 'The user does not have the permission to run a required command.',
    remedy: 'Grant it with the ACL line above; docs/acl.md lists what each command needs.',
  },
  HYG_TARGET_REPLY: {
    meaning: 'A server answered a command with an error, or with an unexpected reply.',
    remedy: 'Read the server’s reply above; some proxies and services do not support CLIENT commands.',
  },
  HYG_KILL_UNSUPPORTED: {
    meaning: 'A server cannot close a single connection by its id and address.',
    remedy: 'Use Redis 2.8.12 or later, or a server that supports CLIENT KILL ID … ADDR … TYPE ….',
  },
  HYG_FLEET_INVALID: {
    meaning: 'A fleet file has an invalid format.',
    remedy: 'Correct the listed lines; docs/fleet-budget.md describes the format.',
  },
  HYG_ATTRIBUTION_SOURCE: {
    meaning: 'A source of names (Docker, Kubernetes) could not be read.',
    remedy:
      'Check that the source is available and that you have permission to read it, or omit the option: the output then shows addresses instead of names.',
  },
} as const satisfies Record<string, ErrorRow>;

/** Errors of `init`. The project is unchanged when one of them is reported. */
export const initErrors = {
  HYG_INIT_PACKAGE: {
    meaning: 'A folder has no package.json, or one that cannot be used.',
    remedy:
      'Pass the folder of a package: redis-hygiene init services/orders. Run npm init to create a package.json.',
  },
  HYG_INIT_MONOREPO: {
    meaning: 'A folder contains several packages, and no single package was named.',
    remedy:
      'Run the command for each service: redis-hygiene init services/orders; docs/adopt.md describes how to adopt many services.',
  },
  HYG_INIT_ENTRY: {
    meaning: 'The entry file of a service cannot be read, or lies outside of its folder.',
    remedy: 'Pass it with --entry, relative to the folder of its package.json: --entry src/main.ts.',
  },
  HYG_INIT_WRITE: {
    meaning: 'A file cannot be written, or was changed by another program in the meantime.',
    remedy:
      'Check the permissions, then run the command again. Changes that had already been written were rolled back.',
  },
} as const satisfies Record<string, ErrorRow>;
