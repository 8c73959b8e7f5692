import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { codesOf, findingsOf } from '../../support/doctor/run.js';
import { startRedis } from '../../support/redis/index.js';
import { startSentinel } from '../../support/sentinel.js';
import { createRedisFactory } from '../../../src/index.js';

const CLIENTS = 22;
/** The failover detector of raw ioredis connects after its client. */
const CONNECTED_MS = 2_000;

const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('connections to a Sentinel that quit() of raw ioredis leaves open are reported', async () => {
  await using server = await startRedis({ server: 'redis-8' });
  await using sentinel = await startSentinel(server, 'shop', { server: 'redis-8' });
  const connection = { sentinels: [sentinel], name: 'shop', failoverDetector: true };
  const url = `redis://${sentinel.host}:${sentinel.port}`;

  await using factory = createRedisFactory({ service: 'orders', host: 'web-1', connection });
  await Promise.all(Array.from({ length: CLIENTS }, () => factory.client().ping()));
  await pass(CONNECTED_MS);
  expect(await codesOf(url)).toEqual([]);

  const clients = Array.from({ length: CLIENTS }, () => new Redis(connection));
  await Promise.all(clients.map((client) => client.ping()));
  await pass(CONNECTED_MS);
  await Promise.all(clients.map((client) => client.quit()));
  expect(await findingsOf(url)).toMatchObject([{ code: 'leaky-library', severity: 'warning' }]);
}, 60_000);
