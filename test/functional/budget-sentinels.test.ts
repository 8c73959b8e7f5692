import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type RedisFactory, type SuspectEvent } from '../../src/index.js';
import { processConnectionCounts } from '../../src/ledger/connection-counts.js';
import { eventually } from '../support/eventually.js';
import { expectNothingCounted, full, waitForUsed } from '../support/use-budget.js';
import { useSentinels } from '../support/use-sentinels.js';

const sentinels = useSentinels();

let factory: RedisFactory;
const errorCodes: string[] = [];
afterEach(() => expect(errorCodes.splice(0)).toEqual([]));
expectNothingCounted(() => factory.shutdown());

test('connections to sentinels are counted but never refused, so a client finds its server if the budget is full', async () => {
  const suspects: SuspectEvent[] = [];
  factory = createRedisFactory({
    service: 'orders',
    host: 'web-1',
    connection: sentinels().connection,
    limits: { connections: 1, perCallSite: 1 },
  });
  factory.on('suspect', (event) => suspects.push(event));
  factory.on('error', ({ code }) => errorCodes.push(code));
  const client = factory.client();
  expect(await client.ping()).toBe('PONG');
  await eventually(() => expect(processConnectionCounts.byRole()).toEqual({ sentinel: 3, command: 1 }));
  expect(() => factory.client()).toThrow(full);
  expect(() => factory.client()).toThrow('(3 sentinel, 1 command)');
  expect(suspects).toEqual([]);
  await client.quit();
  await waitForUsed(0);
  expect(await factory.client().ping()).toBe('PONG');
});
