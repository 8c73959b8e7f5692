import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { createRedisFactory, parseConnectionName } from '../../src/index.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const createOrdersFactory = () =>
  createRedisFactory({ service: 'orders', host: 'web-1', connection: redis.server.url });

test('50 clients, duplicates and a monitor are all named, and none of them remains after shutdown', async () => {
  const factory = createOrdersFactory();
  const clients = Array.from({ length: 50 }, () => factory.client());
  const duplicates = clients.slice(0, 10).map((client) => client.duplicate());
  await Promise.all([...clients, ...duplicates].map((client) => client.ping()));
  const monitor = await clients[0]?.monitor();

  const rows = await redis.rows();
  expect(rows).toHaveLength(61);
  expect(rows.filter((row) => parseConnectionName(row.name)?.service !== 'orders')).toEqual([]);
  expect(rows.filter((row) => row.name === 'orders@web-1#monitor')).toHaveLength(1);
  expect(monitor?.mode).toBe('monitor');

  const ledger = factory.connections();
  expect(ledger.map(({ clientId }) => clientId).sort()).toEqual(rows.map(({ id }) => id).sort());
  expect(new Set(ledger.map(({ localPort }) => localPort))).toEqual(new Set(rows.map(({ port }) => port)));

  const report = await factory.shutdown();
  expect(report).toMatchObject({ closed: 61, forced: 0, abandonedCommands: 0 });
  expect(factory.connections()).toEqual([]);
  expect(await redis.rows()).toEqual([]);
});

test('the caller’s own connectionName becomes the role, and one policy event reports it', async () => {
  const factory = createOrdersFactory();
  const overrides: unknown[] = [];
  factory.on('policy', ({ option, given, used }) => overrides.push({ option, given, used }));
  const clients = [
    factory.client({ connectionName: 'session cache' }),
    factory.client({ connectionName: 'session cache' }),
  ];
  await Promise.all(clients.map((client) => client.ping()));

  expect(await redis.names()).toEqual(['orders@web-1#session-cache', 'orders@web-1#session-cache']);
  expect(factory.connections().map(({ role }) => role)).toEqual(['session-cache', 'session-cache']);
  expect(overrides).toEqual([
    { option: 'connectionName', given: 'session cache', used: 'orders@web-1#session-cache' },
  ]);
  await factory.shutdown();
});

test('a duplicate keeps the role and has the id of its parent', async () => {
  const factory = createOrdersFactory();
  const parent = factory.client({ connectionName: 'cache' });
  const child = parent.duplicate();
  await Promise.all([parent.ping(), child.ping()]);

  const [first, second] = factory.connections();
  expect([first?.role, second?.role]).toEqual(['cache', 'cache']);
  expect(second?.parent).toBe(first?.id);
  expect(second?.callSite[0]).toContain('names.test.ts');
  await factory.shutdown();
});

test('names by which a library finds its connections are kept', async () => {
  const factory = createOrdersFactory();
  const client = factory.client();
  const worker = client.duplicate({ connectionName: 'bull:cXVldWU=' });
  await Promise.all([client.ping(), worker.ping()]);

  expect(await redis.names()).toEqual(['bull:cXVldWU=', 'orders@web-1']);
  const [parent, child] = factory.connections();
  expect(child).toMatchObject({ name: 'bull:cXVldWU=', role: 'bull', parent: parent?.id });
  await factory.shutdown();
});

test('clients that a library builds from options() are named, in the ledger, and closed by shutdown()', async () => {
  const { Redis: Raw } = await import('ioredis');
  const factory = createOrdersFactory();
  const library: Redis = new Raw(factory.options('queue'));
  const copy = library.duplicate();
  await Promise.all([library.ping(), copy.ping()]);

  expect(await redis.names()).toEqual(['orders@web-1#queue', 'orders@web-1#queue']);
  expect(factory.connections()).toHaveLength(2);
  expect(await factory.shutdown()).toMatchObject({ closed: 2, forced: 0 });
  expect(await redis.rows()).toEqual([]);
  expect([library.status, copy.status]).toEqual(['end', 'end']);
});

test.for([
  ['spaces', 'my orders', 'my-orders'],
  ['newlines', 'a\nb', 'a-b'],
  ['emoji', 'or🚀ders', 'or-ders'],
  ['separators', 'a@b#c', 'a-b-c'],
])(
  'a service name with %s is made acceptable to the server, and the change is reported',
  async ([, service, clean]) => {
    const factory = createRedisFactory({
      service: service as string,
      host: 'web-1',
      connection: redis.server.url,
    });
    const overrides: string[] = [];
    factory.on('policy', ({ option, used }) => overrides.push(`${option}=${String(used)}`));
    await factory.client().ping();

    expect(await redis.names()).toEqual([`${clean as string}@web-1`]);
    expect(overrides).toEqual([`service=${clean as string}`]);
    await factory.shutdown();
  },
);

test('names of 300 characters are cut, and remain different', async () => {
  const names = ['a', 'b'].map((last) => `${'x'.repeat(299)}${last}`);
  const factories = names.map((service) =>
    createRedisFactory({ service, host: 'h', connection: redis.server.url }),
  );
  await Promise.all(factories.map((factory) => factory.client().ping()));

  const cut = await redis.names();
  expect(new Set(cut).size).toBe(2);
  expect(cut.map((name) => parseConnectionName(name)?.service.length)).toEqual([64, 64]);
  await Promise.all(factories.map((factory) => factory.shutdown()));
});
