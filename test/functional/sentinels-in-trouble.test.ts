import type { Redis, RedisOptions } from 'ioredis';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type FactoryOptions, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { quietNow } from '../support/quiet-clock.js';
import { freePort } from '../support/redis/index.js';
import { startSentinel } from '../support/sentinel.js';
import { printed } from '../support/use-factory.js';
import { useSentinels } from '../support/use-sentinels.js';

const PASSWORD = 'data/s3cret';
const SENTINEL_PASSWORD = 'watch:s3cret';
/** Time in which errors that need several refusals arrive, and in which a dial storm would show. */
const OBSERVED_MS = 2_000;
/** Limit of dials in that time. Full jitter from 50 ms to 1 s makes about 7 rounds; without it there are hundreds. */
const MAX_DIALS = 25;

const topology = useSentinels({ password: PASSWORD, sentinelPassword: SENTINEL_PASSWORD });
let factory: RedisFactory | undefined;
let factoryErrors: unknown[] = [];

afterEach(() => factory?.shutdown());

function open(connection: RedisOptions = {}): RedisFactory {
  const merged = { ...topology().connection, ...connection } as FactoryOptions['connection'];
  factory = createRedisFactory({ service: 'orders', host: 'web-1', connection: merged });
  factoryErrors = [];
  factory.on('error', (error) => factoryErrors.push(error));
  return factory;
}

/** Collects the errors of a client. */
function errorsOf(client: Redis): unknown[] {
  const errors: unknown[] = [];
  client.on('error', (error) => errors.push(error));
  return errors;
}

/** Expects a shutdown that ends the search at once, rejects the waiting command, and leaves no connection. */
async function expectQuickShutdown(waiting: Promise<unknown>): Promise<void> {
  const rejected = expect(waiting).rejects.toThrow();
  const start = quietNow();
  await factory?.shutdown();
  await rejected;
  expect(quietNow() - start).toBeLessThan(1_000);
  expect(factory?.connections()).toEqual([]);
}

const coded = (code: string) => expect.objectContaining({ code }) as unknown;

test('servers and sentinels can have different passwords', async () => {
  const client = open().client();
  expect(await client.set('key', 'value')).toBe('OK');
  await eventually(async () => {
    const rows = await Promise.all(topology().sentinels.map((sentinel) => sentinel.rows()));
    expect(rows.flat().map(({ name }) => name)).toEqual(
      Array.from({ length: 3 }, () => 'orders@web-1#sentinel'),
    );
  });
  expect(factoryErrors).toEqual([]);
});

test('client and factory report a wrong sentinel password without printing it', async () => {
  const client = open({ sentinelPassword: 'wrong-s3cret' }).client();
  const errors = errorsOf(client);
  const waiting = client.get('key');
  waiting.catch(() => undefined);
  await eventually(() => expect(errors).toContainEqual(coded('HYG_AUTH_REFUSED')));
  await eventually(() => expect(factoryErrors).toContainEqual(coded('HYG_AUTH_REFUSED')));
  await expectQuickShutdown(waiting);
  expect(printed(...errors, ...factoryErrors)).not.toMatch(/s3cret/);
});

test('the client error names a master that no sentinel knows', async () => {
  const client = open({ name: 'nobody' }).client();
  const errors = errorsOf(client);
  const waiting = client.get('key');
  waiting.catch(() => undefined);
  await eventually(() => expect(errors).toContainEqual(coded('HYG_MASTER_UNKNOWN')));
  expect(
    String(errors.find((error) => (error as { code?: string }).code === 'HYG_MASTER_UNKNOWN')),
  ).toContain('nobody');
  await expectQuickShutdown(waiting);
});

test('sentinels that cannot be reached are dialled with backoff, until the shutdown', async () => {
  let dials = 0;
  const resetting = createServer((socket) => {
    dials += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => void resetting.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = resetting.address() as AddressInfo;
    const dead = await freePort();
    const both = [port, dead].map((one) => ({ host: '127.0.0.1', port: one }));
    const client = open({ sentinels: both }).client();
    const errors = errorsOf(client);
    const waiting = client.get('key');
    waiting.catch(() => undefined);
    await sleep(OBSERVED_MS);
    expect(dials).toBeGreaterThan(1);
    expect(dials).toBeLessThanOrEqual(MAX_DIALS);
    expect(errors).toContainEqual(coded('HYG_SENTINEL_UNREACHABLE'));
    await expectQuickShutdown(waiting);
    const atEnd = dials;
    await sleep(1_200); // longer than the longest pause between two rounds
    expect(dials).toBe(atEnd);
  } finally {
    resetting.close();
  }
});

test('a master that refuses connections is dialled with backoff, until the shutdown', async () => {
  const port = await freePort();
  await using outdated = await startSentinel({ host: '127.0.0.1', port });
  const ours = open({ sentinels: [{ host: outdated.host, port: outdated.port }], updateSentinels: false });
  let dials = 0;
  ours.on('connecting', ({ connection }) => void (dials += Number(connection.role === 'command')));
  const client = ours.client({ sentinelPassword: '' });
  const errors = errorsOf(client);
  const waiting = client.get('key');
  waiting.catch(() => undefined);
  await sleep(OBSERVED_MS);
  expect(dials).toBeGreaterThan(1);
  expect(dials).toBeLessThanOrEqual(MAX_DIALS);
  expect(printed(...errors)).toContain('ECONNREFUSED');
  await expectQuickShutdown(waiting);
});

test('the client error tells that no replica is up', async () => {
  await using lone = await startSentinel({ host: '127.0.0.1', port: await freePort() });
  const client = open({ sentinels: [{ host: lone.host, port: lone.port }] }).client({
    role: 'slave',
    sentinelPassword: '',
  });
  const errors = errorsOf(client);
  const waiting = client.get('key');
  waiting.catch(() => undefined);
  await eventually(() => expect(errors).toContainEqual(coded('HYG_REPLICA_UNAVAILABLE')));
  await expectQuickShutdown(waiting);
});
