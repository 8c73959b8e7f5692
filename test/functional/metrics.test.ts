import { Redis as Raw } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory } from '../../src/index.js';
import { readRow } from '../support/client-row.js';
import { eventually } from '../support/eventually.js';
import type { ExposedSample } from '../support/exposition.js';
import { startFirewall } from '../support/firewall.js';
import { createMetricReaders, type MetricReaders } from '../support/metric-readers.js';
import { freePort, startRedis, type RedisServer } from '../support/redis/index.js';
import { useFactory } from '../support/use-factory.js';

let server: RedisServer;
let admin: Raw;
let readers: MetricReaders;
beforeAll(async () => {
  readers = await createMetricReaders();
});
beforeEach(async () => {
  server = await startRedis();
  admin = new Raw(server.port, server.host, { disableClientInfo: true });
  await admin.ping();
});
const orders = useFactory({
  get server() {
    return server;
  },
});
afterEach(async () => {
  admin.disconnect();
  await server.stop();
});
afterAll(() => readers[Symbol.asyncDispose]());

/** Number of values that are equal, without those that are 0. */
function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values.toSorted()) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/** Samples of a metric whose labels begin with these values, without those that are 0. */
function samplesOf(samples: readonly ExposedSample[], name: string, target = ''): readonly ExposedSample[] {
  const full = `redis_hygiene_${name}`;
  return samples.filter(
    (one) => one.name === full && one.value !== 0 && (one.labels['target'] ?? '').startsWith(target),
  );
}

const sum = (samples: readonly ExposedSample[]) => samples.reduce((total, { value }) => total + value, 0);

/** Expects that CLIENT LIST, the ledger and all backends show the same connections, and that all backends agree in all. */
async function expectAgreement(factory: RedisFactory): Promise<void> {
  await eventually(async () => {
    const list = ((await admin.client('LIST')) as string).trim().split('\n').map(readRow);
    const rows = countBy(list.map(({ name }) => name).filter((name) => name !== ''));
    const sockets = factory.connections().filter(({ state }) => state === 'connected' || state === 'ready');
    const reading = readers.read();
    const scraping = readers.scrape();
    expect(countBy(sockets.map(({ name }) => name))).toEqual(rows);
    const { prometheus, openTelemetry, openTelemetryAsText } = await reading;
    expect(openTelemetry).toEqual(prometheus);
    expect(openTelemetryAsText).toEqual(prometheus);
    const samples = await scraping;
    const byRole: Record<string, number> = {};
    for (const { labels, value } of samplesOf(samples, 'connections')) {
      const role = labels['role'] ?? '';
      byRole[role] = (byRole[role] ?? 0) + value;
    }
    expect(byRole).toEqual(countBy(sockets.map(({ role }) => role)));
    const [opened, closed] = ['connections_opened_total', 'connections_closed_total'].map((name) =>
      sum(samplesOf(samples, name)),
    );
    expect((opened ?? 0) - (closed ?? 0)).toBe(sockets.length);
  }, 20_000);
}

/** Values of a metric by role and label, for the server of this test. */
const valuesOf = (name: string, label: string, target = server.url) => readers.valuesBy(label, name, target);

test('connections of a running service are idle or used in all backends, as the ledger and CLIENT LIST have them', async () => {
  const factory = orders.open();
  const [idle, blocked] = [factory.client(), factory.client({ connectionName: 'queue' })];
  await idle.ping();
  const popped = blocked.blpop('list', 0).catch(() => undefined);
  const subscriber = factory.subscriber();
  await subscriber.subscribe('news');
  const pool = factory.pool({ min: 2, max: 3, acquireTimeoutMs: 60_000 });
  const leases = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
  const waiting = pool.acquire();
  waiting.catch(() => undefined); // if the test fails before
  await expectAgreement(factory);
  expect(await valuesOf('connections', 'state')).toEqual({
    'command idle': 1,
    'queue used': 1,
    'subscriber idle': 1,
    'pool used': 3,
  });
  expect(await valuesOf('pool_pending_requests', '')).toEqual({ pool: 1 });
  expect(await valuesOf('pool_connections_max', '')).toEqual({ pool: 3 });
  expect(await valuesOf('pool_connections_idle_min', '')).toEqual({ pool: 2 });
  await leases[0].release();
  await (await waiting).release();
  await leases[1].release();
  await eventually(async () => {
    expect(await valuesOf('connections', 'state')).toMatchObject({ 'pool used': 1, 'pool idle': 2 });
  });
  expect(await valuesOf('pool_leases_total', '')).toEqual({ pool: 4 });
  expect(await valuesOf('pool_use_seconds_count', '')).toEqual({ pool: 3 });
  await expectAgreement(factory);
  await admin.lpush('list', 'value');
  await popped;
  expect(sum(samplesOf(await readers.scrape(), 'budget_used'))).toBe(6);
  expect(sum(samplesOf(await readers.scrape(), 'budget_limit'))).toBe(100);
});

test('through a cut, a dead connection is counted as stale and as closed by a health check, and its orphan as reaped', async () => {
  await using firewall = await startFirewall(server);
  const FAST = {
    heartbeatIntervalMs: 1_000,
    heartbeatDeadlineMs: 300,
    stallLimitMs: 1_000,
    reconnectCapMs: 100,
  };
  const factory = orders.open({ ...FAST, connection: firewall.url });
  const client = factory.client();
  await client.ping();
  await expectAgreement(factory);
  firewall.forget();
  await eventually(async () => {
    expect(await valuesOf('orphans_total', 'outcome', firewall.url)).toEqual({ 'command reaped': 1 });
  }, 20_000);
  await expectAgreement(factory);
  expect(await valuesOf('stale_total', 'cause', firewall.url)).toEqual({ 'command stall-limit': 1 });
  expect(await valuesOf('stalls_total', '', firewall.url)).toEqual({ command: 1 });
  expect(await valuesOf('connections_closed_total', 'reason', firewall.url)).toEqual({
    'command healthcheck_failed': 1,
  });
  expect(await valuesOf('connections_opened_total', '', firewall.url)).toEqual({ command: 2 });
  expect(await valuesOf('connections', 'state', firewall.url)).toEqual({ 'command idle': 1 });
});

test('a connection that the server closes, and one that the pool drops as idle, are counted by these reasons', async () => {
  const factory = orders.open();
  const client = factory.client();
  client.on('error', () => undefined);
  const id = await client.client('ID');
  const pool = factory.pool({ min: 0, max: 1, idleTimeoutMs: 1_000 });
  await pool.use((leased) => leased.ping());
  await admin.client('KILL', 'ID', id);
  await eventually(async () => {
    expect(await valuesOf('connections_closed_total', 'reason')).toEqual({
      'command server_close': 1,
      'pool pool_eviction_idle': 1,
    });
  }, 20_000);
  expect(await valuesOf('pool_connections_dropped_total', 'drop_reason')).toEqual({ 'pool idle': 1 });
  await expectAgreement(factory);
});

test('at a full server, clients that wait are connections without a socket, and the saturation is counted', async () => {
  const factory = orders.open();
  const open = factory.client();
  await open.ping();
  await admin.config('SET', 'maxclients', 1);
  const waiting = [factory.client(), factory.client()];
  for (const client of waiting) client.on('error', () => undefined);
  await eventually(async () => {
    expect(await valuesOf('saturations_total', 'target')).toEqual({ [server.url]: 1 });
    expect(await valuesOf('connections_disconnected', 'state')).toEqual({ 'command connecting': 2 });
    expect(await valuesOf('connections_waiting', '')).toEqual({ command: 2 });
  }, 20_000);
  expect(await valuesOf('connections_usable', '')).toEqual({ command: 1 });
  await expectAgreement(factory);
  expect(await valuesOf('connections', 'state')).toEqual({ 'command idle': 1 });
  await admin.config('SET', 'maxclients', 100);
  await Promise.all(waiting.map((client) => client.ping()));
  await expectAgreement(factory);
  expect(await valuesOf('connections', 'state')).toEqual({ 'command idle': 3 });
  expect(await valuesOf('connections_disconnected', 'state')).toEqual({});
  expect(await valuesOf('connections_waiting', '')).toEqual({});
  expect(await valuesOf('connections_usable', '')).toEqual({ command: 3 });
});

test('while a server is frozen, its connections are stalled and not usable, and those in their handshake are used', async () => {
  const factory = orders.open({
    ...{ heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 300, stallLimitMs: 2_000 },
    ...{ handshakeTimeoutMs: 60_000, reconnectCapMs: 100 },
  });
  const client = factory.client();
  client.on('error', () => undefined);
  await client.ping();
  expect(await valuesOf('connections_usable', '')).toEqual({ command: 1 });
  await server.pause();
  await eventually(async () => {
    expect(await valuesOf('connections_stalled', '')).toEqual({ command: 1 });
    expect(await valuesOf('connections_usable', '')).toEqual({});
  }, 20_000);
  // After the stall limit the client dials again. The kernel of a frozen server accepts, and nobody answers the handshake.
  await eventually(async () => {
    expect(await valuesOf('connections_closed_total', 'reason')).toEqual({ 'command healthcheck_failed': 1 });
    expect(await valuesOf('connections', 'state')).toEqual({ 'command used': 1 });
  }, 20_000);
  expect(await valuesOf('connections_stalled', '')).toEqual({});
  expect(await valuesOf('connections_usable', '')).toEqual({});
  await server.resume();
  await eventually(async () => {
    expect(await valuesOf('connections_usable', '')).toEqual({ command: 1 });
  }, 20_000);
  expect(await valuesOf('connections', 'state')).toEqual({ 'command idle': 1 });
});

test('while a server is down no connection is usable, and the failure is counted for its target', async () => {
  const factory = orders.open({
    reconnectCapMs: 100,
    connection: { host: '127.0.0.1', port: await freePort() },
  });
  factory.client().on('error', () => undefined);
  const target = factory.connections()[0]?.target ?? '';
  await eventually(async () => {
    expect((await valuesOf('errors_total', 'code', target))['HYG_CONNECT_FAILED']).toBeGreaterThan(0);
  }, 20_000);
  const disconnected = Object.values(await valuesOf('connections_disconnected', 'state', target));
  expect(disconnected).toEqual([1]);
  expect(await valuesOf('connections_usable', '', target)).toEqual({});
  const { prometheus } = await readers.read();
  const { port } = new URL(target);
  const key = `redis_client_errors_total db_system_name=redis error_type=HYG_CONNECT_FAILED server_address=127.0.0.1 server_port=${port}`;
  expect(prometheus[key]).toBeGreaterThan(0);
});

test('only subscribers have series of gaps, and only pools those of overdue leases and of idle connections that closed', async () => {
  const factory = orders.open();
  await factory.client({ connectionName: 'search' }).ping();
  await factory.subscriber({ role: 'prices' }).subscribe('news');
  await factory.pool({ role: 'reports' }).use((leased) => leased.ping());
  const samples = await readers.scrape();
  const rolesOf = (metric: string, reason?: string) =>
    samples
      .filter(({ name, labels }) => name === `redis_hygiene_${metric}` && labels['reason'] === reason)
      .map(({ labels, value }) => [labels['role'], value] as const)
      .filter(([role = '']) => ['search', 'prices', 'reports'].includes(role));
  expect(rolesOf('gaps_total')).toEqual([['prices', 0]]);
  expect(rolesOf('leases_overdue_total')).toEqual([['reports', 0]]);
  expect(rolesOf('connections_closed_total', 'pool_eviction_idle')).toEqual([['reports', 0]]);
  expect(rolesOf('connections_closed_total', 'server_close')).toHaveLength(3);
});

test('after a shutdown there are no connections, and what was counted stays', async () => {
  const factory = orders.open();
  const client = factory.client();
  await client.ping();
  const pool = factory.pool({ max: 2 });
  await Promise.all([pool.use((leased) => leased.ping()), pool.use((leased) => leased.ping())]);
  await expectAgreement(factory);
  const before = await readers.scrape();
  await factory.shutdown();
  await expectAgreement(factory);
  const after = await readers.scrape();
  expect(samplesOf(after, 'connections', server.url)).toEqual([]);
  expect(await valuesOf('connections_closed_total', 'reason')).toEqual({
    'command application_close': 1,
    'pool application_close': 2,
  });
  expect(await valuesOf('pool_leases_total', '')).toEqual({ pool: 2 });
  const counters = before.filter(({ name }) => /_(total|bucket|count|sum)$/.test(name));
  expect(counters.length).toBeGreaterThan(30);
  for (const { name, labels, value } of counters) {
    const now = after.find(
      (one) => one.name === name && JSON.stringify(one.labels) === JSON.stringify(labels),
    );
    expect(now?.value, `${name} ${JSON.stringify(labels)}`).toBeGreaterThanOrEqual(value);
  }
});

test('two factories of one service are counted together, and once', async () => {
  const first = orders.open();
  await first.client().ping();
  await using second = createRedisFactory({ service: 'orders', host: 'web-1', connection: server.url });
  await second.client().ping();
  expect(await valuesOf('connections', 'state')).toEqual({ 'command idle': 2 });
  const { prometheus, openTelemetry } = await readers.read();
  expect(openTelemetry).toEqual(prometheus);
});
