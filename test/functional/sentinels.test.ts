import { Redis as Raw, type Redis, type RedisOptions } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type FactoryOptions, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { startFirewall } from '../support/firewall.js';
import { useSentinels } from '../support/use-sentinels.js';

const CLIENTS = 50;
const WATCHER = 'orders@web-1#sentinel';

const the = useSentinels();
let factory: RedisFactory | undefined;

afterEach(() => factory?.shutdown());

/** A factory on the topology; only what a test has to say is given. */
function open(connection: RedisOptions = {}): RedisFactory {
  const whole = { ...the().connection, ...connection } as FactoryOptions['connection'];
  return (factory = createRedisFactory({ service: 'orders', host: 'web-1', connection: whole }));
}

/** The names of the connections that each sentinel has. */
async function namesOnSentinels(): Promise<string[][]> {
  const rows = await Promise.all(the().sentinels.map((sentinel) => sentinel.rows()));
  return rows.map((list) => list.map(({ name }) => name));
}

const watchers = (...perSentinel: number[]) =>
  perSentinel.map((count) => Array.from({ length: count }, () => WATCHER));

async function expectWatchers(...perSentinel: number[]): Promise<void> {
  await eventually(async () => expect(await namesOnSentinels()).toEqual(watchers(...perSentinel)));
}

/** Also those that would come a little later: everything here takes milliseconds. */
async function expectNoMoreThan(...perSentinel: number[]): Promise<void> {
  await expectWatchers(...perSentinel);
  await sleep(500);
  expect(await namesOnSentinels()).toEqual(watchers(...perSentinel));
}

/** The port of the server that the client is connected to, by that server's word. */
async function portOf(client: Redis): Promise<number> {
  return Number(/^tcp_port:(\d+)/m.exec(await client.info('server'))?.[1]);
}

const ready = (clients: readonly Redis[]) => Promise.all(clients.map((client) => client.ping()));

test(`${CLIENTS} clients have one named connection to each sentinel together, and none after shutdown`, async () => {
  const ours = open();
  // Said or not, it is one detector for all.
  const clients = Array.from({ length: CLIENTS }, (_, index) =>
    index % 2 ? ours.client() : ours.client({ failoverDetector: true }),
  );
  await ready(clients);
  await expectWatchers(1, 1, 1);
  expect(ours.connections().filter(({ role }) => role === 'sentinel')).toHaveLength(3);
  expect(await (await the().master()).rows()).toHaveLength(CLIENTS);

  // ioredis alone, in the same run: it shows that the count counts.
  const raw = Array.from({ length: CLIENTS }, () => new Raw({ ...the().connection, failoverDetector: true }));
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
  await eventually(async () => expect(await (await the().master()).rows()).toEqual([]));
});

test('the watchers go with the last client, and come with the next one', async () => {
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

test('failoverDetector: false leaves no connection to a sentinel', async () => {
  const client = open().client({ failoverDetector: false });
  await client.ping();
  await expectNoMoreThan(0, 0, 0);
  expect(await portOf(client)).toBe((await the().master()).port);
});

test.for([true, false])('one sentinel given, updateSentinels: %s', async (updateSentinels) => {
  const [given, ...others] = the().connection.sentinels;
  const client = open({ sentinels: given && [given], updateSentinels }).client();
  await client.ping();
  await expectNoMoreThan(1, ...others.map(() => (updateSentinels ? 1 : 0)));
});

test('sentinels given as localhost, which announce 127.0.0.1, are watched once each', async () => {
  const sentinels = the().connection.sentinels.map(({ port }) => ({ host: 'localhost', port }));
  const ours = open({ sentinels });
  await ready([ours.client(), ours.client()]);
  await expectNoMoreThan(1, 1, 1);
  // Not only at first: whoever was heard of under another name meanwhile has been asked by now.
  await ready([ours.client(), ours.client()]);
  await expectNoMoreThan(1, 1, 1);
});

test('role slave leads to a replica', async () => {
  const client = open({ role: 'slave' }).client();
  expect(await client.call('ROLE')).toContain('slave');
  const replicas = await the().replicas();
  expect(replicas.map(({ port }) => port)).toContain(await portOf(client));
});

test('preferredSlaves chooses among the replicas, as a list and as a function', async () => {
  const ours = open({ role: 'slave' });
  for (const { host, port } of await the().replicas()) {
    const [ip, wanted] = [host, String(port)];
    const byList = ours.client({ preferredSlaves: [{ ip, port: wanted, prio: 1 }] });
    expect(await portOf(byList)).toBe(port);
    const byFunction = ours.client({
      preferredSlaves: (slaves) => slaves.find((slave) => slave.port === wanted) ?? null,
    });
    expect(await portOf(byFunction)).toBe(port);
  }
});

test('natMap leads around an address, as an object and as a function', async () => {
  const master = await the().master();
  await using way = await startFirewall(master);
  const inside = `${master.host}:${master.port}`;
  const outside = { host: '127.0.0.1', port: way.port };
  const ours = open();
  const clients = [
    ours.client({ natMap: { [inside]: outside } }),
    ours.client({ natMap: (key) => (key === inside ? outside : null) }),
  ];
  await ready(clients);
  expect(way.open).toBe(2);
  // What is not in the map stays what it is.
  expect(await portOf(ours.client({ natMap: () => null }))).toBe(master.port);
  expect(way.open).toBe(2);
});
