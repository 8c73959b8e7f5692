import { expect, test } from 'vitest';
import { clientInternals } from '../../src/connect/ioredis/internals.js';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

/** A client that was about to send a command again when its server stood still in the handshake. */
async function inHandshake() {
  const client = orders.open().client();
  client.on('error', () => undefined);
  await client.ping();
  const waiting = client.blpop('nothing', 0).catch((error: unknown) => error);
  await eventually(() => expect(clientInternals(client).commandQueue.length).toBe(1));
  await redis.server.pause();
  client.stream.destroy();
  await eventually(() => expect(client.status).toBe('connect'));
  return { client, waiting };
}

test('commands that were to be sent again are counted, and rejected by a shutdown in the handshake', async () => {
  const { client, waiting } = await inHandshake();
  try {
    const report = await orders.factory.shutdown({ timeoutMs: 1_000 });
    expect(report).toMatchObject({ abandonedCommands: 1 });
    expect(await waiting).toMatchObject({ message: 'Connection is closed.' });
    expect(client.status).toBe('end');
  } finally {
    await redis.server.resume();
  }
});

test('they are rejected too when the application disconnects, and not sent when it connects again', async () => {
  const { client, waiting } = await inHandshake();
  client.disconnect();
  await redis.server.resume();
  expect(await waiting).toMatchObject({ message: 'Connection is closed.' });
  await eventually(() => expect(client.status).toBe('end'));
  await client.connect();
  expect(await client.ping()).toBe('PONG');
});
