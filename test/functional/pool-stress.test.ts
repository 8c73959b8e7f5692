import { expect, test } from 'vitest';
import { expectNoHarm, MAX, tellStress } from '../support/pool-stress/figures.js';
import { stressPool } from '../support/pool-stress/stress.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const DURATION_MS = 4_000;

const redis = useRedis();
const the = useFactory(redis);

test.for(['server', 'borrowers'] as const)(
  '200 callers, and the %s break connections',
  { timeout: 40_000 },
  async (breaker) => {
    const pool = the.open().pool({ max: MAX, acquireTimeoutMs: 15_000, leaseWarnMs: 100 });
    const report = await stressPool({ redis, pool, durationMs: DURATION_MS, breaker });
    console.log(tellStress(`Broken by the ${breaker}`, report));
    expectNoHarm(report);
    expect(report.statistics.use.count).toBeGreaterThan(100);
    // What a borrower destroys is gone here at once, and there when the server has read that it is.
    if (breaker === 'server') expect(report.mostRows).toBeLessThanOrEqual(MAX);
    expect(the.factory.connections()).toEqual([]);
  },
);
