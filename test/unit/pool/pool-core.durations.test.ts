import { expect, test } from 'vitest';
import { createPoolHarness } from '../../support/unit/pool/pool-harness.js';

/** How long a connection of the harness takes to become ready. */
const DIAL_MS = 2;

const all = (ms: number) => ({ maxMs: ms, p50Ms: ms, p95Ms: ms, p99Ms: ms });

test('statistics() tells how long callers waited, leases lasted and connections took to become ready', async () => {
  const { pool, clock } = createPoolHarness({ max: 1 });
  const acquiring = pool.acquire();
  await clock.advance(10);
  const first = await acquiring;
  const waiting = pool.acquire();
  await clock.advance(40);
  expect(pool.statistics()).toMatchObject({
    wait: { count: 1, totalMs: DIAL_MS, ...all(DIAL_MS) },
    use: { count: 0, totalMs: 0, ...all(0) },
    create: { count: 1, totalMs: DIAL_MS, ...all(DIAL_MS) },
  });
  await first.release();
  const second = await waiting;
  await clock.advance(1_000);
  await second.release();
  expect(pool.statistics()).toMatchObject({
    wait: { count: 2, totalMs: DIAL_MS + 40, maxMs: 40, p50Ms: DIAL_MS, p99Ms: 40 },
    use: { count: 2, totalMs: 48 + 1_000, maxMs: 1_000, p50Ms: 50, p99Ms: 1_000 },
    create: { count: 1 },
  });
});

test('a connection that was dialled again took from the first dial', async () => {
  const { pool, clock, server } = createPoolHarness({ max: 1 });
  server.isUp = false;
  const acquiring = pool.acquire();
  await clock.advance(300);
  server.isUp = true;
  await clock.advance(5_000);
  await acquiring;
  const { create, wait } = pool.statistics();
  expect(create.count).toBe(1);
  expect(create.maxMs).toBeGreaterThan(300);
  expect(create.maxMs).toBe(wait.maxMs);
});
