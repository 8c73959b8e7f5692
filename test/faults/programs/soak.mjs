// One process with clients of many kinds at work, while its server breaks connections, is stopped and is restarted.
// argv: the address of the server as JSON, and for how many seconds this process may live.
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRedisFactory } from 'redis-hygiene';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const address = JSON.parse(process.argv[2]);
const factory = createRedisFactory({
  service: 'soak',
  host: 'web-1',
  connection: address,
  heartbeatIntervalMs: 2_000,
  heartbeatDeadlineMs: 1_000,
  stallLimitMs: 5_000,
  reconnectCapMs: 500,
  limits: { connections: 100, perCallSite: 50 },
});
let events = 0;
for (const event of ['error', 'stale', 'stalled', 'recovered', 'gap', 'orphan']) {
  factory.on(event, () => (events += 1));
}

const harm = [];
process.on('unhandledRejection', (error) => harm.push(`unhandled rejection: ${error?.stack}`));
process.on('uncaughtException', (error) => harm.push(`uncaught exception: ${error?.stack}`));
process.on('warning', (warning) => harm.push(`warning: ${warning.message}`));

let isOver = false;
let pending = 0;
let done = 0;
let messages = 0;
const rejected = {};

/** Runs a piece of work again and again. Its failures are counted, because the server breaks connections. */
async function repeat(work, pauseMs) {
  while (!isOver) {
    pending += 1;
    try {
      await work();
      done += 1;
    } catch (error) {
      const what = error.code ?? error.message.slice(0, 40);
      rejected[what] = (rejected[what] ?? 0) + 1;
    } finally {
      pending -= 1;
    }
    await sleep(pauseMs * (0.5 + Math.random()));
  }
}

function follow(client) {
  client.on('error', () => undefined);
  return client;
}

async function transact(client, key) {
  await client.watch(key);
  const value = Number(await client.get(key));
  return client
    .multi()
    .set(key, value + 1)
    .exec();
}

async function borrow(client) {
  const random = Math.random();
  if (random < 0.3) await transact(client, `pool:${Math.floor(random * 100)}`);
  else if (random < 0.5) await client.select(1);
  else if (random < 0.55) await client.subscribe('nothing');
  else if (random < 0.6) await client.call('multi');
  else await client.incr('pool');
}

const clients = Array.from({ length: 5 }, () => follow(factory.client()));
for (const [index, client] of clients.entries()) {
  void repeat(() => client.set(`key:${index}`, 'value'), 5);
  void repeat(() => client.pipeline().incr('count').get('count').exec(), 20);
  void repeat(() => transact(client, `watched:${index}`), 20);
}
const pool = factory.pool({ max: 5, acquireTimeoutMs: 5_000, idleTimeoutMs: 5_000, maxLifetimeMs: 30_000 });
for (let caller = 0; caller < 15; caller += 1) void repeat(() => pool.use(borrow), 20);

const subscriber = factory.subscriber();
subscriber.on('message', () => (messages += 1));
void subscriber.subscribe('news');
void repeat(() => clients[0].publish('news', 'text'), 20);

const worker = follow(factory.client());
void repeat(() => worker.blpop('queue', 1), 1);
const blocking = factory.blocking(2);
void repeat(() => blocking.use((client) => client.bzpopmin('set', 1)), 1);
void repeat(() => clients[1].pipeline().lpush('queue', 'item').zadd('set', 1, 'item').exec(), 50);

/** Short-lived clients, which a leak would show. */
void repeat(async () => {
  const client = follow(factory.client());
  try {
    await client.ping();
  } finally {
    client.disconnect();
  }
}, 500);

async function heapBytes() {
  await sleep(0);
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

const actions = {
  heap: () => heapBytes(),
  connections: () => ({ ledger: factory.connections(), sockets: sockets() }),
  /** Ends all work. Resolves when nothing is pending, or after 60 s. */
  async finish() {
    isOver = true;
    for (const end = Date.now() + 60_000; pending > 0 && Date.now() < end;) await sleep(50);
    return { pending, done, messages, rejected, events, harm };
  },
  async shutdown() {
    const report = await factory.shutdown();
    return { forced: report.forced, sockets: sockets(), left: factory.connections().length, harm };
  },
};

process.on('message', async ({ id, action }) => {
  try {
    process.send({ id, result: await actions[action]() });
  } catch (error) {
    process.send({ id, error: `${action}: ${error.message}` });
  }
});
// This process ends with the test, however that ends.
process.on('disconnect', () => process.exit());
setTimeout(() => process.exit(1), Number(process.argv[3]) * 1_000).unref();
process.send({ event: 'up', at: Date.now() });
