import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

// What an application may do to its clients, and the heartbeat must neither break nor be broken by.

const redis = useRedis();
const orders = useFactory(redis);
const FAST = { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 300 };

type SendCommand = Redis['sendCommand'];

test.each([
  [
    'throws',
    (): SendCommand => () => {
      throw new Error('No commands today.');
    },
  ],
  ['rejects', (): SendCommand => () => Promise.reject(new Error('No commands today.'))],
  [
    'gives another promise',
    (client: Redis): SendCommand => {
      const plain = client.sendCommand.bind(client);
      return async (command, stream) => await plain(command, stream);
    },
  ],
])('a sendCommand that %s fails no PING of ours aloud, and costs no connection', async (_, override) => {
  const client = orders.open(FAST).client();
  await client.ping();
  client.sendCommand = override(client);
  await new Promise((resolve) => setTimeout(resolve, 2_000)); // an unhandled rejection would fail this test
  expect(orders.factory.connections()).toMatchObject([{ state: 'ready', dials: 1 }]);
});

test('a client with a socketTimeout is not pinged: ioredis would close it where the server is busy', async () => {
  const client = orders.open(FAST).client({ socketTimeout: 500 });
  await client.ping();
  const { bytesWritten } = orders.factory.connections()[0] ?? {};
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(orders.factory.connections()).toMatchObject([{ state: 'ready', bytesWritten }]);
});

test('a wrapper whose prototype is a client has the multi() of its class', async () => {
  const client = orders.open().client();
  const wrapper = Object.create(client) as Redis;
  expect(await wrapper.multi().set('a', '1').exec()).toEqual([[null, 'OK']]);
  expect(await wrapper.multi({ pipeline: false })).toBe('OK');
  expect(await client.discard()).toBe('OK');
});

test('a ready check that is switched off stays so, in duplicates too', async () => {
  await redis.admin.config('RESETSTAT');
  const client = orders.open().client({ enableReadyCheck: false });
  await client.ping();
  await client.duplicate().ping();
  const stats = await redis.admin.info('commandstats');
  // INFO server once for each connection, and the admin's own; no INFO of a ready check.
  expect(/^cmdstat_info:calls=(\d+)/m.exec(stats)?.[1]).toBe('2');
});

test('an answer that says nothing but "busy" is no refused name', async () => {
  const factory = orders.open();
  await redis.admin.config('SET', 'busy-reply-threshold', '50');
  const script =
    "local till = redis.call('TIME')[1] + 2 repeat until tonumber(redis.call('TIME')[1]) >= till";
  const busy = factory.client();
  await busy.ping();
  const held = busy.eval(script, 0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const late = factory.client();
  late.on('error', () => undefined);
  await held;
  await eventually(async () => expect(await late.ping()).toBe('PONG'));
  expect(orders.errors.filter(({ code }) => code === 'HYG_NAME_REFUSED')).toEqual([]);
});
