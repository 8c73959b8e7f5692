import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { codesOf, findingsOf } from '../../support/doctor/run.js';
import { eventually } from '../../support/eventually.js';
import { startRedis } from '../../support/redis/index.js';
import { startSentinel, type Sentinel } from '../../support/sentinel.js';
import { createRedisFactory } from '../../../src/index.js';

const CLIENTS = 22;
/** Waits until a sentinel has this many subscribers. The failover detector of raw ioredis connects after its client. */
async function subscribersOn({ host, port }: Sentinel, count: number): Promise<void> {
  const admin = new Redis(port, host, { disableClientInfo: true });
  await eventually(async () => {
    const list = String(await admin.client('LIST'));
    expect(list.match(/ flags=P /g) ?? []).toHaveLength(count);
  }, 10_000).finally(() => admin.disconnect());
}

test('connections to a Sentinel that quit() of raw ioredis leaves open are reported', async () => {
  await using server = await startRedis({ server: 'redis-8' });
  await using sentinel = await startSentinel(server, 'shop', { server: 'redis-8' });
  const connection = { sentinels: [sentinel], name: 'shop', failoverDetector: true };
  const url = `redis://${sentinel.host}:${sentinel.port}`;

  await using factory = createRedisFactory({ service: 'orders', host: 'web-1', connection });
  await Promise.all(Array.from({ length: CLIENTS }, () => factory.client().ping()));
  await subscribersOn(sentinel, 1); // all clients share one watcher
  expect(await codesOf(url)).toEqual([]);

  const clients = Array.from({ length: CLIENTS }, () => new Redis(connection));
  await Promise.all(clients.map((client) => client.ping()));
  await subscribersOn(sentinel, 1 + CLIENTS);
  await Promise.all(clients.map((client) => client.quit()));
  expect(await findingsOf(url)).toMatchObject([{ code: 'leaky-library', severity: 'warning' }]);
});
