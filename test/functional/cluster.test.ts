import { inspect } from 'node:util';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { createRedisFactory, parseConnectionName, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { printed } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

// A cluster of one node that holds all slots: every socket that ioredis' Cluster opens is there.
const redis = useRedis({ args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] });
let factory: RedisFactory;

beforeAll(async () => {
  await redis.admin.cluster('ADDSLOTSRANGE', 0, 16_383);
  await eventually(async () => expect(await redis.admin.cluster('INFO')).toContain('cluster_state:ok'));
});
afterEach(() => factory.shutdown());

const nodes = () => [{ host: redis.server.host, port: redis.server.port }];

test('the nodes of a Cluster are named, in the ledger, and gone after shutdown', async () => {
  factory = createRedisFactory({ service: 'orders', host: 'web-1' });
  const cluster = factory.cluster(nodes());
  await cluster.set('key', '1');
  const copy = cluster.duplicate();
  expect(await copy.get('key')).toBe('1');

  const rows = await redis.rows();
  expect(rows.map(({ name }) => parseConnectionName(name))).toEqual(
    rows.map(() => ({ service: 'orders', host: 'web-1', role: 'cluster' })),
  );
  expect(factory.connections().filter(({ state }) => state === 'ready')).toHaveLength(2);
  expect(await factory.shutdown()).toMatchObject({ forced: 0 });
  expect([cluster.status, copy.status]).toEqual(['end', 'end']);
  await eventually(async () => expect(await redis.rows()).toEqual([]));
});

test('printing a Cluster shows no password', () => {
  factory = createRedisFactory({ service: 'orders', host: 'web-1' });
  const cluster = factory.cluster(nodes(), { lazyConnect: true, redisOptions: { password: 's3cret' } });
  expect(inspect({ cluster }, { depth: 9 })).toBe('{ cluster: Cluster <orders@web-1#cluster, wait> }');
  expect(JSON.stringify({ cluster })).toBe('{"cluster":"Cluster <orders@web-1#cluster, wait>"}');
  expect(printed(cluster.options, cluster.pipeline())).not.toContain('s3cret');
  expect(cluster.options.redisOptions?.password).toBe('s3cret');
});

test('a Cluster takes its role from the caller', async () => {
  factory = createRedisFactory({ service: 'orders', host: 'web-1' });
  const cluster = factory.cluster(nodes(), { redisOptions: { connectionName: 'cache' } });
  await cluster.set('key', '1');
  expect(factory.connections()[0]?.name).toBe('orders@web-1#cache');
});

test('commands that wait in a Cluster are rejected by the shutdown, blocking ones and those for no node', async () => {
  factory = createRedisFactory({ service: 'orders', host: 'web-1' });
  const cluster = factory.cluster(nodes());
  await cluster.set('key', '1');
  const dead = factory.cluster([{ host: '127.0.0.1', port: 1 }]);
  dead.on('error', () => undefined);
  const waiting = [cluster.blpop('nothing', 0), dead.get('key')].map((command) =>
    command.catch((error: unknown) => error),
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  await factory.shutdown({ timeoutMs: 1_000 });
  expect(await Promise.all(waiting)).toEqual([expect.any(Error), expect.any(Error)]);
});

test('a wrong password of a Cluster is told, and shown nowhere', async () => {
  await redis.admin.config('SET', 'requirepass', 'right');
  factory = createRedisFactory({ service: 'orders', host: 'web-1' });
  const told: unknown[] = [];
  factory.on('error', (error) => told.push(error));
  const cluster = factory.cluster(nodes(), {
    redisOptions: { password: 'wr0ng' },
    clusterRetryStrategy: () => null,
  });
  cluster.on('error', (error) => told.push(error));
  told.push(await cluster.get('key').catch((error: unknown) => error));
  await redis.admin.config('SET', 'requirepass', '');
  expect(inspect(told, { depth: 12, showHidden: true })).not.toContain('wr0ng');
  expect(told).toContainEqual(expect.objectContaining({ code: 'HYG_AUTH_REFUSED' }));
});
