import type { Redis, RedisOptions } from 'ioredis';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { clientInternals } from '../../src/connect/ioredis/internals.js';
import { eventually } from '../support/eventually.js';
import { inTime } from '../support/in-time.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

const TIMEOUT_MS = 10_000;

function open(options: RedisOptions = {}) {
  const client = orders.open({ reconnectBaseMs: 1 }).client(options);
  const errors: Error[] = [];
  client.on('error', (error) => errors.push(error));
  return { client, errors };
}

const outcomeOf = (command: Promise<unknown>) =>
  inTime(
    'the end of the command',
    command.then(
      () => 'answered',
      (error: unknown) => (error as Error).message,
    ),
    TIMEOUT_MS,
  );

/** Breaks the next connection of this client in its handshake, which the paused server does not answer. */
async function breakInHandshake(client: Redis, meanwhile: () => void = () => undefined): Promise<void> {
  await redis.server.pause();
  try {
    client.stream.destroy();
    await eventually(() => expect(client.status).toBe('connect'));
    meanwhile();
    const broken = once(client, 'close');
    client.stream.destroy();
    await broken;
  } finally {
    await redis.server.resume();
  }
}

async function sendBlocking(client: Redis): Promise<{ popped: Promise<unknown> }> {
  await client.ping();
  const popped = client.blpop('list', 0);
  await eventually(() => expect(clientInternals(client).commandQueue.length).toBe(1));
  popped.catch(() => undefined);
  return { popped };
}

test('a command that was sent during a handshake which breaks is rejected', async () => {
  const { client, errors } = open({ db: 1 });
  await client.ping();
  const sent: Promise<string>[] = [];
  await breakInHandshake(client, () => {
    sent.push(outcomeOf(client.info()), outcomeOf(client.client('ID')), outcomeOf(client.get('key')));
  });
  expect(await Promise.all(sent)).toEqual(['Connection is closed.', 'Connection is closed.', 'answered']);
  expect(await client.ping()).toBe('PONG');
  expect(errors).toEqual([]); // rejected handshake commands of ioredis, such as SELECT, are not emitted as errors either
});

test('a command in flight is rejected when it is not to be sent again', async () => {
  const { client } = open({ autoResendUnfulfilledCommands: false });
  const { popped } = await sendBlocking(client);
  client.stream.destroy();
  expect(await outcomeOf(popped)).toBe('Connection is closed.');
  expect(await client.ping()).toBe('PONG');
});

test('a command in flight is otherwise sent again, also after a handshake that broke', async () => {
  const { client } = open();
  const { popped } = await sendBlocking(client);
  await breakInHandshake(client);
  await redis.admin.rpush('list', 'item');
  expect(await inTime('the item', popped, TIMEOUT_MS)).toEqual(['list', 'item']);
});
