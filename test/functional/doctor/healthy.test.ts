import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRedisFactory } from '../../../src/index.js';
import { codesOf, findingsIn } from '../../support/doctor/run.js';
import { openRaw } from '../../support/doctor/raw.js';
import { startSentinels, type Node, type Sentinels } from '../../support/sentinels.js';

/** Longer than three heartbeats, which are sent every second here. */
const QUIET_MS = 5_000;

const closers: (() => unknown)[] = [];
let servers: Sentinels;
let master: Node;

const urlOf = ({ host, port }: { host: string; port: number }) => `redis://${host}:${port}`;

async function hygienic(url: string): Promise<void> {
  const factory = createRedisFactory({
    ...{ service: 'orders', host: 'web-1', connection: url },
    ...{ heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 500 },
  });
  closers.push(() => factory.shutdown());
  await factory.client().ping();
  await factory.subscriber().subscribe('news');
  await factory.pool({ max: 5 }).use((client) => client.ping());
  void factory
    .client({ connectionName: 'queue' })
    .blpop('nothing', 0)
    .catch(() => undefined);
}

async function raw(url: string): Promise<void> {
  const named = new Redis(url, { connectionName: 'cron' });
  const subscriber = new Redis(url);
  closers.push(() => [named, subscriber].forEach((client) => client.disconnect()));
  await named.ping();
  await subscriber.subscribe('news');
}

async function bullmq({ host, port }: { host: string; port: number }): Promise<void> {
  const connection = { host, port };
  const queues = Array.from({ length: 5 }, (_, index) => new Queue(`queue-${index}`, { connection }));
  const worker = new Worker('queue-0', () => Promise.resolve(), { connection });
  closers.push(() => worker.close());
  queues.forEach((queue) => closers.push(() => queue.close()));
  await worker.waitUntilReady();
  await Promise.all(queues.map((queue) => queue.waitUntilReady()));
}

beforeAll(async () => {
  servers = await startSentinels();
  closers.unshift(() => servers[Symbol.asyncDispose]());
  master = await servers.master();
  await hygienic(urlOf(master));
  await raw(urlOf(master));
  await bullmq(master);
  // Idle connections of a pool that have not been used yet.
  const poolConnections = await openRaw(master, 8, 'PING');
  closers.push(() => poolConnections[Symbol.dispose]());
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
}, 120_000);

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

const list = async () => (await master.call('CLIENT', 'LIST')) as string;

const HEARTBEAT = ['--heartbeat', '1s', '--firewall-idle', '30m'];

describe('there are no findings', () => {
  test('for a healthy server with clients of redis-hygiene, raw clients, BullMQ, a replica and a Sentinel', async () => {
    const rows = await list();
    expect(rows).toMatch(/flags=S/);
    expect(rows).toMatch(/name=sentinel-/);
    expect(rows).toMatch(/name=bull:/);
    expect(rows).toMatch(/flags=b/);
    expect(rows).toMatch(/name=orders@web-1#subscriber .*flags=P/);
    expect(await codesOf(urlOf(master), ...HEARTBEAT)).toEqual([]);
  });

  test('for its replicas and its Sentinel', async () => {
    const [sentinel] = servers.sentinels;
    if (!sentinel) throw new Error('There is no sentinel.');
    const found = await codesOf('--sentinel', `${sentinel.host}:${sentinel.port}`, ...HEARTBEAT);
    expect(found).toEqual([]);
  });

  test('for two samples of it', async () => {
    expect(await codesOf(urlOf(master), '--sample', '2s', ...HEARTBEAT)).toEqual([]);
  });

  test('for a saved list of it', async () => {
    expect(await findingsIn(await list(), ...HEARTBEAT)).toEqual([]);
  });
});
