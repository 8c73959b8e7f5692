import { expect, test } from 'vitest';
import { createRedisFactory } from '../../src/index.js';
import { stressPool } from '../support/pool-stress/stress-pool.js';
import { expectNoHarm, formatStressReport, MAX } from '../support/pool-stress/stress-report.js';
import { useRedis } from '../support/use-redis.js';

const DURATION_MS = 60_000;

const redis = useRedis();

test.for(['server', 'borrowers'] as const)(
  '200 callers get clean connections for 60 s while these are broken by the %s',
  { timeout: 150_000 },
  async (breaker) => {
    await using factory = createRedisFactory({
      service: 'orders',
      host: 'web-1',
      connection: redis.server.url,
    });
    const pool = factory.pool({ max: MAX, acquireTimeoutMs: 30_000, leaseWarnMs: 100 });
    const report = await stressPool({ redis, pool, durationMs: DURATION_MS, breaker });
    console.log(formatStressReport(`60 s, broken by the ${breaker}`, report));
    expectNoHarm(report);
    expect(factory.connections()).toEqual([]);
  },
);
