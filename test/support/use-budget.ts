import type { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { processConnectionCounts } from '../../src/ledger/connection-counts.js';
import { eventually } from './eventually.js';
import type { FactoryUnderTest } from './use-factory.js';

/** Error of a client that does not fit into the budget. */
export const full = expect.objectContaining({ code: 'HYG_LIMIT_CONNECTIONS' }) as Error;

/** Creates a factory with this limit, and as many clients, which are connected. */
export async function openFull(orders: FactoryUnderTest, limit = 2): Promise<Redis[]> {
  orders.open({ limits: { connections: limit } });
  const clients = Array.from({ length: limit }, () => orders.factory.client());
  await Promise.all(clients.map((client) => client.ping()));
  return clients;
}

/** Waits until the budget counts this number of connections. */
export async function waitForUsed(used: number): Promise<void> {
  await eventually(() => expect(processConnectionCounts.used).toBe(used));
}

/** Checks after each test, when its factories are shut down, that no connection is counted and no rejection is unhandled. */
export function expectNothingCounted(shutdown: () => Promise<unknown>): void {
  const rejections: unknown[] = [];
  const listener = (reason: unknown) => void rejections.push(reason);
  beforeAll(() => void process.on('unhandledRejection', listener));
  afterAll(() => void process.off('unhandledRejection', listener));
  afterEach(async () => {
    await shutdown();
    await waitForUsed(0);
    expect([processConnectionCounts.byRole(), processConnectionCounts.byCallSite()]).toEqual([{}, []]);
    await sleep(20);
    expect(rejections).toEqual([]);
  });
}
