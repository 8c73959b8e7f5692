import type { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { processConnectionCounts } from '../../src/ledger/connection-counts.js';
import { eventually } from './eventually.js';
import type { FactoryUnderTest } from './use-factory.js';

/** What a full budget answers. */
export const full = expect.objectContaining({ code: 'HYG_LIMIT_CONNECTIONS' }) as Error;

/** A factory with so many places, and all of them taken by clients that are up. */
export async function openFull(orders: FactoryUnderTest, limit = 2): Promise<Redis[]> {
  orders.open({ limits: { connections: limit } });
  const clients = Array.from({ length: limit }, () => orders.factory.client());
  await Promise.all(clients.map((client) => client.ping()));
  return clients;
}

/** So many places are in use: a client that had one is gone. */
export async function untilUsed(used: number): Promise<void> {
  await eventually(() => expect(processConnectionCounts.used).toBe(used));
}

/** After each test, with all its factories shut down: no place is held, and no rejection was left unhandled. */
export function expectNothingHeld(shutdown: () => Promise<unknown>): void {
  const rejections: unknown[] = [];
  const listener = (reason: unknown) => void rejections.push(reason);
  beforeAll(() => void process.on('unhandledRejection', listener));
  afterAll(() => void process.off('unhandledRejection', listener));
  afterEach(async () => {
    await shutdown();
    await untilUsed(0);
    expect([processConnectionCounts.byRole(), processConnectionCounts.byCallSite()]).toEqual([{}, []]);
    await sleep(20);
    expect(rejections).toEqual([]);
  });
}
