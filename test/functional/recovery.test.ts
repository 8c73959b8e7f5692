import type { Redis } from 'ioredis';
import { rmSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useUnixRedis } from '../support/use-unix-redis.js';

const redis = useUnixRedis();
const orders = useFactory(redis);

/** Path that leads to the server while the server is up. No dial is answered before. */
let path: string;
const bringUp = () => symlinkSync(redis.path, path);

beforeEach(() => void (path = `${redis.path}.link`));
afterEach(() => rmSync(path, { force: true }));

/** A process whose delays are far longer than the test. */
const openFactory = () =>
  orders.open({ connection: { path }, reconnectBaseMs: 10_000, reconnectCapMs: 300_000 });

const statusesOf = (clients: readonly Redis[]) => [...new Set(clients.map(({ status }) => status))];

test('the first client that the server answers ends the delays of the others', async () => {
  const factory = openFactory();
  const clients = Array.from({ length: 20 }, () => factory.client());
  const subscriber = factory.subscriber();
  const pool = factory.pool({ acquireTimeoutMs: 60_000 });
  const subscribed = subscriber.subscribe('a');
  const lease = pool.acquire();
  await eventually(() => expect(statusesOf(clients)).toEqual(['reconnecting']));
  bringUp();
  const scout = factory.client();
  expect(await scout.ping()).toBe('PONG');
  await eventually(() => expect(statusesOf(clients)).toEqual(['ready']), 2_000);
  await subscribed;
  await pool.release(await lease);
});

test('but not a delay that the caller’s own strategy has chosen', async () => {
  const factory = openFactory();
  const delays: number[] = [];
  const retryStrategy = (times: number) => delays.push(times) * 1_000_000;
  const clients = [factory.client({ retryStrategy }), factory.client()] as const;
  await eventually(() => expect(statusesOf(clients)).toEqual(['reconnecting']));
  bringUp();
  await factory.client().ping();
  await eventually(() => expect(clients[1].status).toBe('ready'), 2_000);
  expect([clients[0].status, delays]).toEqual(['reconnecting', [1]]);
});
