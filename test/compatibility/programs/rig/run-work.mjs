// Runs the work of a library in one way, and shows its connections to the test that has started the program.
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';

const { COMPATIBILITY_WAY: way, REDIS_HOST: host, REDIS_PORT: redisPort, HOSTNAME: ownHost } = process.env;
const server = { host, port: Number(redisPort) };

/** Sockets of this process to the server, whoever has opened them. */
const sockets = new Set();
subscribe('net.client.socket', ({ socket }) => {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});
const openPorts = () =>
  [...sockets].flatMap(({ remotePort, localPort }) => (remotePort === server.port ? [localPort] : []));

/** Clients and options of a factory. An event `error` is a failure. */
async function enforced() {
  const { createRedisFactory } = await import('redis-hygiene');
  const factory = createRedisFactory({ service: 'orders', host: ownHost, connection: server });
  factory.on('error', (error) => console.error(error));
  return {
    client: (options) => factory.client(options),
    options: (role) => factory.options(role),
    ledger: () => factory.connections(),
    shutdown: () => factory.shutdown(),
  };
}

/** Plain ioredis, which the preload enforces. Its ledger is what the diagnostics channel tells. */
async function preloaded() {
  const { Redis } = await import('ioredis');
  const open = new Map();
  subscribe('redis-hygiene:connection', ({ event, data: { connection } }) => {
    if (event === 'closed') open.delete(connection.id);
    else open.set(connection.id, connection);
  });
  // With a handler of its own, the program decides when it ends, and so the test can look before that.
  process.on('SIGTERM', () => undefined);
  return {
    client: (options = {}) => new Redis({ ...server, ...options }),
    options: () => ({ ...server }),
    ledger: () => [...open.values()],
    shutdown: () => process.kill(process.pid, 'SIGTERM'),
  };
}

async function nextMessage(wanted) {
  for (;;) {
    const [message] = await once(process, 'message');
    if (message === wanted) return;
  }
}

function facts({ ledger }) {
  return {
    ports: openPorts(),
    ledger: ledger().map(({ name, localPort }) => ({ name, localPort })),
  };
}

/**
 * Does the work, which throws unless its result is right, and waits while the test looks at the connections. Then the
 * library stops what it has to stop first, all connections are closed, and the process has to end by itself.
 *
 * @param work Is given `redis`, `takes` (`client` or `options`) and the `url` of the server. Returns `stop`, if the library
 *   has something to stop.
 */
export async function runWork(work) {
  const isPreloaded = way.startsWith('preload');
  const redis = await (isPreloaded ? preloaded() : enforced());
  const stop = await work({ redis, takes: way.replace('preload-', ''), url: `redis://${host}:${redisPort}` });
  process.on('message', (message) => {
    if (message === 'look') process.send({ step: 'looked', ...facts(redis) });
  });
  process.send({ step: 'worked' });
  await nextMessage('stop');
  if (process.env.COMPATIBILITY_STOP !== 'never') await stop?.();
  process.send({ step: 'stopped' });
  await redis.shutdown();
  while (openPorts().length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  process.send({ step: 'closed' });
  await nextMessage('end');
  process.disconnect();
}
