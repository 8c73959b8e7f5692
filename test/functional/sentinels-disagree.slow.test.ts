import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/redis/index.js';
import { startSentinel } from '../support/sentinel.js';
import { useSentinels } from '../support/use-sentinels.js';

/** Time for two polls of every sentinel by the watchers. */
const TWO_POLLS_MS = 22_000;

const topology = useSentinels();
let factory: RedisFactory | undefined;

afterEach(() => factory?.shutdown());

test('an outdated sentinel that is asked first does not keep a client from the master', async () => {
  await using outdated = await startSentinel({ host: '127.0.0.1', port: await freePort() });
  const first = { host: outdated.host, port: outdated.port };
  factory = createRedisFactory({
    service: 'orders',
    host: 'web-1',
    connection: { ...topology().connection, sentinels: [first, ...topology().connection.sentinels] },
  });
  let losses = 0;
  factory.on('reconnecting', ({ connection }) => void (losses += Number(connection.role === 'command')));
  const client = factory.client();
  client.on('error', () => undefined);
  await eventually(() => expect(client.status).toBe('ready'), 5_000);
  expect(await client.set('key', 'value')).toBe('OK');

  // A single vote for another master is not a failover: the client stays connected.
  losses = 0;
  await sleep(TWO_POLLS_MS);
  expect(losses).toBe(0);
  expect(client.status).toBe('ready');
});
