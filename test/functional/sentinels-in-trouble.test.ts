import type { Redis, RedisOptions } from 'ioredis';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type FactoryOptions, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/redis/index.js';
import { startSentinel } from '../support/sentinel.js';
import { printed } from '../support/use-factory.js';
import { useSentinels } from '../support/use-sentinels.js';

const PASSWORD = 'data/s3cret';
const SENTINEL_PASSWORD = 'watch:s3cret';
/** Long enough for a code to arrive that needs several refusals, and for a storm to show. */
const WATCHED_MS = 2_000;
/** Full jitter from 50 ms to 1 s makes about 7 rounds in that time; without it there would be hundreds. */
const MOST_ROUNDS = 25;

const the = useSentinels({ password: PASSWORD, sentinelPassword: SENTINEL_PASSWORD });
let factory: RedisFactory | undefined;
let told: unknown[] = [];

afterEach(() => factory?.shutdown());

function open(connection: RedisOptions = {}): RedisFactory {
  const whole = { ...the().connection, ...connection } as FactoryOptions['connection'];
  factory = createRedisFactory({ service: 'orders', host: 'web-1', connection: whole });
  told = [];
  factory.on('error', (error) => told.push(error));
  return factory;
}

/** Collects what the client is told. */
function errorsOf(client: Redis): unknown[] {
  const errors: unknown[] = [];
  client.on('error', (error) => errors.push(error));
  return errors;
}

/** A shutdown ends the search at once, rejects what waits for it, and leaves nothing on the sentinels. */
async function expectQuickEnd(waiting: Promise<unknown>): Promise<void> {
  const rejected = expect(waiting).rejects.toThrow();
  const start = Date.now();
  await factory?.shutdown();
  await rejected;
  expect(Date.now() - start).toBeLessThan(1_000);
  expect(factory?.connections()).toEqual([]);
}

const coded = (code: string) => expect.objectContaining({ code }) as unknown;

test('servers and sentinels with passwords of their own', async () => {
  const client = open().client();
  expect(await client.set('key', 'value')).toBe('OK');
  await eventually(async () => {
    const rows = await Promise.all(the().sentinels.map((sentinel) => sentinel.rows()));
    expect(rows.flat().map(({ name }) => name)).toEqual(
      Array.from({ length: 3 }, () => 'orders@web-1#sentinel'),
    );
  });
  expect(told).toEqual([]);
});

test('a wrong sentinel password is told as such, by client and factory, and never printed', async () => {
  const client = open({ sentinelPassword: 'wrong-s3cret' }).client();
  const errors = errorsOf(client);
  const waiting = client.get('key');
  waiting.catch(() => undefined);
  await eventually(() => expect(errors).toContainEqual(coded('HYG_AUTH_REFUSED')));
  await eventually(() => expect(told).toContainEqual(coded('HYG_AUTH_REFUSED')));
  await expectQuickEnd(waiting);
  expect(printed(...errors, ...told)).not.toMatch(/s3cret/);
});

test('a master that no sentinel knows is told with its name', async () => {
  const client = open({ name: 'nobody' }).client();
  const errors = errorsOf(client);
  const waiting = client.get('key');
  waiting.catch(() => undefined);
  await eventually(() => expect(errors).toContainEqual(coded('HYG_MASTER_UNKNOWN')));
  expect(
    String(errors.find((error) => (error as { code?: string }).code === 'HYG_MASTER_UNKNOWN')),
  ).toContain('nobody');
  await expectQuickEnd(waiting);
});

test('no sentinel reachable: asked with backoff, told, and over at shutdown', async () => {
  let dials = 0;
  const door = createServer((socket) => {
    dials += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => void door.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = door.address() as AddressInfo;
    const dead = await freePort();
    const both = [port, dead].map((one) => ({ host: '127.0.0.1', port: one }));
    const client = open({ sentinels: both }).client();
    const errors = errorsOf(client);
    const waiting = client.get('key');
    waiting.catch(() => undefined);
    await sleep(WATCHED_MS);
    expect(dials).toBeGreaterThan(1);
    expect(dials).toBeLessThanOrEqual(MOST_ROUNDS);
    expect(errors).toContainEqual(coded('HYG_SENTINEL_UNREACHABLE'));
    await expectQuickEnd(waiting);
    const atEnd = dials;
    await sleep(1_200); // longer than the longest pause between two rounds
    expect(dials).toBe(atEnd);
  } finally {
    door.close();
  }
});

test('a sentinel that names an address which refuses: dialled with backoff, and over at shutdown', async () => {
  const port = await freePort();
  await using lying = await startSentinel({ host: '127.0.0.1', port });
  const ours = open({ sentinels: [{ host: lying.host, port: lying.port }], updateSentinels: false });
  let dials = 0;
  ours.on('connecting', ({ connection }) => void (dials += Number(connection.role === 'command')));
  const client = ours.client({ sentinelPassword: '' });
  const errors = errorsOf(client);
  const waiting = client.get('key');
  waiting.catch(() => undefined);
  await sleep(WATCHED_MS);
  expect(dials).toBeGreaterThan(1);
  expect(dials).toBeLessThanOrEqual(MOST_ROUNDS);
  expect(printed(...errors)).toContain('ECONNREFUSED');
  await expectQuickEnd(waiting);
});

test('no replica is up: told as such', async () => {
  await using lone = await startSentinel({ host: '127.0.0.1', port: await freePort() });
  const client = open({ sentinels: [{ host: lone.host, port: lone.port }] }).client({
    role: 'slave',
    sentinelPassword: '',
  });
  const errors = errorsOf(client);
  const waiting = client.get('key');
  waiting.catch(() => undefined);
  await eventually(() => expect(errors).toContainEqual(coded('HYG_REPLICA_UNAVAILABLE')));
  await expectQuickEnd(waiting);
});
