import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory, type Subscriber } from '../../src/index.js';
import { keepDiary, type Diary } from '../support/diary.js';
import { eventually } from '../support/eventually.js';
import { nodeOf, useServers } from '../support/use-cluster.js';

const the = useServers();
/** The slot of the channel `b`, which is the first node's. */
const SLOT = 3_300;
const REFUSED = { code: 'HYG_SUBSCRIBE_REFUSED', message: expect.stringContaining('"b": MOVED') as string };

let factory: RedisFactory | undefined;

afterEach(async () => {
  await factory?.shutdown();
  await eventually(async () => expect(await the.servers.rows()).toEqual([]));
});

/** A subscriber at the first node, with a shard channel and another one. */
async function open(): Promise<{ subscriber: Subscriber; heard: string[] } & Diary> {
  const connection = nodeOf(the.servers, 0).url;
  const settings = { service: 'orders', host: 'web-1', reconnectBaseMs: 10, reconnectCapMs: 100 };
  const subscriber = (factory = createRedisFactory({ ...settings, connection })).subscriber();
  const diary = keepDiary(subscriber);
  const heard: string[] = [];
  subscriber.on('smessage', (channel, message) => heard.push(`${channel}: ${message}`));
  await Promise.all([subscriber.ssubscribe('b'), subscriber.subscribe('a')]);
  return { subscriber, heard, ...diary };
}

async function move(from: number, to: number): Promise<void> {
  await the.servers.moveSlots(nodeOf(the.servers, from), nodeOf(the.servers, to), SLOT, SLOT);
}

const ask = (index: number, ...words: readonly string[]) =>
  nodeOf(the.servers, index).admin.call(...(words as [string]));

test('a shard channel whose slot moves away is told as refused, and has a gap until it is back', async () => {
  const { heard, told, gaps, failures } = await open();
  await move(0, 1);
  const movedAt = Date.now();
  await eventually(() => expect(failures).toMatchObject([REFUSED]));
  expect(await ask(0, 'PUBLISH', 'a', 'still')).toBe(1);
  expect(await ask(1, 'SPUBLISH', 'b', 'missed')).toBe(0);
  await move(1, 0);
  await eventually(async () => expect(await ask(0, 'SPUBLISH', 'b', 'back')).toBe(1));
  await eventually(() => expect(heard).toEqual(['b: back']));
  expect(told).toEqual(['ready', 'a: still', 'gap']);
  expect(gaps).toMatchObject([{ channels: [], shardChannels: ['b'] }]);
  expect(gaps[0]?.from).toBeLessThan(movedAt);
  expect(gaps[0]?.to).toBeGreaterThanOrEqual(movedAt);
  expect(failures).toHaveLength(1);
});

test('one that is at another node is refused, and holds up nothing else after a loss', async () => {
  const { subscriber, told, failures } = await open();
  await expect(subscriber.ssubscribe('c')).rejects.toMatchObject({ code: REFUSED.code });
  await move(0, 1);
  await eventually(() => expect(failures).toHaveLength(1));
  await ask(0, 'CLIENT', 'KILL', 'TYPE', 'pubsub');
  await eventually(() => expect(told.filter((what) => what === 'ready')).toHaveLength(2));
  expect(await ask(0, 'PUBLISH', 'a', 'still')).toBe(1);
  await eventually(() => expect(told.at(-1)).toBe('a: still'));
  await expect(subscriber.ssubscribe('b')).rejects.toMatchObject(REFUSED);
  expect(subscriber.wanted()).toEqual({ channels: ['a'], patterns: [], shardChannels: ['b'] });
  await move(1, 0);
});

test('one that was given back in time is not asked for again', async () => {
  const { subscriber, failures } = await open();
  await subscriber.sunsubscribe('b');
  await eventually(async () => expect(await ask(0, 'PUBSUB', 'SHARDNUMSUB', 'b')).toEqual(['b', 0]));
  await subscriber.ssubscribe('b');
  expect(await ask(0, 'SPUBLISH', 'b', '1')).toBe(1);
  expect(failures).toEqual([]);
});
