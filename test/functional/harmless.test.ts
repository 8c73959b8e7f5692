import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

// Things that applications do to their clients. They must not break redis-hygiene, nor be broken by it.

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
    'returns another promise',
    (client: Redis): SendCommand => {
      const plain = client.sendCommand.bind(client);
      return async (command, stream) => await plain(command, stream);
    },
  ],
])(
  'a sendCommand that %s causes no unhandled rejection of a PING, and closes no connection',
  async (_, override) => {
    const client = orders.open(FAST).client();
    await client.ping();
    client.sendCommand = override(client);
    await new Promise((resolve) => setTimeout(resolve, 2_000)); // an unhandled rejection would fail this test
    expect(orders.factory.connections()).toMatchObject([{ state: 'ready', dials: 1 }]);
  },
);

test('multi() works on an object whose prototype is a client', async () => {
  const client = orders.open().client();
  const wrapper = Object.create(client) as Redis;
  expect(await wrapper.multi().set('a', '1').exec()).toEqual([[null, 'OK']]);
  expect(await wrapper.multi({ pipeline: false })).toBe('OK');
  expect(await client.discard()).toBe('OK');
});

test('a disabled ready check stays disabled, even in duplicates', async () => {
  await redis.admin.config('RESETSTAT');
  const client = orders.open().client({ enableReadyCheck: false });
  await client.ping();
  await client.duplicate().ping();
  const stats = await redis.admin.info('commandstats');
  // INFO server is sent once per connection. A ready check would send further ones.
  expect(/^cmdstat_info:calls=(\d+)/m.exec(stats)?.[1]).toBe('2');
});

test('a BUSY reply is not reported as a refused name', async () => {
  const factory = orders.open();
  await redis.admin.config('SET', 'busy-reply-threshold', '50');
  const script =
    "local till = redis.call('TIME')[1] + 2 repeat until tonumber(redis.call('TIME')[1]) >= till";
  const busy = factory.client();
  await busy.ping();
  const running = busy.eval(script, 0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const late = factory.client();
  late.on('error', () => undefined);
  await running;
  await eventually(async () => expect(await late.ping()).toBe('PONG'));
  expect(orders.errors.filter(({ code }) => code === 'HYG_NAME_REFUSED')).toEqual([]);
});
