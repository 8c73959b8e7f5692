import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useSentinels } from '../support/use-sentinels.js';

const topology = useSentinels();
let factory: RedisFactory | undefined;
afterEach(() => factory?.shutdown());

test('a client leaves a master that was demoted when it refuses a write, and asks the sentinels again', async () => {
  const { connection, servers, master } = topology();
  const current = await master();
  const replica = servers.find(({ port }) => port !== current.port);
  factory = createRedisFactory({ service: 'orders', host: 'web-1', connection });
  let isNatMapWrong = true;
  // Without a ready check the role is not checked, and without watchers no failover is detected.
  const client = factory.client({
    failoverDetector: false,
    enableReadyCheck: false,
    natMap: (key) => (isNatMapWrong && replica && key === `${current.host}:${current.port}` ? replica : null),
  });
  await client.ping();
  isNatMapWrong = false;
  let dials = 0;
  factory.on('connecting', ({ connection: { role } }) => void (dials += role === 'command' ? 1 : 0));
  const writes = [1, 2, 3].map((value) => expect(client.set('a', value)).rejects.toThrow('READONLY'));
  await Promise.all(writes);
  await eventually(async () => expect(await client.set('a', '4')).toBe('OK'), 2_000);
  expect(dials).toBe(1);
});
