import { expect, test } from 'vitest';
import type { Socket } from 'node:net';
import type { Redis } from 'ioredis';
import { type FactoryOptions, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useFakeServer } from '../support/fake-server.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);
const startFake = useFakeServer();

const BYTE_INTERVAL_MS = 20;
const TIMEOUT_MS = 20_000;
const settings = { handshakeTimeoutMs: 300, heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 300 } as const;

/** Sends the beginning of an answer byte by byte, and never its end. */
function drip(socket: Socket): void {
  socket.once('data', () => {
    socket.write('$100000\r\n');
    const timer = setInterval(() => socket.write('x'), BYTE_INTERVAL_MS);
    socket.on('close', () => clearInterval(timer));
  });
}

const open = (url: string, options: Partial<FactoryOptions> = {}): RedisFactory =>
  orders.open({ connection: url, ...settings, ...options });

const slow = () =>
  orders.errors.filter(({ code, details }) => code === 'HYG_CONNECT_FAILED' && details['reason'] === 'SLOW');

/** How each kind of client opens a connection, and its errors are taken. */
const kinds: [string, (factory: RedisFactory) => unknown][] = [
  ['a client', (factory) => factory.client()],
  [
    'a client that asks as little as possible',
    (factory) => factory.client({ protocol: 2, disableClientInfo: true, enableReadyCheck: false }),
  ],
  ['a client with a password', (factory) => factory.client({ password: 'secret' })],
  [
    'a subscriber',
    (factory) =>
      void factory
        .subscriber()
        .subscribe('news')
        .catch(() => undefined),
  ],
  [
    'a pool',
    (factory) =>
      void factory
        .pool({ max: 1, min: 1 })
        .acquire()
        .catch(() => undefined),
  ],
];

test.each(kinds)('%s whose server sends the handshake byte by byte says so once', async (_kind, make) => {
  const fake = await startFake(drip);
  const client = make(open(fake.url)) as Redis | undefined;
  client?.on('error', () => undefined);
  await eventually(() => expect(slow().length).toBeGreaterThan(0), TIMEOUT_MS);
  const [error] = slow();
  expect(error?.message).toMatch(/has received \d+ bytes in \d+ ms .* has not finished the handshake/);
  expect(error?.details).toMatchObject({ target: fake.url });
  expect(error?.details['bytesRead']).toBeGreaterThan(10);
  const bytesThen = fake.accepted[0]?.bytesWritten ?? 0;
  await eventually(() => expect(fake.accepted[0]?.bytesWritten).toBeGreaterThan(bytesThen + 50), TIMEOUT_MS);
  expect(slow()).toHaveLength(1);
  expect(fake.accepted).toHaveLength(1);
  expect(fake.accepted[0]?.destroyed).toBe(false);
});
