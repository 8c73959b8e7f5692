import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory, type ShutdownReport } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { inTime } from '../support/in-time.js';
import { quietNow } from '../support/quiet-clock.js';
import { startRedis } from '../support/redis/index.js';
import { useSentinels } from '../support/use-sentinels.js';

/** Time limit for a failover and its clients, on a machine that runs many tests at once. */
const FAILOVER_LIMIT_MS = 20_000;

const topology = useSentinels();
let opened: RedisFactory[] = [];

afterEach(async () => {
  await Promise.all(opened.map((factory) => factory.shutdown()));
  opened = [];
});

function open(host: string, name = topology().name): RedisFactory {
  const connection = { ...topology().connection, name };
  const factory = createRedisFactory({ service: 'orders', host, connection });
  opened.push(factory);
  return factory;
}

/** Expects these names of connections on each sentinel. */
async function expectOnSentinels(...names: string[]): Promise<void> {
  await eventually(async () => {
    const rows = await Promise.all(topology().sentinels.map((sentinel) => sentinel.rows()));
    expect(rows.map((list) => list.map(({ name }) => name))).toEqual([names, names, names]);
  });
}

/** Number of ready connections to sentinels in a factory's ledger. */
function countWatchers(factory: RedisFactory): number {
  return factory.connections().filter(({ role, state }) => role === 'sentinel' && state === 'ready').length;
}

test('two factories share one watcher per sentinel, and the second takes over when the first shuts down', async () => {
  const [first, second] = [open('web-1'), open('web-2')];
  await first.client().ping();
  await expectOnSentinels('orders@web-1#sentinel');
  const client = second.client();
  client.on('error', () => undefined);
  await client.ping();
  await expectOnSentinels('orders@web-1#sentinel');
  expect([countWatchers(first), countWatchers(second)]).toEqual([3, 0]);

  await first.shutdown();
  await expectOnSentinels('orders@web-2#sentinel');
  await eventually(() => expect(countWatchers(second)).toBe(3));

  const failovers: { to: string }[] = [];
  second.on('failover', (failover) => failovers.push(failover));
  const start = Date.now();
  await topology().failover();
  const { to } = await topology().switched(start);
  await eventually(
    () => expect(failovers).toMatchObject([{ to: `127.0.0.1:${to}`, clients: 1 }]),
    FAILOVER_LIMIT_MS,
  );
  expect(await client.set('key', 'value')).toBe('OK');

  await second.shutdown();
  await expectOnSentinels();
}, 90_000);

test('clients of two masters share the watchers, and each is sent to its own master', async () => {
  const other = await startRedis();
  const askSentinels = (...words: string[]) =>
    Promise.all(topology().sentinels.map((sentinel) => sentinel.call('SENTINEL', ...words)));
  await askSentinels('MONITOR', 'other', other.host, String(other.port), '2');
  try {
    const [one, two] = [open('web-1'), open('web-1', 'other')];
    const clients = [one.client(), two.client()];
    const ports = await Promise.all(
      clients.map(async (client) => Number(/^tcp_port:(\d+)/m.exec(await client.info('server'))?.[1])),
    );
    expect(ports).toEqual([(await topology().master()).port, other.port]);
    await expectOnSentinels('orders@web-1#sentinel');
    await clients[0]?.quit();
    await expectOnSentinels('orders@web-1#sentinel');
    await clients[1]?.quit();
    await expectOnSentinels();
  } finally {
    await askSentinels('REMOVE', 'other');
    await other.stop();
  }
});

test('a client that is connected again right after its end has watchers again, until it ends', async () => {
  const factory = open('web-1');
  const client = factory.client();
  await client.ping();
  await expectOnSentinels('orders@web-1#sentinel');
  client.once('end', () => void client.connect());
  const back = once(client, 'ready');
  client.disconnect();
  await back;
  await expectOnSentinels('orders@web-1#sentinel');
  client.disconnect();
  await expectOnSentinels();
});

test('a shutdown during a failover ends in time, and leaves no connection', async () => {
  await topology().settled();
  const factory = open('web-1');
  const clients = Array.from({ length: 5 }, () => factory.client());
  clients.forEach((client) => client.on('error', () => undefined));
  await inTime('all clients ready', Promise.all(clients.map((client) => client.ping())), FAILOVER_LIMIT_MS);
  let start = 0;
  const closing = new Promise<ShutdownReport>((resolve) => {
    factory.once('reconnecting', () => {
      start = quietNow();
      resolve(factory.shutdown({ timeoutMs: 3_000 }));
    });
  });
  const pending = clients.map((client) => client.blpop('nothing', 0));
  const settled = Promise.allSettled(pending);
  await topology().failover();
  await inTime('a lost connection, and the report', closing, FAILOVER_LIMIT_MS);
  expect(quietNow() - start).toBeLessThan(3_500);
  await inTime('the end of all commands', settled, 1_000); // no command stays pending
  expect(factory.connections()).toEqual([]);
  await expectOnSentinels();
  for (const server of topology().servers)
    await eventually(async () => expect(await server.rows()).toEqual([]));
}, 240_000);
