import { inspect } from 'node:util';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { createRedisFactory, parseConnectionName, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { printed } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

// One node holds all slots, so every connection of a Cluster is in its CLIENT LIST.
const redis = useRedis({ args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] });
let factory: RedisFactory;

beforeAll(async () => {
  await redis.admin.cluster('ADDSLOTSRANGE', 0, 16_383);
  await eventually(async () => expect(await redis.admin.cluster('INFO')).toContain('cluster_state:ok'));
});
afterEach(() => factory.shutdown());

const nodes = () => [{ host: redis.server.host, port: redis.server.port }];

test('connections of a Cluster are named, in the ledger, and closed by shutdown()', async () => {
  factory = createRedisFactory({ service: 'orders', host: 'web-1' });
  const cluster = factory.cluster(nodes());
  await cluster.set('key', '1');
  const duplicate = cluster.duplicate();
  expect(await duplicate.get('key')).toBe('1');

  const rows = await redis.rows();
  expect(rows.map(({ name }) => parseConnectionName(name))).toEqual(
    rows.map(() => ({ service: 'orders', host: 'web-1', role: 'cluster' })),
  );
  expect(factory.connections().filter(({ state }) => state === 'ready')).toHaveLength(2);
  expect(await factory.shutdown()).toMatchObject({ forced: 0 });
  expect([cluster.status, duplicate.status]).toEqual(['end', 'end']);
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

test('a Cluster takes its role from connectionName', async () => {
  factory = createRedisFactory({ service: 'orders', host: 'web-1' });
  const cluster = factory.cluster(nodes(), { redisOptions: { connectionName: 'cache' } });
  await cluster.set('key', '1');
  expect(factory.connections()[0]?.name).toBe('orders@web-1#cache');
});

test('shutdown() rejects blocking commands of a Cluster and commands that wait for a node', async () => {
  factory = createRedisFactory({ service: 'orders', host: 'web-1' });
  const cluster = factory.cluster(nodes());
  await cluster.set('key', '1');
  const unreachable = factory.cluster([{ host: '127.0.0.1', port: 1 }]);
  unreachable.on('error', () => undefined);
  const waiting = [cluster.blpop('nothing', 0), unreachable.get('key')].map((command) =>
    command.catch((error: unknown) => error),
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  await factory.shutdown({ timeoutMs: 1_000 });
  expect(await Promise.all(waiting)).toEqual([expect.any(Error), expect.any(Error)]);
});

test('a wrong password of a Cluster is reported, and shown nowhere', async () => {
  await redis.admin.config('SET', 'requirepass', 'right');
  factory = createRedisFactory({ service: 'orders', host: 'web-1' });
  const failures: unknown[] = [];
  factory.on('error', (error) => failures.push(error));
  const cluster = factory.cluster(nodes(), {
    redisOptions: { password: 'wr0ng' },
    clusterRetryStrategy: () => null,
  });
  cluster.on('error', (error) => failures.push(error));
  failures.push(await cluster.get('key').catch((error: unknown) => error));
  await redis.admin.config('SET', 'requirepass', '');
  expect(inspect(failures, { depth: 12, showHidden: true })).not.toContain('wr0ng');
  expect(failures).toContainEqual(expect.objectContaining({ code: 'HYG_AUTH_REFUSED' }));
});
