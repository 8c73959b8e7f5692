import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type HygieneError, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { startFakeSentinel } from '../support/fake-sentinel.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
let factory: RedisFactory | undefined;
afterEach(() => factory?.shutdown());

function openAt(sentinel: { readonly host: string; readonly port: number }): HygieneError[] {
  factory = createRedisFactory({
    service: 'orders',
    connection: { name: 'mymaster', sentinels: [{ host: sentinel.host, port: sentinel.port }] },
  });
  const errors: HygieneError[] = [];
  // The fake sentinel does not tell connection names.
  factory.on('error', (error) => error.code === 'HYG_NAME_REFUSED' || errors.push(error));
  return errors;
}

const masterAt = (port: number) => ({ ip: '127.0.0.1', port });

test('a sentinel whose handshake and answer together take longer than the limit is reached in the first round', async () => {
  await using sentinel = await startFakeSentinel({
    ...{ master: masterAt(redis.server.port), replicas: [], latencyMs: 900 },
  });
  const errors = openAt(sentinel);
  expect(await factory?.client().ping()).toBe('PONG');
  expect(errors).toEqual([]);
  await factory?.shutdown();
});

test('a sentinel that is slower than the limit is reached in a later round, and the error names the option', async () => {
  await using sentinel = await startFakeSentinel({
    ...{ master: masterAt(redis.server.port), replicas: [], latencyMs: 1_800 },
  });
  const errors = openAt(sentinel);
  const client = factory?.client();
  client?.on('error', () => undefined);
  await eventually(async () => expect(await client?.ping()).toBe('PONG'), 18_000);
  expect(errors[0]?.code).toBe('HYG_SENTINEL_UNREACHABLE');
  expect(errors[0]?.message).toContain('no answer within 1500 ms, see sentinelTimeoutMs');
  await factory?.shutdown();
});
