import type { RedisFactory } from '../factory/factory.js';
import type { HealthOptions } from '../factory/health/health.js';
import type { HealthReport } from '../factory/health/health-report.js';

/** The answer to a readiness probe. */
export interface ReadinessAnswer {
  /** The status code of HTTP: 503 while the factory is `down`, else 200. */
  readonly statusCode: 200 | 503;
  /** The report of `factory.health()`. */
  readonly body: HealthReport;
}

/**
 * Answers a readiness probe. A factory that is `degraded` is ready: fewer processes would not mend it.
 *
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
 */
export async function checkReadiness(
  factory: Pick<RedisFactory, 'health'>,
  options?: HealthOptions,
): Promise<ReadinessAnswer> {
  const body = await factory.health(options);
  return { statusCode: body.status === 'down' ? 503 : 200, body };
}
