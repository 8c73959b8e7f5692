import { Command, type Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { connectionOf } from '../../src/connect/connectors/enforced-connector.js';
import { clientInternals } from '../../src/connect/ioredis/internals.js';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

// A MULTI that is not noticed when it is sent: the PING of a health check becomes a step of the transaction.

const redis = useRedis();
const orders = useFactory(redis);

function send(client: Redis, name: string, ...args: string[]): Promise<unknown> {
  return client.sendCommand(new Command(name, args, { replyEncoding: 'utf8' })) as Promise<unknown>;
}

function healthChecked(client: Redis): { ping(): void; isPinged: boolean } {
  const owner = connectionOf(clientInternals(client).connector)?.owner;
  return { ping: () => void owner?.ping(), isPinged: owner?.expectation() === 'nothing' };
}

/** Pings the client, as a health check of a silent connection does. Resolves when the server has answered. */
async function ping(client: Redis): Promise<void> {
  healthChecked(client).ping();
  await eventually(() => expect(clientInternals(client).commandQueue.length).toBe(0));
}

async function openClient(): Promise<Redis> {
  const client = orders.open({ reconnectCapMs: 100 }).client();
  await client.ping();
  return client;
}

const beginnings: readonly (readonly [string, (client: Redis) => Promise<unknown>])[] = [
  ['sendCommand("multi")', (client) => send(client, 'multi')],
  ['sendCommand("MULTI")', (client) => send(client, 'MULTI')],
  ['a pipeline without EXEC', (client) => client.pipeline([['call', 'multi']]).exec()],
];

test.each(beginnings)(
  'the PING of a health check is no step of a transaction opened by %s',
  async (_, begin) => {
    const client = await openClient();
    await begin(client);
    await client.set('k', 1);
    await ping(client);
    expect(healthChecked(client).isPinged).toBe(false);
    await client.get('k');
    await client.call('get', 'k');
    expect(await client.exec()).toEqual([
      [null, 'OK'],
      [null, '1'],
      [null, '1'],
    ]);
    expect(healthChecked(client).isPinged).toBe(true);
    expect(Object.hasOwn(client, 'sendCommand')).toBe(false);
  },
);

test.each([
  ['before the first step', 0],
  ['behind the last step', 2],
])('a PING %s is taken out of the replies', async (_, stepsBefore) => {
  const client = await openClient();
  await send(client, 'multi');
  for (let i = 0; i < stepsBefore; i += 1) await client.set('k', i);
  await ping(client);
  for (let i = stepsBefore; i < 2; i += 1) await client.set('k', i);
  expect(await send(client, 'exec')).toEqual(['OK', 'OK']);
});

test('a PING that is queued while EXEC is on its way is taken out of its replies', async () => {
  const client = await openClient();
  await send(client, 'multi');
  await client.set('k', 1);
  healthChecked(client).ping();
  const replies = Promise.all([client.get('k'), client.exec()]);
  expect(await replies).toEqual([
    'QUEUED',
    [
      [null, 'OK'],
      [null, '1'],
    ],
  ]);
  expect(healthChecked(client).isPinged).toBe(true);
});

test('refused steps are not counted, and a discarded transaction leaves nothing behind', async () => {
  const client = await openClient();
  await send(client, 'multi');
  await ping(client);
  await client.set('k', 1);
  await expect(client.call('watch', 'k')).rejects.toThrow('WATCH inside MULTI');
  expect(await client.exec()).toEqual([[null, 'OK']]);
  await send(client, 'multi');
  await ping(client);
  await client.discard();
  await send(client, 'multi');
  await client.set('k', 1);
  expect(await client.exec()).toEqual([[null, 'OK']]);
});

test('the loss of the connection ends the transaction', async () => {
  const client = await openClient();
  await send(client, 'multi');
  await ping(client);
  clientInternals(client).stream?.destroy();
  await eventually(() => expect(client.status).toBe('ready'));
  await send(client, 'multi');
  await client.set('k', 1);
  expect(await client.exec()).toEqual([[null, 'OK']]);
  expect(healthChecked(client).isPinged).toBe(true);
});

test('heartbeats leave the replies of a transaction as they are', async () => {
  const client = orders.open({ heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 500 }).client();
  await send(client, 'multi');
  await client.set('k', 1);
  await redis.admin.config('RESETSTAT');
  await eventually(async () => {
    expect(await redis.admin.info('clients')).toBeTruthy();
    expect(healthChecked(client).isPinged).toBe(false);
  }, 15_000);
  expect(await client.exec()).toEqual([[null, 'OK']]);
  expect(await redis.admin.info('commandstats')).toMatch(/cmdstat_ping:calls=1,/);
});
