import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { createRedisFactory, type FactoryOptions } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useSentinels } from '../support/use-sentinels.js';

const topology = useSentinels();

test('in the mode observe, ioredis asks the sentinels, and the connection to the master is named and counted', async () => {
  const connection = topology().connection as FactoryOptions['connection'];
  const factory = createRedisFactory({ service: 'orders', host: 'web-1', connection, mode: 'observe' });
  onTestFinished(() => void factory.shutdown());
  const client = factory.client();
  const plain = new Redis(topology().connection);
  onTestFinished(() => plain.disconnect());
  expect(await Promise.all([client.ping(), plain.ping()])).toEqual(['PONG', 'PONG']);
  expect(await client.client('GETNAME')).toBe('orders@web-1');
  expect(client.options.failoverDetector).toBe(plain.options.failoverDetector);
  expect(client.options.reconnectOnError).toBe(plain.options.reconnectOnError);
  const emitters = [client, plain].map(
    (one) => (one as unknown as { connector: { emitter: unknown } }).connector.emitter,
  );
  expect(emitters[0]).toBe(client);
  expect(emitters[1]).toBe(plain);
  expect(factory.connections()).toMatchObject([{ role: 'command', state: 'ready' }]);
  expect(await factory.shutdown()).toMatchObject({ closed: 1, forced: 0 });
  await eventually(() => expect(client.status).toBe('end'));
});
