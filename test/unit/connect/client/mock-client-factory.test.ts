import type { RedisOptions } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { createMockClientFactory } from '../../../../src/connect/client/mock-client-factory.js';
import type { Ioredis } from '../../../../src/connect/ioredis/load-ioredis.js';
import { checkFactoryOptions } from '../../../../src/options/factory-options.js';

class FakeRedis {
  constructor(readonly options: RedisOptions) {}
}

function createFactory(assertOpen: () => void = () => undefined) {
  return createMockClientFactory({
    copy: { Redis: FakeRedis } as unknown as Ioredis,
    identity: { service: 'orders', host: 'web-1' },
    settings: checkFactoryOptions({}).settings,
    assertOpen,
  });
}

test('a client is made by the mock, from the options that ioredis would get', () => {
  const client = createFactory().createClient({ host: 'cache' });
  expect(client).toBeInstanceOf(FakeRedis);
  expect(client.options).toMatchObject({ host: 'cache', connectionName: 'orders@web-1' });
});

test('options for a library have its role', () => {
  const { connectionName } = createFactory().enforceOptions({}, 'bullmq');
  expect(connectionName).toBe('orders@web-1#bullmq');
});

test('after shutdown() no client is made', () => {
  const construct = vi.fn();
  const factory = createFactory(() => expect.unreachable('shut down'));
  expect(() => factory.createClient({}, { construct })).toThrow('shut down');
  expect(construct).not.toHaveBeenCalled();
});
