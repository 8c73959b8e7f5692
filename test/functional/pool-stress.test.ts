import { expect, test } from 'vitest';
import { stressPool } from '../support/pool-stress/stress-pool.js';
import { expectNoHarm, formatStressReport, MAX } from '../support/pool-stress/stress-report.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const DURATION_MS = 4_000;

const redis = useRedis();
const the = useFactory(redis);

test.for(['server', 'borrowers'] as const)(
  '200 callers get clean connections while they are broken by the %s',
  { timeout: 40_000 },
  async (breaker) => {
    const pool = the.open().pool({ max: MAX, acquireTimeoutMs: 15_000, leaseWarnMs: 100 });
    const report = await stressPool({ redis, pool, durationMs: DURATION_MS, breaker });
    console.log(formatStressReport(`Broken by the ${breaker}`, report));
    expectNoHarm(report);
    expect(report.statistics.use.count).toBeGreaterThan(100);
    expect(the.factory.connections()).toEqual([]);
  },
);
