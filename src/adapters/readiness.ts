import { checkHealthOptions, type HealthOptions } from '../factory/health/health-options.js';
import type { RedisFactory } from '../factory/factory.js';
import type { HealthReport } from '../factory/health/health-report.js';
import { checkFactory } from './given-factory.js';

/** What a probe asks: a factory. */
export type ProbedFactory = Pick<RedisFactory, 'health'>;

/** The answer to a readiness probe. */
export interface ReadinessAnswer {
  /** The status code of HTTP: 503 while the factory is `down`, else 200. */
  readonly statusCode: 200 | 503;
  /** The report of `factory.health()`. */
  readonly body: HealthReport;
}

/**
 * Answers a readiness probe, for any framework. A factory that is `degraded` is ready: fewer processes would not mend it.
 *
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`, as a rejection
 */
export async function checkReadiness(
  factory: ProbedFactory,
  options?: HealthOptions,
): Promise<ReadinessAnswer> {
  return createReadinessProbe(factory, options)();
}

/**
 * Creates the function that answers readiness probes. What it is given is checked at once.
 *
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
 */
export function createReadinessProbe(
  factory: ProbedFactory,
  options?: HealthOptions,
): () => Promise<ReadinessAnswer> {
  checkFactory(factory, 'health');
  const checked = checkHealthOptions(options);
  return async () => {
    const body = await factory.health(checked);
    return { statusCode: body.status === 'down' ? 503 : 200, body };
  };
}
