import { once } from 'node:events';
import { expect, test } from 'vitest';
import { clientInternals } from '../../src/connect/ioredis/internals.js';
import { createRedisFactory, type OrphanEvent } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { startSharingProxy } from '../support/sharing-proxy.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

test('a proxy has given the connection of a lost client to another one of this process: it is not killed', async () => {
  await using proxy = await startSharingProxy(redis.server);
  const options = { connection: proxy.url, reconnectCapMs: 100 };
  const factory = orders.open(options);
  const orphans: OrphanEvent[] = [];
  factory.on('orphan', (event) => void orphans.push(event));
  const lost = factory.client();
  const id = await lost.client('ID');
  proxy.forget();
  await using other = createRedisFactory({ service: 'orders', host: 'web-1', ...options });
  const heir = other.client();
  expect(await heir.client('ID')).toBe(id); // the server shows the name and address that the lost client had
  clientInternals(lost).stream?.destroy();
  await once(lost, 'ready');
  await eventually(() => expect(orphans).toHaveLength(1));
  expect(orphans[0]).toMatchObject({
    outcome: 'refused',
    clientId: id,
    why: expect.stringContaining('A proxy shares its connections') as string,
  });
  expect(await heir.client('ID')).toBe(id);
  expect(other.connections()).toMatchObject([{ dials: 1 }]);
  await other.shutdown();
});
