import { type ClientLibrary, clientLibraries } from '../attribution/client-library.js';

/**
 * The five things that keep connections of a library from leaking: they have a name, the kernel and the client check whether
 * the server is still there, their number is bounded, and they are closed.
 */
export const linePurposes = ['name', 'keepalive', 'healthCheck', 'pool', 'close'] as const;

/** @see linePurposes */
type LinePurpose = (typeof linePurposes)[number];

/** The lines of one library, in the order in which they stand in a program. */
export interface LibraryLines {
  /** Versions that have all of these options. */
  readonly versions: string;
  /** Language of the lines, as the fence of a code block names it. */
  readonly language: string;
  readonly lines: Readonly<Record<LinePurpose, string>>;
  /** Where the options are documented. */
  readonly docs: string;
}

/** Lines for each client library. Addresses, names and numbers are examples. */
export const libraryLines: Readonly<Record<ClientLibrary, LibraryLines>> = {
  'redis-py': {
    versions: '3.4 and later',
    language: 'python',
    lines: {
      pool: 'pool = redis.BlockingConnectionPool.from_url(REDIS_URL, max_connections=20,',
      name: '    client_name="orders",',
      keepalive: '    socket_keepalive=True, socket_keepalive_options={socket.TCP_KEEPIDLE: 15},',
      healthCheck: '    health_check_interval=15)  # after 15 s without a command, PING first',
      close: 'client = redis.Redis(connection_pool=pool)  # one; at exit pool.disconnect()',
    },
    docs: 'https://redis.readthedocs.io/en/stable/connections.html',
  },
  jedis: {
    versions: '4.0 to 7 (from 8 on RedisClient.builder() takes the same two objects)',
    language: 'java',
    lines: {
      name: 'var client = DefaultJedisClientConfig.builder().clientName("orders").build();',
      keepalive: '// TCP keepalive is always on: sysctl net.ipv4.tcp_keepalive_time=60',
      healthCheck:
        'var pool = new ConnectionPoolConfig(); // PINGs idle connections every 30 s (testWhileIdle)',
      pool: 'pool.setMaxTotal(20); pool.setMaxWait(Duration.ofSeconds(5));',
      close:
        'try (var redis = new JedisPooled(new HostAndPort("redis-1", 6379), client, pool)) { run(redis); }',
    },
    docs: 'https://redis.io/docs/latest/develop/clients/jedis/connect/',
  },
  lettuce: {
    versions: '6.2.7 and later',
    language: 'java',
    lines: {
      name: 'var uri = RedisURI.builder().withHost("redis-1").withClientName("orders").build();',
      keepalive:
        'var alive = KeepAliveOptions.builder().enable().idle(ofSeconds(15)).interval(ofSeconds(5)).count(3).build();',
      healthCheck:
        'var unanswered = TcpUserTimeoutOptions.builder().enable().tcpUserTimeout(ofSeconds(30)).build();',
      pool: [
        'var client = RedisClient.create(uri); // one client and one connection for all threads, no pool',
        'client.setOptions(ClientOptions.builder().socketOptions(',
        '    SocketOptions.builder().keepAlive(alive).tcpUserTimeout(unanswered).build()).build());',
      ].join('\n'),
      close:
        'try (var connection = client.connect()) { run(connection.sync()); } finally { client.shutdown(); }',
    },
    docs: 'https://redis.github.io/lettuce/advanced-usage/#client-options',
  },
  redisson: {
    versions: '3.11 and later',
    language: 'java',
    lines: {
      name: 'config.useSingleServer().setAddress("redis://redis-1:6379").setClientName("orders")',
      keepalive: '    .setKeepAlive(true) // from 4.0 on config.setTcpKeepAlive(true)',
      healthCheck:
        '    .setPingConnectionInterval(15_000) // ms; a PING without an answer closes the connection',
      pool: '    .setConnectionPoolSize(20).setConnectionMinimumIdleSize(2);',
      close: 'var redisson = Redisson.create(config); // one; at exit redisson.shutdown()',
    },
    docs: 'https://redisson.pro/docs/configuration/',
  },
  'go-redis': {
    versions: 'v9.2 and later',
    language: 'go',
    lines: {
      name: 'rdb := redis.NewClient(&redis.Options{Addr: "redis-1:6379", ClientName: "orders",',
      keepalive:
        '\tDialer: (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext,',
      healthCheck: '\tConnMaxIdleTime: 30 * time.Second, // has no health check: idle connections are closed',
      pool: '\tPoolSize: 20, MaxActiveConns: 20, PoolTimeout: 5 * time.Second})',
      close: 'defer rdb.Close() // in main: one client for the program',
    },
    docs: 'https://pkg.go.dev/github.com/redis/go-redis/v9#Options',
  },
  'stackexchange.redis': {
    versions: '2.7.23 and later',
    language: 'csharp',
    lines: {
      name: 'var options = ConfigurationOptions.Parse("redis-1:6379,name=orders");',
      keepalive: 'options.KeepAlive = 15; // seconds: a message on an idle connection (default 60)',
      healthCheck:
        'options.HeartbeatConsistencyChecks = true; // with each heartbeat, a check of the connection',
      pool: 'var redis = await ConnectionMultiplexer.ConnectAsync(options); // one, static or a singleton: no pool',
      close: 'await redis.DisposeAsync(); // when the host stops',
    },
    docs: 'https://stackexchange.github.io/StackExchange.Redis/Configuration',
  },
  'node-redis': {
    versions: '5.8 and later',
    language: 'javascript',
    lines: {
      name: "const pool = createClientPool({ url: process.env.REDIS_URL, name: 'orders',",
      keepalive: '  socket: { keepAlive: true, keepAliveInitialDelay: 15_000 }, // ms',
      healthCheck: '  pingInterval: 15_000, commandOptions: { timeout: 5_000 } }, // ms',
      pool: '  { maximum: 20, acquireTimeout: 5_000 });',
      close: 'await pool.connect(); // one pool; at exit await pool.close()',
    },
    docs: 'https://github.com/redis/node-redis/blob/master/docs/client-configuration.md',
  },
  ioredis: {
    versions: '5.11 and later, through redis-hygiene/ioredis',
    language: 'javascript',
    lines: {
      name: "configure({ service: 'orders', // name=orders@<host>; import from 'redis-hygiene/ioredis'",
      keepalive: '  keepAliveMs: 15_000, // the default; ioredis 5 has none by itself',
      healthCheck: '  heartbeatIntervalMs: 15_000, // the default; ioredis has none',
      pool: '  limits: { connections: 20 } }); // the bound of the process',
      close: 'await defaultFactory().shutdown(); // at exit: closes every client',
    },
    docs: 'https://github.com/redis-hygiene/redis-hygiene/blob/main/docs/getting-started.md',
  },
  phpredis: {
    versions: '5.0 and later',
    language: 'php',
    lines: {
      pool: "$redis->pconnect('redis-1', 6379, 2.5); // one per worker: pm.max_children is the bound",
      name: "$redis->client('setname', 'orders');",
      keepalive: '$redis->setOption(Redis::OPT_TCP_KEEPALIVE, 1);',
      healthCheck:
        "ini_set('redis.pconnect.echo_check_liveness', '1'); // the default: ECHO before it is reused",
      close: '$redis->close(); // a persistent connection goes back to the worker; connect() closes it',
    },
    docs: 'https://github.com/phpredis/phpredis#pconnect-popen',
  },
  sidekiq: {
    versions: '7.0 and later',
    language: 'ruby',
    lines: {
      name: 'Sidekiq.configure_client { |config| config.redis = { url: ENV["REDIS_URL"], id: "orders",',
      keepalive: '  timeout: 3, # seconds; TCP keepalive is always on (redis-client: 120 s, then every 15 s)',
      healthCheck: '  reconnect_attempts: 1, # a connection that is found dead is replaced',
      pool: '  size: 5, pool_timeout: 1 } } # of each web process; a Sidekiq process takes its concurrency',
      close: 'at_exit { Sidekiq.redis_pool.shutdown(&:close) } # a Sidekiq process does so on TERM',
    },
    docs: 'https://github.com/sidekiq/sidekiq/wiki/Using-Redis',
  },
};

/** The heading of the lines: `redis-py 3.4 and later`. */
export function libraryHeading(library: ClientLibrary): string {
  return `${clientLibraries[library].title} ${libraryLines[library].versions}`;
}

/** The lines of a library, as they stand in a program. */
export function codeLinesOf(library: ClientLibrary): readonly string[] {
  return Object.values(libraryLines[library].lines).flatMap((code) => code.split('\n'));
}
