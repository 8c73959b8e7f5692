import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { channelTable } from '../../src/factory/channels.js';
import type { ChannelMessage } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { printed, useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

let messages: ChannelMessage[] = [];
const record = (message: unknown) => void messages.push(message as ChannelMessage);
const names = Object.keys(channelTable).map((word) => `redis-hygiene:${word}`);

beforeEach(() => {
  messages = [];
  names.forEach((name) => subscribe(name, record));
});
afterEach(() => names.forEach((name) => unsubscribe(name, record)));

const eventsOf = (role: string) =>
  messages.flatMap((message) =>
    'connection' in message.data && message.data.connection.role === role ? [message.event] : [],
  );

test('the life of a connection is published, with the service that it belongs to', async () => {
  const client = orders.open().client();
  await client.ping();
  await orders.factory.shutdown();
  expect(eventsOf('command')).toEqual(['connecting', 'connected', 'ready', 'closed']);
  expect(messages.at(-1)).toMatchObject({ event: 'shutdown', data: { timeoutMs: 5_000 } });
  expect(new Set(messages.map(({ service, host }) => `${service}@${host}`))).toEqual(
    new Set(['orders@web-1']),
  );
});

test('what a listener of the factory hears, a subscriber hears too, as the same object', async () => {
  const factory = orders.open();
  const heard: unknown[] = [];
  factory.on('ready', (event) => heard.push(event));
  await factory.client().ping();
  expect(heard).toHaveLength(1);
  expect(messages.find(({ event }) => event === 'ready')?.data).toBe(heard[0]);
});

test('a gap names its subscriber', async () => {
  const subscriber = orders.open({ reconnectBaseMs: 10, reconnectCapMs: 100 }).subscriber();
  await subscriber.subscribe('prices');
  const gaps: unknown[] = [];
  orders.factory.on('gap', (gap) => gaps.push(gap));
  await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await eventually(() => expect(gaps).toHaveLength(1));
  const expected = {
    ...{ name: 'orders@web-1#subscriber', role: 'subscriber', target: redis.server.url },
    channels: ['prices'],
  };
  expect(gaps[0]).toMatchObject(expected);
  expect(messages.filter(({ event }) => event === 'gap')).toMatchObject([{ data: expected }]);
});

test('no message contains a password', async () => {
  const url = redis.server.url.replace('redis://', 'redis://nobody:s3cret-word@');
  const client = orders.open({ connection: url }).client({ lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  await client.connect().catch(() => undefined);
  await eventually(() => expect(messages.map(({ event }) => event)).toContain('error'));
  expect(printed(messages)).not.toContain('s3cret-word');
});
