import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/redis/index.js';
import { startSentinel } from '../support/sentinel.js';
import { useSentinels } from '../support/use-sentinels.js';

/** Two rounds in which the watchers ask every sentinel for the master. */
const WATCHED_MS = 22_000;

const the = useSentinels();
let factory: RedisFactory | undefined;

afterEach(() => factory?.shutdown());

test('a sentinel that the others have left behind, asked first: its master is not believed in for ever', async () => {
  await using outdated = await startSentinel({ host: '127.0.0.1', port: await freePort() });
  const first = { host: outdated.host, port: outdated.port };
  factory = createRedisFactory({
    service: 'orders',
    host: 'web-1',
    connection: { ...the().connection, sentinels: [first, ...the().connection.sentinels] },
  });
  let losses = 0;
  factory.on('reconnecting', ({ connection }) => void (losses += Number(connection.role === 'command')));
  const client = factory.client();
  client.on('error', () => undefined);
  await eventually(() => expect(client.status).toBe('ready'), 5_000);
  expect(await client.set('key', 'value')).toBe('OK');

  // One that disagrees is not a failover: nobody is torn from a master that works.
  losses = 0;
  await sleep(WATCHED_MS);
  expect(losses).toBe(0);
  expect(client.status).toBe('ready');
}, 60_000);
