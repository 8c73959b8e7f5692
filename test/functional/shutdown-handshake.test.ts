import { expect, test } from 'vitest';
import { clientInternals } from '../../src/connect/ioredis/internals.js';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

/** A client that has a command to send again and reconnects to a paused server. */
async function pauseInHandshake() {
  const client = orders.open().client();
  client.on('error', () => undefined);
  await client.ping();
  const pending = client.blpop('nothing', 0).catch((error: unknown) => error);
  await eventually(() => expect(clientInternals(client).commandQueue.length).toBe(1));
  await redis.server.pause();
  client.stream.destroy();
  await eventually(() => expect(client.status).toBe('connect'));
  return { client, pending };
}

test('commands to be sent again are counted and rejected by a shutdown during the handshake', async () => {
  const { client, pending } = await pauseInHandshake();
  try {
    const report = await orders.factory.shutdown({ timeoutMs: 1_000 });
    expect(report).toMatchObject({ abandonedCommands: 1 });
    expect(await pending).toMatchObject({ message: 'Connection is closed.' });
    expect(client.status).toBe('end');
  } finally {
    await redis.server.resume();
  }
});

test('commands to be sent again are rejected by disconnect() during the handshake, and not sent later', async () => {
  const { client, pending } = await pauseInHandshake();
  client.disconnect();
  await redis.server.resume();
  expect(await pending).toMatchObject({ message: 'Connection is closed.' });
  await eventually(() => expect(client.status).toBe('end'));
  await client.connect();
  expect(await client.ping()).toBe('PONG');
});
