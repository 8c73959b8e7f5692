import { afterEach, expect, test } from 'vitest';
import type { OrphanEvent } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { type Firewall, startFirewall } from '../support/firewall.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

// Bull and BullMQ give their connections another name by a command. An orphan is proved by its name, among others.

const redis = useRedis();
const orders = useFactory(redis);

let firewall: Firewall;
afterEach(() => firewall[Symbol.asyncDispose]());

test.each([{}, { enableReadyCheck: false, protocol: 2, disableClientInfo: true }] as const)(
  'the orphan of a connection that the application has named again is reaped (%o)',
  async (options) => {
    firewall = await startFirewall(redis.server);
    const factory = orders.open({
      heartbeatIntervalMs: 1_000,
      heartbeatDeadlineMs: 300,
      stallLimitMs: 1_000,
      reconnectCapMs: 100,
      connection: firewall.url,
    });
    const orphans: OrphanEvent[] = [];
    factory.on('orphan', (event) => orphans.push(event));
    const client = factory.client(options);
    await client.client('SETNAME', 'bull:bWFpbHM=:qe');
    await eventually(() => expect(factory.connections()[0]?.clientId).toBeGreaterThan(0));
    expect(await redis.names()).toEqual(['bull:bWFpbHM=:qe']);
    firewall.forget();
    await eventually(() => expect(orphans).toMatchObject([{ outcome: 'reaped' }]), 15_000);
    await eventually(async () => expect(await redis.names()).toEqual(['orders@web-1']));
  },
);
