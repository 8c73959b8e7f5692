import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useSentinels } from '../support/use-sentinels.js';

const the = useSentinels();
let factory: RedisFactory | undefined;
afterEach(() => factory?.shutdown());

test('a master that turns out to be a replica is left when it refuses a write, and the sentinels asked', async () => {
  const { connection, servers, master } = the();
  const real = await master();
  const replica = servers.find(({ port }) => port !== real.port);
  factory = createRedisFactory({ service: 'orders', host: 'web-1', connection });
  let isMisled = true;
  // Without a ready check nobody looks at the role, and without watchers nobody tells of a failover.
  const client = factory.client({
    failoverDetector: false,
    enableReadyCheck: false,
    natMap: (key) => (isMisled && replica && key === `${real.host}:${real.port}` ? replica : null),
  });
  await client.ping();
  isMisled = false;
  const told = { dials: 0 };
  factory.on('connecting', ({ connection: { role } }) => (told.dials += role === 'command' ? 1 : 0));
  const writes = [1, 2, 3].map((value) => expect(client.set('a', value)).rejects.toThrow('READONLY'));
  await Promise.all(writes);
  await eventually(async () => expect(await client.set('a', '4')).toBe('OK'), 2_000);
  expect(told.dials).toBe(1);
});
