import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

// A library may read the options of a client that it was given: Bull throws if the ready check is on.

const redis = useRedis();
const orders = useFactory(redis);

test('a client whose ready check is off shows that in its options, before and after its handshake', async () => {
  const client = orders.open().client({ enableReadyCheck: false });
  const copy = client.duplicate();
  const shown = () => [client, copy].map(({ options }) => options.enableReadyCheck);
  expect(shown()).toEqual([false, false]);
  await Promise.all([client.ping(), copy.ping()]);
  expect(shown()).toEqual([false, false]);
});

test('it shows that after it has reconnected too', async () => {
  const factory = orders.open();
  const client = factory.client({ enableReadyCheck: false });
  await client.ping();
  const idOf = () => factory.connections()[0]?.clientId;
  const before = idOf();
  await redis.admin.client('KILL', 'ID', String(before));
  await eventually(() => expect([undefined, before]).not.toContain(idOf()));
  await eventually(() => expect(client.status).toBe('ready'));
  expect(client.options.enableReadyCheck).toBe(false);
});
