import { Redis as Raw, type Redis, type RedisOptions } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type FactoryOptions, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { startFirewall } from '../support/firewall.js';
import { useSentinels } from '../support/use-sentinels.js';

const CLIENTS = 50;
const WATCHER = 'orders@web-1#sentinel';

const topology = useSentinels();
let factory: RedisFactory | undefined;

afterEach(() => factory?.shutdown());

/** Opens a factory on the topology, with additional connection options. */
function open(connection: RedisOptions = {}): RedisFactory {
  const merged = { ...topology().connection, ...connection } as FactoryOptions['connection'];
  return (factory = createRedisFactory({ service: 'orders', host: 'web-1', connection: merged }));
}

/** Names of the connections on each sentinel. */
async function namesOnSentinels(): Promise<string[][]> {
  const rows = await Promise.all(topology().sentinels.map((sentinel) => sentinel.rows()));
  return rows.map((list) => list.map(({ name }) => name));
}

const watchers = (...perSentinel: number[]) =>
  perSentinel.map((count) => Array.from({ length: count }, () => WATCHER));

async function expectWatchers(...perSentinel: number[]): Promise<void> {
  await eventually(async () => expect(await namesOnSentinels()).toEqual(watchers(...perSentinel)));
}

/** Expects that no further watcher is opened within 500 ms; opening one takes milliseconds. */
async function expectNoMoreThan(...perSentinel: number[]): Promise<void> {
  await expectWatchers(...perSentinel);
  await sleep(500);
  expect(await namesOnSentinels()).toEqual(watchers(...perSentinel));
}

/** Port of the server that the client is connected to, as the server reports it. */
async function portOf(client: Redis): Promise<number> {
  return Number(/^tcp_port:(\d+)/m.exec(await client.info('server'))?.[1]);
}

const ready = (clients: readonly Redis[]) => Promise.all(clients.map((client) => client.ping()));

test(`${CLIENTS} clients share one named connection to each sentinel, and have none after a shutdown`, async () => {
  const ours = open();
  // failoverDetector: true is the default.
  const clients = Array.from({ length: CLIENTS }, (_, index) =>
    index % 2 ? ours.client() : ours.client({ failoverDetector: true }),
  );
  await ready(clients);
  await expectWatchers(1, 1, 1);
  expect(ours.connections().filter(({ role }) => role === 'sentinel')).toHaveLength(3);
  expect(await (await topology().master()).rows()).toHaveLength(CLIENTS);

  // Plain ioredis opens one each, which shows that the count works.
  const raw = Array.from(
    { length: CLIENTS },
    () => new Raw({ ...topology().connection, failoverDetector: true }),
  );
  try {
    await ready(raw);
    await eventually(async () => {
      const unnamed = (await namesOnSentinels()).flat().filter((name) => name === '');
      expect(unnamed).toHaveLength(3 * CLIENTS);
    });
  } finally {
    raw.forEach((client) => client.disconnect());
  }

  expect(await ours.shutdown()).toMatchObject({ forced: 0 });
  await expectWatchers(0, 0, 0);
  expect(ours.connections()).toEqual([]);
  await eventually(async () => expect(await (await topology().master()).rows()).toEqual([]));
});

test('the watchers are closed with the last client, and opened with the next one', async () => {
  const ours = open();
  const [first, second] = [ours.client(), ours.client()];
  await ready([first, second]);
  await expectWatchers(1, 1, 1);
  await first.quit();
  await second.ping();
  await expectWatchers(1, 1, 1);
  second.disconnect();
  await expectWatchers(0, 0, 0);
  await ready([ours.client()]);
  await expectWatchers(1, 1, 1);
});

test('with failoverDetector: false no connection to a sentinel stays open', async () => {
  const client = open().client({ failoverDetector: false });
  await client.ping();
  await expectNoMoreThan(0, 0, 0);
  expect(await portOf(client)).toBe((await topology().master()).port);
});

test.for([true, false])('with one configured sentinel and updateSentinels: %s', async (updateSentinels) => {
  const [given, ...others] = topology().connection.sentinels;
  const client = open({ sentinels: given && [given], updateSentinels }).client();
  await client.ping();
  await expectNoMoreThan(1, ...others.map(() => (updateSentinels ? 1 : 0)));
});

test('sentinels configured as localhost that announce 127.0.0.1 are watched once each', async () => {
  const sentinels = topology().connection.sentinels.map(({ port }) => ({ host: 'localhost', port }));
  const ours = open({ sentinels });
  await ready([ours.client(), ours.client()]);
  await expectNoMoreThan(1, 1, 1);
  // By now the watchers have reported the sentinels' other addresses too.
  await ready([ours.client(), ours.client()]);
  await expectNoMoreThan(1, 1, 1);
});

test('role slave connects to a replica', async () => {
  const client = open({ role: 'slave' }).client();
  expect(await client.call('ROLE')).toContain('slave');
  const replicas = await topology().replicas();
  expect(replicas.map(({ port }) => port)).toContain(await portOf(client));
});

test('preferredSlaves chooses among the replicas, as a list and as a function', async () => {
  const ours = open({ role: 'slave' });
  for (const { host, port } of await topology().replicas()) {
    const [ip, wanted] = [host, String(port)];
    const byList = ours.client({ preferredSlaves: [{ ip, port: wanted, prio: 1 }] });
    expect(await portOf(byList)).toBe(port);
    const byFunction = ours.client({
      preferredSlaves: (slaves) => slaves.find((slave) => slave.port === wanted) ?? null,
    });
    expect(await portOf(byFunction)).toBe(port);
  }
});

test('natMap replaces an address, as an object and as a function', async () => {
  const master = await topology().master();
  await using proxy = await startFirewall(master);
  const announced = `${master.host}:${master.port}`;
  const reachable = { host: '127.0.0.1', port: proxy.port };
  const ours = open();
  const clients = [
    ours.client({ natMap: { [announced]: reachable } }),
    ours.client({ natMap: (key) => (key === announced ? reachable : null) }),
  ];
  await ready(clients);
  expect(proxy.open).toBe(2);
  // An address that is not in the map stays the same.
  expect(await portOf(ours.client({ natMap: () => null }))).toBe(master.port);
  expect(proxy.open).toBe(2);
});
