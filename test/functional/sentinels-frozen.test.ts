import type { RedisOptions } from 'ioredis';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type FactoryOptions, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { quietNow } from '../support/quiet-clock.js';
import { freePort } from '../support/redis/index.js';
import { useSentinels } from '../support/use-sentinels.js';

const topology = useSentinels();
let opened: RedisFactory[] = [];

afterEach(async () => {
  await Promise.all(opened.map((factory) => factory.shutdown()));
  opened = [];
});

function open(connection: RedisOptions = {}): RedisFactory {
  const merged = { ...topology().connection, ...connection } as FactoryOptions['connection'];
  const factory = createRedisFactory({ service: 'orders', host: 'web-1', connection: merged });
  opened.push(factory);
  return factory;
}

/** Measures the time until a new client is ready for commands, in milliseconds. */
async function measureReadyMs(ours: RedisFactory): Promise<number> {
  const start = quietNow();
  const client = ours.client();
  client.on('error', () => undefined);
  await once(client, 'ready');
  const ms = quietNow() - start;
  expect(await client.set('key', 'value')).toBe('OK');
  return ms;
}

/** Expects a shutdown that does not wait for frozen sentinels. */
async function expectQuickShutdown(ours: RedisFactory): Promise<void> {
  const start = quietNow();
  await ours.shutdown();
  expect(quietNow() - start).toBeLessThan(2_000);
  expect(ours.connections()).toEqual([]);
}

test('a closed port of the first sentinel costs no time', async () => {
  const closed = { host: '127.0.0.1', port: await freePort() };
  const ours = open({ sentinels: [closed, ...topology().connection.sentinels] });
  expect(await measureReadyMs(ours)).toBeLessThan(1_000);
  await expectQuickShutdown(ours);
});

// These tests freeze one sentinel after the other, so their order matters.
test.for([
  [1, 1_500],
  [2, 2_500],
] as const)('with the first %i sentinels frozen, a client is ready within %i ms', async ([count, maxMs]) => {
  topology()
    .sentinels.slice(0, count)
    .filter(({ state }) => state === 'running')
    .forEach((sentinel) => sentinel.pause());
  const ours = open();
  const ms = await measureReadyMs(ours);
  expect(ms).toBeLessThanOrEqual(maxMs);
  // A client that discovers the frozen sentinels through another one is not slower.
  const awake = topology().connection.sentinels.slice(count);
  expect(await measureReadyMs(open({ sentinels: awake }))).toBeLessThanOrEqual(maxMs);
  await expectQuickShutdown(ours);
});

test('with all sentinels frozen, the client gets an error, and a shutdown ends the search at once', async () => {
  topology()
    .sentinels.filter(({ state }) => state === 'running')
    .forEach((sentinel) => sentinel.pause());
  const ours = open();
  const client = ours.client();
  const errors: unknown[] = [];
  client.on('error', (error) => errors.push(error));
  const waiting = client.get('key');
  waiting.catch(() => undefined);
  await eventually(
    () => expect(errors).toContainEqual(expect.objectContaining({ code: 'HYG_SENTINEL_UNREACHABLE' })),
    10_000,
  );
  const rejected = expect(waiting).rejects.toThrow();
  await expectQuickShutdown(ours);
  await rejected;
});
