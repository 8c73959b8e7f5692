import { Redis } from 'ioredis';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { clientInternals } from '../../src/connect/ioredis/internals.js';
import type { HygieneError } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

async function openClient(options = {}): Promise<Redis> {
  const client = orders.open({ reconnectCapMs: 100 }).client(options);
  await client.ping();
  await redis.admin.set('guarded', 'before');
  return client;
}

async function loseConnection(client: Redis): Promise<void> {
  const { stream } = clientInternals(client);
  stream?.destroy();
  await eventually(() => {
    expect(clientInternals(client).stream).not.toBe(stream);
    expect(client.status).toBe('ready');
  });
}

const transactions: readonly (readonly [string, (client: Redis) => Promise<unknown>])[] = [
  ['multi().exec()', (client) => client.multi().set('guarded', 'lost').exec()],
  ['multi([…]).exec()', (client) => client.multi([['set', 'guarded', 'lost']]).exec()],
  [
    'a transaction in steps',
    async (client) => {
      await client.multi({ pipeline: false });
      await client.set('guarded', 'lost');
      return client.exec();
    },
  ],
  [
    'call()',
    async (client) => {
      await client.call('MULTI');
      await client.set('guarded', 'lost');
      return client.call('EXEC');
    },
  ],
];

const watches: readonly (readonly [string, (client: Redis) => Promise<unknown>])[] = [
  ['watch()', (client) => client.watch('guarded')],
  [
    'watchBuffer()',
    (client) => (client as unknown as { watchBuffer(key: string): Promise<unknown> }).watchBuffer('guarded'),
  ],
  ['call("WATCH")', (client) => client.call('WATCH', 'guarded')],
  ['callBuffer("watch")', (client) => client.callBuffer('watch', 'guarded')],
  ['pipeline().watch()', (client) => client.pipeline().watch('guarded').get('guarded').exec()],
  ['pipeline().call("watch")', (client) => client.pipeline().call('watch', 'guarded').exec()],
  [
    'pipeline([["watch", …]])',
    (client) =>
      client
        .pipeline([
          ['watch', 'guarded'],
          ['get', 'guarded'],
        ])
        .exec(),
  ],
];

async function expectWatchLost(work: Promise<unknown>): Promise<HygieneError> {
  const error = (await work.catch((reason: unknown) => reason)) as HygieneError;
  expect(error).toMatchObject({ name: 'HygieneError', code: 'HYG_WATCH_LOST' });
  expect(await redis.admin.get('guarded')).toBe('before');
  return error;
}

describe.each(watches)('after %s and the loss of the connection', (_, watch) => {
  test.each(transactions)('%s is rejected, and the next one is executed', async (_name, execute) => {
    const client = await openClient();
    await watch(client);
    await loseConnection(client);
    const error = await expectWatchLost(execute(client));
    expect(error.details).toEqual({ mayBeExecuted: false });
    expect(Object.hasOwn(client, 'sendCommand')).toBe(false);
    expect(await execute(client)).toEqual(expect.arrayContaining([expect.anything()]));
    expect(await redis.admin.get('guarded')).toBe('lost');
  });
});

test('ioredis alone executes such a transaction', async () => {
  const client = new Redis(redis.server.url, { retryStrategy: () => 20 });
  try {
    await client.watch('guarded');
    await loseConnection(client);
    expect(await client.multi().set('guarded', 'lost').exec()).toEqual([[null, 'OK']]);
  } finally {
    client.disconnect();
  }
});

const ends: readonly (readonly [string, (client: Redis) => Promise<unknown>])[] = [
  ['UNWATCH', (client) => client.unwatch()],
  ['EXEC', (client) => client.multi().get('guarded').exec()],
  [
    'DISCARD',
    async (client) => {
      await client.multi({ pipeline: false });
      await client.discard();
    },
  ],
];

describe.each(ends)('after WATCH and %s', (_, end) => {
  test('a transaction on the next connection is executed', async () => {
    const client = await openClient();
    await client.watch('guarded');
    await end(client);
    expect(Object.hasOwn(client, 'sendCommand')).toBe(false);
    await loseConnection(client);
    expect(await client.multi().set('guarded', 'new').exec()).toEqual([[null, 'OK']]);
  });
});

test.each<[string, (client: Redis) => Promise<unknown>]>([
  ['UNWATCH', (client) => client.unwatch()],
  ['a refused DISCARD', (client) => client.discard().catch(() => undefined)],
  ['a WATCH of the same keys', (client) => client.watch('other', 'guarded')],
])('%s on the next connection gives up what was lost', async (_, giveUp) => {
  const client = await openClient();
  await client.watch('guarded');
  await loseConnection(client);
  await giveUp(client);
  expect(await client.multi().set('guarded', 'new').exec()).toEqual([[null, 'OK']]);
  expect(Object.hasOwn(client, 'sendCommand')).toBe(false);
});

test('a WATCH of other keys on the next connection does not replace the one that was lost', async () => {
  const client = await openClient();
  await client.watch('guarded');
  await loseConnection(client);
  await client.watch('other');
  await expectWatchLost(client.multi().set('guarded', 'lost').exec());
});

test('a refused DISCARD on the same connection leaves the WATCH, and so does a refused EXEC', async () => {
  const client = await openClient();
  await client.watch('guarded');
  await expect(client.discard()).rejects.toThrow('without MULTI');
  await expect(client.exec()).rejects.toThrow('without MULTI');
  await loseConnection(client);
  await expectWatchLost(client.multi().set('guarded', 'lost').exec());
});

test('a WATCH that waits for its connection guards the transaction behind it', async () => {
  const client = orders.open({ reconnectCapMs: 100 }).client({ maxRetriesPerRequest: null });
  client.once('connect', () => clientInternals(client).stream?.destroy());
  const watching = client.watch('guarded');
  expect(await client.multi().set('guarded', 'new').exec()).toEqual([[null, 'OK']]);
  expect(await watching).toBe('OK');
  expect(orders.factory.connections()).toMatchObject([{ dials: 2 }]);
});

test('a WATCH without a reply is sent again, and guards its transaction', async () => {
  const client = await openClient();
  const { stream } = clientInternals(client);
  const watching = client.watch('guarded');
  stream?.destroy();
  expect(await watching).toBe('OK');
  await redis.admin.set('guarded', 'changed');
  expect(await client.multi().set('guarded', 'lost').exec()).toBeNull();
  expect(await client.multi().set('guarded', 'new').exec()).toEqual([[null, 'OK']]);
});

test('an UNWATCH that is sent again ends no WATCH that was sent after it', async () => {
  const client = await openClient();
  await client.watch('guarded');
  const replies = Promise.all([client.unwatch(), client.watch('guarded')]);
  clientInternals(client).stream?.destroy();
  expect(await replies).toEqual(['OK', 'OK']);
  await loseConnection(client);
  await expectWatchLost(client.multi().set('guarded', 'lost').exec());
});

test('a late reply to a refused DISCARD ends no later WATCH', async () => {
  const client = await openClient();
  await client.watch('guarded');
  const discarding = client.discard().catch(() => undefined);
  await Promise.all([client.multi().get('guarded').exec(), discarding, client.watch('guarded')]);
  await loseConnection(client);
  await expectWatchLost(client.multi().set('guarded', 'lost').exec());
});

test('a transaction that is sent again is refused, and the error says that it may have been executed', async () => {
  const client = await openClient();
  await client.watch('guarded');
  await redis.admin.client('PAUSE', 60_000, 'WRITE');
  const executing = client.multi().set('guarded', 'lost').exec();
  const rejected = executing.catch((error: unknown) => error);
  clientInternals(client).stream?.destroy();
  await redis.admin.client('UNPAUSE');
  expect(await rejected).toMatchObject({ code: 'HYG_WATCH_LOST', details: { mayBeExecuted: true } });
});

test('a changed key still makes EXEC return null, and nothing is watched afterwards', async () => {
  const client = await openClient();
  await client.watch('guarded');
  await redis.admin.set('guarded', 'changed');
  expect(await client.multi().set('guarded', 'lost').exec()).toBeNull();
  await loseConnection(client);
  expect(await client.multi().set('guarded', 'new').exec()).toEqual([[null, 'OK']]);
});

test('transactions in turn leave no sendCommand behind, also one in steps between WATCH and EXEC', async () => {
  const client = await openClient();
  for (let i = 0; i < 3; i += 1) {
    const watching = client.watch('guarded');
    const opening = client.multi({ pipeline: false });
    await Promise.all([watching, opening, client.exec(), client.watch('guarded')]);
    await client.multi({ pipeline: false });
    await client.exec();
    expect(Object.hasOwn(client, 'sendCommand')).toBe(false);
  }
});

describe('a lost WATCH that its caller has given up', () => {
  test.each<readonly [string, (client: Redis) => Promise<unknown>]>([
    [
      'by UNWATCH in the same pipeline',
      (client) => client.pipeline([['unwatch'], ['multi'], ['set', 'guarded', 'new'], ['exec']]).exec(),
    ],
    [
      'by an UNWATCH that has no reply yet',
      (client) => Promise.all([client.unwatch(), client.multi().set('guarded', 'new').exec()]),
    ],
    [
      'by watching its keys again, one by one',
      (client) =>
        Promise.all([
          client.watch('guarded'),
          client.watch('other'),
          client.multi().set('guarded', 'new').exec(),
        ]),
    ],
  ])('%s rejects no transaction', async (_how, transact) => {
    const client = await openClient();
    await client.watch('guarded', 'other');
    await loseConnection(client);
    await transact(client);
    expect(await redis.admin.get('guarded')).toBe('new');
  });

  test('by disconnect() rejects no transaction after connect()', async () => {
    const client = await openClient();
    await client.watch('guarded');
    client.disconnect();
    await eventually(() => expect(client.status).toBe('end'));
    await client.connect();
    expect(await client.multi().set('guarded', 'new').exec()).toEqual([[null, 'OK']]);
  });
});

test('keys that are watched again and again without a transaction are kept once', async () => {
  const client = await openClient();
  const before = heapBytes();
  for (let round = 0; round < 40; round += 1) {
    await Promise.all(Array.from({ length: 500 }, (_, index) => client.watch(`key:${index % 10}`)));
  }
  expect(heapBytes() - before).toBeLessThan(10_000_000); // 32 MB if each WATCH is kept
});

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
