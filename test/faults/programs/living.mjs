// One process with living connections of many kinds: opens them on request, keeps them, and reports each loss.
// argv: service, host ('' for the kind's name), and the addresses of the servers as JSON: { redis, clocked, sentinel, cluster }.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRedisFactory } from 'redis-hygiene';
import { Redis as DropIn, configure } from 'redis-hygiene/ioredis';

const { Redis } = createRequire(import.meta.url)('ioredis');
const [service, host] = process.argv.slice(2);
const servers = JSON.parse(process.argv[4]);

const SLOW = { heartbeatIntervalMs: 60_000 };
const STEP_MS = 25_000;
const SOCKET_TIMEOUT_MS = 5_000;
const limits = { connections: 1_000, perCallSite: 1_000 };
const LOSSES = ['reconnecting', 'closed', 'stale', 'error'];

const report = (event, client, detail) =>
  process.connected && process.send({ event, client, at: Date.now(), detail });

function createFactory(kind, options = {}) {
  const factory = createRedisFactory({ service, host: host || kind, limits, ...options });
  for (const event of LOSSES) {
    factory.on(event, ({ connection, code, message, cause, reason }) => {
      // A Cluster and a Sentinel client open connections for one question, and close them themselves.
      if (event === 'closed' && reason === 'application') return;
      report(event, kind, { role: connection?.role, code, message, cause, reason });
    });
  }
  return factory;
}

/** Reports when a client of ioredis loses its socket. */
function watch(kind, client) {
  client.on('close', () => report('close', kind));
  client.on('error', () => undefined);
  return client;
}

/** Starts a command that waits on the server. */
const wait = (promise) =>
  void promise.catch((error) => report('rejected', 'blocking', { message: error.message }));

async function openTransaction(client) {
  await client.multi({ pipeline: false });
  await client.set('step', 0);
  return client;
}

/** What every process opens on a server, with the defaults unless `options` say otherwise. */
async function openUsual({ kind, address, options }) {
  const factory = createFactory(kind, { connection: address, ...options });
  await watch(kind, factory.client()).ping();
  const pool = factory.pool({ max: 2, idleTimeoutMs: 3_600_000 });
  const leases = [await pool.acquire(), await pool.acquire()];
  for (const { client } of leases) await client.ping();
  await leases[1].release(); // stays open and idle, beside the lease that is held
  await factory.subscriber().subscribe('news');
  const blocking = await factory.blocking(1).acquire();
  wait(blocking.client.blpop('nothing', 0));
}

/** A client that follows a master, with its watcher on the sentinel, and a subscriber of the sentinel itself. */
async function openWatchers({ kind, options }) {
  const factory = createFactory(kind, options);
  const { sentinel } = servers;
  await watch(kind, factory.client({ sentinels: [sentinel], name: 'mymaster' })).ping();
  await factory.subscriber({ connection: sentinel }).subscribe('+switch-master');
}

/** A subclass that copies itself from its own options. */
class Own extends DropIn {
  duplicate(override) {
    return new Own({ ...this.options, ...override });
  }
}
let isConfigured = false;

const kinds = {
  usual: (home) => openUsual(home),
  watchers: (home) => openWatchers(home),
  /** A subscriber whose messages pile up while its process is stopped. */
  async flooded({ kind, address }) {
    await createFactory(kind, { connection: address }).subscriber().subscribe('flood');
  },
  'slow-heartbeat': (home) => openUsual({ ...home, options: SLOW }),
  async transaction({ kind, address }) {
    const factory = createFactory(kind, { connection: address });
    await openTransaction(watch(kind, factory.client()));
    const lease = await factory.pool({ max: 1 }).acquire();
    await openTransaction(lease.client);
  },
  async 'stepped-transaction'({ kind, address }) {
    const client = await openTransaction(watch(kind, createFactory(kind, { connection: address }).client()));
    setInterval(() => wait(client.set('step', Date.now())), STEP_MS);
  },
  async 'ended-transaction'({ kind, address }) {
    const factory = createFactory(kind, { connection: address });
    const lease = await factory.pool({ max: 1 }).acquire();
    for (const client of [watch(kind, factory.client()), lease.client]) {
      await openTransaction(client);
      await client.exec();
    }
  },
  async 'socket-timeout'({ kind, address }) {
    const connection = { ...address, socketTimeout: SOCKET_TIMEOUT_MS };
    const factory = createFactory(kind, { connection });
    await watch(kind, factory.client()).ping();
    const lease = await factory.pool({ max: 1 }).acquire();
    await lease.client.ping();
  },
  async monitor({ kind, address }) {
    // As monitor() does, but with a listener from the start: ioredis emits an error for a line that comes in one chunk
    // with the reply to MONITOR, when other clients are busy.
    const client = createFactory(kind, { connection: address }).client();
    const monitor = watch(kind, client.duplicate({ monitor: true, lazyConnect: false }));
    await new Promise((resolve) => monitor.once('monitoring', resolve));
  },
  async 'blocking-command'({ kind, address }) {
    const factory = createFactory(kind, { connection: address });
    const commands = [
      ['blpop', 'nothing', 0],
      ['xread', 'BLOCK', 0, 'STREAMS', 'nowhere', '$'],
    ];
    const lease = await factory.pool({ max: 1 }).acquire();
    for (const [command, ...args] of commands) wait(watch(kind, factory.client())[command](...args));
    wait(lease.client.blpop('nothing', 0));
  },
  async cluster({ kind, address }) {
    const factory = createFactory(kind);
    for (const redisOptions of [{}, { socketTimeout: SOCKET_TIMEOUT_MS }]) {
      const cluster = factory.cluster([address], { redisOptions });
      cluster.on('error', () => undefined);
      await cluster.set('key', 'value');
      await cluster.subscribe('news');
    }
  },
  async 'own-copy'({ kind, address }) {
    if (!isConfigured) configure({ service, host: host || kind, limits });
    isConfigured = true;
    const first = watch(kind, new Own(address));
    for (const client of [first, watch(kind, first.duplicate())]) await client.ping();
    const subscriber = watch(kind, first.duplicate({ connectionName: 'subscriber' }));
    await subscriber.subscribe('news');
  },
};

/** Clients of other programs, with names like ours or none. Resolves with the ids of all of them. */
const foreign = {
  'celery@worker1': (client) => client.ping(),
  'orders@web-1': (client) => client.ping(),
  'orders@web-1#pool': (client) => client.get('key'),
  'orders@web-1#subscriber': (client) => client.subscribe('news'),
  '': (client) => client.ping(),
};

async function openForeign({ kind, address }) {
  const ids = [];
  for (const [connectionName, use] of Object.entries(foreign)) {
    const name = connectionName === '' ? {} : { connectionName };
    const client = watch(kind, new Redis({ ...address, ...name, retryStrategy: null }));
    ids.push(await client.client('ID'));
    await use(client);
  }
  return ids;
}

const actions = {
  /** Opens a kind, `copies` times, on one of the servers. Resolves with the ids of foreign clients. */
  async open({ kind, on, label, copies }) {
    const home = { kind: label, address: servers[on] };
    const ids = [];
    for (let made = 0; made < copies; made += 1) {
      if (kind === 'foreign') ids.push(...(await openForeign(home)));
      else await kinds[kind](home);
    }
    return ids;
  },
  /** Blocks the event loop again and again, without using CPU, until `unblock`. */
  blockOften({ ms, pauseMs }) {
    void (async () => {
      for (isBlocking = true; isBlocking; await sleep(pauseMs)) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      }
    })();
  },
  unblock: () => void (isBlocking = false),
};
let isBlocking = false;

process.on('message', async ({ id, action, ...request }) => {
  try {
    const result = await actions[action](request);
    process.send({ id, result });
  } catch (error) {
    process.send({ id, error: `${action} ${request.label ?? ''}: ${error.message}` });
  }
});
// This process ends with the test, however that ends. If it is blocked, the timer ends it.
process.on('disconnect', () => process.exit());
setTimeout(() => process.exit(1), 15 * 60_000).unref();
report('up');
