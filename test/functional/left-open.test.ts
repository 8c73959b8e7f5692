import { Redis as Raw } from 'ioredis';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  createRedisFactory,
  type FactoryOptions,
  type HygieneError,
  type RedisFactory,
} from '../../src/index.js';
import { expectNoOpenConnections, trackConnections, type TrackOptions } from '../../src/testing/index.js';
import { closeLeftovers, findLeftovers, NOTHING_OPEN } from '../../src/testing/leftovers.js';
import { captureHooks } from '../support/captured-hooks.js';
import { eventually } from '../support/eventually.js';
import { startRedis } from '../support/redis/index.js';
import { addressesOf, KEYS, useCluster } from '../support/use-cluster.js';
import { useRedis } from '../support/use-redis.js';
import { useSentinels } from '../support/use-sentinels.js';

const redis = useRedis();
const opened: RedisFactory[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((factory) => factory.shutdown()));
});

function open(options: Partial<FactoryOptions> = {}): RedisFactory {
  const factory = createRedisFactory({
    service: 'orders',
    host: 'web-1',
    connection: redis.server.url,
    ...options,
  });
  opened.push(factory);
  return factory;
}

/** The error with which a promise is rejected. */
async function errorOf(promise: Promise<unknown>): Promise<HygieneError> {
  return promise.then(
    () => expect.unreachable('nothing was found'),
    (error: unknown) => error as HygieneError,
  );
}

/** Tracks connections with hooks that the test runs, and a short grace time, because leftovers wait for all of it. */
function track(options: TrackOptions = {}) {
  const captured = captureHooks();
  trackConnections({ graceMs: 100, ...options, ...captured.hooks });
  return captured;
}

/** `file:line` of the caller. */
function here(): string {
  const [, , frame = ''] = (new Error().stack ?? '').split('\n');
  return /test[\\/].*?:\d+/.exec(frame)?.[0] ?? expect.unreachable(frame);
}

describe('expectNoOpenConnections', () => {
  test('accepts what was never dialled, is being closed, or was shut down', async () => {
    const factory = open();
    factory.client({ lazyConnect: true });
    const client = factory.client();
    await client.ping();
    void client.quit();
    await expectNoOpenConnections();
    factory.client();
    factory.subscriber();
    await factory.shutdown();
    await expectNoOpenConnections({ graceMs: 0 });
  });

  test('names each line that has opened connections, and has its call site as the stack', async () => {
    const factory = open();
    const clients = [1, 2, 3].map(() => factory.client());
    const line = here();
    await Promise.all(clients.map((client) => client.ping()));
    const error = await errorOf(expectNoOpenConnections({ graceMs: 0 }));
    expect(error).toMatchObject({ name: 'HygieneError', code: 'HYG_CONNECTIONS_OPEN' });
    const [head, opener, remedy] = error.message.split('\n');
    expect(head).toBe('This process has 3 connections open:');
    const position = line.replace(/\d+$/, (number) => String(Number(number) - 1));
    expect(opener).toContain(`3 connections opened by ${position}:`);
    expect(opener).toContain(`(orders@web-1, ${redis.server.url.replace(/\/$/, '')}, ready)`);
    expect(remedy).toMatch(/^ {2}Close what a test opens/);
    expect(error.stack?.split('\n    at ')[1]).toContain(position);
    expect(error.details['connections']).toMatchObject(factory.connections().map(({ id }) => ({ id })));
  });

  test('does not close what it has found, and passes when that is closed', async () => {
    const client = open().client();
    await client.ping();
    await errorOf(expectNoOpenConnections({ graceMs: 0 }));
    expect(await client.ping()).toBe('PONG');
    setTimeout(() => void client.quit(), 50);
    await expectNoOpenConnections();
  });

  test('a pool that is meant to stay open is not closed with what else is left open', async () => {
    const factory = open();
    const leases = await Promise.all([1, 2].map(() => factory.pool({ max: 1, role: 'shared' }).acquire()));
    await factory.client().ping();
    const left = findLeftovers(NOTHING_OPEN, ({ role }) => role === 'shared');
    expect([left.entries.length, left.pools.length, left.leases.size]).toEqual([1, 0, 0]);
    await closeLeftovers(left);
    for (const { client } of leases) expect(await client.ping()).toBe('PONG');
    expect(findLeftovers(NOTHING_OPEN, () => false).leases.size, 'leases of one line').toBe(2);
    await Promise.all(leases.map((lease) => lease.release()));
  });

  test('ignores what is meant to stay open', async () => {
    const factory = open();
    const [client, cache] = [factory.client(), factory.client({ connectionName: 'cache' })];
    await Promise.all([client.ping(), cache.ping()]);
    const ignore = ({ role }: { readonly role: string }) => role === 'cache';
    const error = await errorOf(expectNoOpenConnections({ graceMs: 0, ignore }));
    expect(error.details['connections']).toMatchObject([{ role: 'command' }]);
    await client.quit();
    await expectNoOpenConnections({ ignore });
  });

  test.for([
    [{ grace: 1 }, 'HYG_OPTION_UNKNOWN'],
    [{ graceMs: '1' }, 'HYG_OPTION_TYPE'],
    [{ graceMs: -1 }, 'HYG_OPTION_RANGE'],
    [{ ignore: /cache/ }, 'HYG_OPTION_TYPE'],
    [null, 'HYG_OPTION_TYPE'],
  ] as const)('refuses the options %j', async ([options, code]) => {
    expect(await errorOf(expectNoOpenConnections(options as never))).toMatchObject({ code });
  });
});

describe('trackConnections', () => {
  test('closes what a file has left open, whatever it does', async () => {
    const { endFile } = track();
    const factory = open();
    const clients = [factory.client(), factory.client(), factory.client()];
    await Promise.all(clients.map((client) => client.ping()));
    void clients[1]?.blpop('nothing', 0).catch(() => undefined);
    await clients[2]?.monitor();
    const subscriber = factory.subscriber();
    await subscriber.subscribe('news');
    const pool = factory.pool({ max: 2 });
    await pool.acquire();
    await pool.use((client) => client.ping());
    const { message } = await errorOf(endFile());
    expect(message).toMatch(/^This test file has left \d connections and 1 lease open:/);
    expect(message).toMatch(/ 1 subscriber opened by test.functional.left-open/);
    expect(message).toMatch(/ 1 lease of the pool orders@web-1#pool acquired by test.functional.left-open/);
    await eventually(async () => expect(await redis.rows()).toEqual([]));
    await endFile();
    expect(factory.connections()).toEqual([]);
  });

  test('what was open before does not count, nor what a pool of before opens', async () => {
    const factory = open();
    const [shared, pool] = [factory.client(), factory.pool({ max: 2 })];
    await shared.ping();
    const { endFile } = track();
    await pool.use((client) => client.ping());
    await endFile();
    expect(factory.connections()).toHaveLength(2);
  });

  test('a lease of a pool that stays open is reported once', async () => {
    const pool = open().pool({ max: 2 });
    const { beginTest, endFile } = track({ each: 'test' });
    const endTest = beginTest();
    const lease = await pool.acquire();
    const { message } = await errorOf(endTest());
    expect(message).toMatch(/^The test "reads" has left 1 lease open:\n {2}1 lease of the pool/);
    await endFile();
    await lease.release();
  });

  test('each test answers for what it has opened itself', async () => {
    const factory = open();
    const { beginTest, endFile } = track({ each: 'test' });
    const shared = factory.client();
    await shared.ping();
    const endClean = beginTest();
    const own = factory.client();
    await own.ping();
    await own.quit();
    await endClean();
    const endLeak = beginTest();
    await factory.client().ping();
    expect((await errorOf(endLeak())).message).toMatch(/^The test "reads" has left 1 connection open/);
    await beginTest('writes')();
    expect(await shared.ping()).toBe('PONG');
    expect((await errorOf(endFile())).message).toMatch(/^This test file has left 1 connection open/);
    expect(factory.connections()).toEqual([]);
  });

  test('a client whose server is gone is left open too, and is closed', async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const { endFile } = track();
    const client = open({ connection: server.url }).client();
    client.on('error', () => undefined);
    await client.ping();
    await server.stop();
    await eventually(() => expect(client.status).toBe('reconnecting'));
    expect((await errorOf(endFile())).message).toContain(', reconnecting)');
    expect(client.status).toBe('end');
  });

  test('the client that a library made of options() ends, and no other test answers for it', async () => {
    const { beginTest, endFile } = track({ each: 'test' });
    const factory = open();
    const endLeak = beginTest();
    const client = new Raw(factory.options('library'));
    await client.ping();
    expect((await errorOf(endLeak())).message).toMatch(/^The test "reads" has left 1 connection open/);
    await beginTest('writes')();
    await eventually(() => expect(client.status).toBe('end'));
    await endFile();
    await eventually(async () => expect(await redis.rows()).toEqual([]));
  });

  test('a test that has replaced the timers is checked in real time', async () => {
    const { endFile } = track();
    await open().client().ping();
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    expect(await errorOf(endFile())).toMatchObject({ code: 'HYG_CONNECTIONS_OPEN' });
    vi.useRealTimers();
    await eventually(async () => expect(await redis.rows()).toEqual([]));
  });

  test.for([
    [{ each: 'suite' }, 'HYG_OPTION_RANGE'],
    [{ each: 1 }, 'HYG_OPTION_TYPE'],
    [{ afterAll: 'afterAll' }, 'HYG_OPTION_TYPE'],
    [{ beforeAll: () => undefined }, 'HYG_OPTION_TYPE'],
    [{ every: 'test' }, 'HYG_OPTION_UNKNOWN'],
    [{}, 'HYG_TEST_HOOKS'],
  ] as const)('refuses the options %j', ([options, code]) => {
    expect(() => trackConnections(options as never)).toThrow(expect.objectContaining({ code }));
  });
});

describe('a Cluster that reaches no node', () => {
  /** A Cluster whose only node refuses every connection, or is the server of this test, which is not one of a cluster. */
  function openUnreachable(factory: RedisFactory, url = 'redis://127.0.0.1:1', options = {}) {
    const cluster = factory.cluster([url], { clusterRetryStrategy: () => 50, ...options });
    cluster.on('error', () => undefined);
    return cluster;
  }

  test.for(['a closed port', 'a server that is not of a cluster'])('is left open: %s', async (node) => {
    const { endFile } = track();
    const cluster = openUnreachable(open(), node === 'a closed port' ? undefined : redis.server.url);
    await eventually(() => expect(cluster.status).toBe('reconnecting'));
    const { message, details } = await errorOf(endFile());
    expect(message).toMatch(/^This test file has left 1 (Cluster|connection) open:\n/);
    expect(message).toMatch(
      / 1 Cluster (connection|without a connection) opened by test.functional.left-open.*:\d+:\d+ \(orders@web-1#cluster, /,
    );
    expect(details['connections']).toMatchObject([{ role: 'cluster' }]);
    expect(cluster.status).toBe('end');
    await endFile();
    await eventually(async () => expect(await redis.rows()).toEqual([]));
  });

  test('is open for expectNoOpenConnections(), until it ends', async () => {
    const [cluster, older] = [openUnreachable(open()), openUnreachable(open())];
    const before = track();
    await eventually(() => expect(cluster.status).toBe('reconnecting'));
    await before.endFile();
    expect(await errorOf(expectNoOpenConnections({ graceMs: 100 }))).toMatchObject({
      message: expect.stringMatching(/^This process has 2 /) as string,
    });
    cluster.disconnect();
    const ignore = ({ role }: { readonly role: string }) => role === 'cluster';
    await expectNoOpenConnections({ ignore });
    older.disconnect();
    await expectNoOpenConnections();
  });

  test('is not open before it looks for its nodes', async () => {
    openUnreachable(open(), undefined, { lazyConnect: true });
    await expectNoOpenConnections({ graceMs: 0 });
  });
});

describe('a Cluster', () => {
  const the = useCluster();

  test('is left open with all its connections, and ends', async () => {
    const { endFile } = track();
    const factory = open();
    const cluster = factory.cluster(addressesOf(the.servers.nodes));
    await Promise.all(KEYS.map((key) => cluster.set(key, '1')));
    const { message } = await errorOf(endFile());
    expect(message).toMatch(/\d Cluster connections opened by test.functional.left-open/);
    await eventually(() => expect(cluster.status).toBe('end'));
    expect(factory.connections()).toEqual([]);
    await endFile();
  });

  test('of before may open connections to further nodes', async () => {
    const factory = open();
    const cluster = factory.cluster(addressesOf(the.servers.nodes.slice(0, 1)));
    await cluster.set(KEYS[0], '1');
    const { endFile } = track();
    await Promise.all(KEYS.map((key) => cluster.set(key, '1')));
    await cluster.subscribe('news');
    await endFile();
    expect(cluster.status).toBe('ready');
  });
});

describe('a client of sentinels', () => {
  const topology = useSentinels();

  test('is left open, and not the watchers of the sentinels', async () => {
    const { endFile } = track();
    const factory = open({ connection: topology().connection });
    await factory.client().ping();
    await eventually(() => expect(factory.connections().length).toBeGreaterThan(1));
    expect((await errorOf(endFile())).message).toMatch(/^This test file has left 1 connection open/);
    await eventually(() => expect(factory.connections()).toEqual([]));
  });
});
