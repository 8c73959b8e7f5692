import type { RedisOptions } from 'ioredis';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type FactoryOptions, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/redis/index.js';
import { useSentinels } from '../support/use-sentinels.js';

const the = useSentinels();
let opened: RedisFactory[] = [];

afterEach(async () => {
  await Promise.all(opened.map((factory) => factory.shutdown()));
  opened = [];
});

function open(connection: RedisOptions = {}): RedisFactory {
  const whole = { ...the().connection, ...connection } as FactoryOptions['connection'];
  const factory = createRedisFactory({ service: 'orders', host: 'web-1', connection: whole });
  opened.push(factory);
  return factory;
}

/** Milliseconds from the making of a client until it is ready for commands. */
async function untilReady(ours: RedisFactory): Promise<number> {
  const start = performance.now();
  const client = ours.client();
  client.on('error', () => undefined);
  await once(client, 'ready');
  const ms = performance.now() - start;
  expect(await client.set('key', 'value')).toBe('OK');
  return ms;
}

/** Nothing but what waits for a frozen sentinel may be left, and that not for long. */
async function expectQuickEnd(ours: RedisFactory): Promise<void> {
  const start = performance.now();
  await ours.shutdown();
  expect(performance.now() - start).toBeLessThan(2_000);
  expect(ours.connections()).toEqual([]);
}

test('a first sentinel whose port is closed costs nothing', async () => {
  const closed = { host: '127.0.0.1', port: await freePort() };
  const ours = open({ sentinels: [closed, ...the().connection.sentinels] });
  expect(await untilReady(ours)).toBeLessThan(1_000);
  await expectQuickEnd(ours);
});

// The following freeze more and more of them: they stand in this order.
test.for([
  [1, 1_500],
  [2, 2_500],
] as const)('with the first %i frozen a client is ready within %i ms', async ([count, most]) => {
  the()
    .sentinels.slice(0, count)
    .filter(({ state }) => state === 'running')
    .forEach((sentinel) => sentinel.pause());
  const ours = open();
  const ms = await untilReady(ours);
  expect(ms).toBeLessThanOrEqual(most);
  // Whoever is told of more sentinels by the one that answers does not fall for the frozen ones either.
  const awake = the().connection.sentinels.slice(count);
  expect(await untilReady(open({ sentinels: awake }))).toBeLessThanOrEqual(most);
  await expectQuickEnd(ours);
});

test('with all of them frozen the client is told, and shutdown ends the search at once', async () => {
  the()
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
  await expectQuickEnd(ours);
  await rejected;
});
