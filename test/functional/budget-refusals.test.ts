import { Redis as Raw, type Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { expectNothingCounted, full, openFull, waitForUsed } from '../support/use-budget.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

// afterEach hooks run in reverse order.
afterEach(() => eventually(async () => expect(await redis.names()).toEqual([])));
expectNothingCounted(() => orders.factory.shutdown());

describe('a lazy client', () => {
  test('is not counted before its first dial', async () => {
    const [client] = await openFull(orders);
    const lazy = orders.factory.client({ lazyConnect: true });
    await client?.quit();
    await waitForUsed(1);
    expect(await lazy.ping()).toBe('PONG');
  });

  test('rejects its commands if the budget is full when it dials, and emits an error', async () => {
    await openFull(orders);
    const lazy = orders.factory.client({ lazyConnect: true });
    const errors: Error[] = [];
    lazy.on('error', (error) => errors.push(error));
    const outcomes = await Promise.allSettled([
      lazy.get('a'),
      lazy.set('a', '1'),
      lazy.multi().get('a').exec(),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(outcomes[0]).toMatchObject({ reason: { code: 'HYG_LIMIT_CONNECTIONS' } });
    expect(errors).toEqual([full]);
    expect(lazy.status).toBe('end');
    await expect(lazy.get('a')).rejects.toThrow('Connection is closed.');
    expect(orders.factory.connections()).toHaveLength(2);
    await eventually(() => expect(orders.errors).toEqual([full]));
  });

  test('rejects connect() if the budget is full, and connects later', async () => {
    const [client] = await openFull(orders);
    const lazy = orders.factory.client({ lazyConnect: true }).on('error', () => undefined);
    await expect(lazy.connect()).rejects.toThrow(full);
    await client?.quit();
    await waitForUsed(1);
    await lazy.connect();
    expect(await lazy.ping()).toBe('PONG');
  });
});

describe('a client of a library', () => {
  function openLibrary(): Redis {
    return new Raw(orders.factory.options('queue')).on('error', () => undefined);
  }

  test('rejects its commands if the budget is full, and the factory emits an error', async () => {
    await openFull(orders);
    const library = openLibrary();
    await expect(library.ping()).rejects.toThrow(full);
    expect(library.status).toBe('end');
    expect(orders.factory.connections()).toHaveLength(2);
    await eventually(() => expect(orders.errors).toEqual([full]));
  });

  test('that loses its connection to a full budget waits until there is room, and does not end', async () => {
    const [client] = await openFull(orders, 2);
    await client?.quit();
    await waitForUsed(1);
    const library = openLibrary();
    await library.ping();
    const other = new Promise<Redis>((resolve) =>
      orders.factory.once('closed', () => resolve(orders.factory.client())),
    );
    await redis.admin.call('CLIENT', 'KILL', 'ID', String(await library.client('ID')));
    const replacement = await other;
    const reply = library.get('a');
    await eventually(() => expect(orders.errors).toEqual([full]));
    expect(['close', 'reconnecting']).toContain(library.status);
    expect(await redis.rows()).toHaveLength(2);
    await replacement.quit();
    expect(await reply).toBe(null);
    library.disconnect();
    await waitForUsed(1);
  });
});

test('many refusals cause one error event per second, with the number of all refusals', async () => {
  await openFull(orders);
  const started = Date.now();
  let attempts = 0;
  while (Date.now() - started < 1_500) {
    attempts += 1;
    const client = new Raw(orders.factory.options('queue')).on('error', () => undefined);
    await client.ping().catch(() => undefined);
    await sleep(5);
  }
  expect(orders.errors[0]?.details).toMatchObject({ refused: 1 });
  await eventually(() => expect(orders.errors.at(-1)?.details).toMatchObject({ refused: attempts }));
  expect(attempts).toBeGreaterThan(10);
  expect(orders.errors.length).toBeLessThanOrEqual(2 + (Date.now() - started) / 1_000);
});
