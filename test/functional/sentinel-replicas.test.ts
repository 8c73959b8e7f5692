import { Redis as Raw } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { startFakeSentinel, type FakeSentinel, type Fields } from '../support/fake-sentinel.js';
import { freePort, startRedis, type RedisServer } from '../support/redis/index.js';

let master: RedisServer;
let replica: RedisServer;
let former: RedisServer;
let sentinel: FakeSentinel;
let factory: RedisFactory | undefined;

/** Backoff so long that a client which waits for it does not become ready within the test. */
const LONG_BACKOFF = { reconnectBaseMs: 10_000, reconnectCapMs: 300_000 };

beforeAll(async () => {
  const args = ['--repl-diskless-sync-delay', '0'];
  [master, replica, former] = await Promise.all([startRedis({ args }), startRedis(), startRedis()]);
  const admin = new Raw(replica.port, replica.host);
  await admin.call('REPLICAOF', master.host, String(master.port));
  await eventually(
    async () => expect(await admin.info('replication')).toContain('master_link_status:up'),
    20_000,
  );
  admin.disconnect();
  sentinel = await startFakeSentinel({ master: instance(master.port), replicas: [], latencyMs: 0 });
});
afterEach(() => factory?.shutdown());
afterAll(() =>
  Promise.all([sentinel, master, replica, former].map((started) => started[Symbol.asyncDispose]())),
);

function instance(port: number, more: Fields = {}): Fields {
  return { ip: '127.0.0.1', port, flags: 'slave', 'role-reported': 'slave', ...more };
}

/** Opens clients for a replica, and returns the ports of the servers that they have dialled when they are ready. */
async function dialledPorts(preferred: number): Promise<number[]> {
  factory = createRedisFactory({
    service: 'orders',
    ...LONG_BACKOFF,
    connection: {
      ...{ name: 'mymaster', sentinels: [{ host: sentinel.host, port: sentinel.port }], role: 'slave' },
      preferredSlaves: { ip: '127.0.0.1', port: String(preferred) },
    },
  });
  factory.on('error', () => undefined);
  const client = factory.client();
  client.on('error', () => undefined);
  const subscriber = factory.subscriber();
  await subscriber.subscribe('news');
  const infos = await Promise.all([client.info('server'), client.info('replication')]);
  expect(infos[1]).toContain('role:slave');
  return infos.map((info) => Number(/^tcp_port:(\d+)/m.exec(info)?.[1])).filter((port) => port > 0);
}

test('a listed replica that reports the role of a master is passed over', async () => {
  sentinel.state.replicas = [instance(former.port, { 'role-reported': 'master' }), instance(replica.port)];
  expect(await dialledPorts(former.port)).toEqual([replica.port]);
});

test('a listed replica that is a master already is left at once, without backoff', async () => {
  sentinel.state.replicas = [instance(former.port), instance(replica.port)];
  expect(await dialledPorts(former.port)).toEqual([replica.port]);
});

test('a listed replica that refuses the connection is left at once, without backoff', async () => {
  sentinel.state.replicas = [instance(await freePort()), instance(replica.port)];
  expect(await dialledPorts(Number(sentinel.state.replicas[0]?.['port']))).toEqual([replica.port]);
});

test('a listed replica that has lost its master is used if no other is listed', async () => {
  sentinel.state.replicas = [instance(replica.port, { 'master-link-status': 'err' })];
  expect(await dialledPorts(replica.port)).toEqual([replica.port]);
});
