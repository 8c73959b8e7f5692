import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

/** The shortest interval that is allowed, and a short deadline. */
const FAST = { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 300, reconnectCapMs: 100 };

/** Intervals of 1 s, with room for a busy machine. */
const MAX_IDLE_S = 4;

/** Longer than `MAX_IDLE_S`, so that a connection without a heartbeat shows. */
const SILENCE_MS = 6_500;

/** Seconds for which the server has heard nothing of our connections, the longest time first. */
async function idleTimes(): Promise<number[]> {
  const rows = String(await redis.admin.client('LIST')).split('\n');
  const idle = rows.flatMap((row) => / name=orders@web-1.* idle=(\d+)/.exec(row)?.[1] ?? []);
  return idle.map(Number).sort((one, other) => other - one);
}

/** Expects that the server hears of each of our connections within a few intervals. */
async function expectHeartbeats(connections: number, maxIdleS = MAX_IDLE_S): Promise<void> {
  const idle = await idleTimes();
  expect(idle).toHaveLength(connections);
  expect(idle[0]).toBeLessThanOrEqual(maxIdleS);
}

function blockEventLoop(ms: number): void {
  const end = Date.now() + ms;
  while (Date.now() < end);
}

test('an event loop that is blocked again and again still sends heartbeats, and loses no connection', async () => {
  const factory = orders.open(FAST);
  await Promise.all([factory.client().ping(), factory.subscriber().subscribe('news')]);
  const since = performance.now();
  for (let count = 0; count < 10; count += 1) {
    blockEventLoop(700);
    await pause(1);
  }
  // Blocks take longer on a busy machine. Without heartbeats the connections would have been silent all the time.
  await expectHeartbeats(2, (0.6 * (performance.now() - since)) / 1_000);
  expect(factory.connections().map(({ dials }) => dials)).toEqual([1, 1]);
});

test('clients and leases are pinged after a transaction whose commands were sent one by one', async () => {
  const factory = orders.open(FAST);
  const client = factory.client();
  const lease = await factory.pool({ max: 1 }).acquire();
  for (const each of [client, lease.client]) {
    await each.multi({ pipeline: false });
    await each.set('k', 1);
    await each.exec();
  }
  await pause(SILENCE_MS);
  await expectHeartbeats(2);
  await lease.release();
});

test('clients, pools and subscribers with a socketTimeout are pinged', async () => {
  const factory = orders.open({
    ...FAST,
    connection: { host: redis.server.host, port: redis.server.port, socketTimeout: 600 },
  });
  const lease = await factory.pool({ max: 1 }).acquire();
  await Promise.all([factory.client().ping(), factory.subscriber().subscribe('news')]);
  await pause(SILENCE_MS);
  await expectHeartbeats(3);
  expect(factory.connections().map(({ dials }) => dials)).toEqual([1, 1, 1]);
  await lease.release();
});
