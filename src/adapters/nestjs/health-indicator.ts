import type { RedisFactory } from '../../factory/factory.js';
import type { HealthCode, HealthStatus } from '../../factory/health/health-report.js';
import type { HealthOptions } from '../../factory/health/health-options.js';

/** Details of a health check, as @nestjs/terminus expects them. */
export interface RedisHealthDetails {
  /** `down` makes Terminus answer 503. A factory that is `degraded` is `up`: fewer processes would not mend it. */
  readonly status: 'up' | 'down';
  /** The status of the factory. */
  readonly health: HealthStatus;
  readonly reasons: readonly { readonly code: HealthCode; readonly message: string }[];
}

/** Health of the factory for @nestjs/terminus: `health.check([() => redis.isHealthy()])`. */
export class RedisHealthIndicator {
  readonly #factory: Pick<RedisFactory, 'health'>;

  constructor(factory: Pick<RedisFactory, 'health'>) {
    this.#factory = factory;
  }

  /**
   * Reports `factory.health()` under a key.
   *
   * @param key The name of this part of the answer. @default 'redis'
   * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
   */
  async isHealthy<Key extends string = 'redis'>(
    key?: Key,
    options?: HealthOptions,
  ): Promise<Record<Key, RedisHealthDetails>> {
    const { status, reasons, targets } = await this.#factory.health(options);
    const all = [...reasons, ...targets.flatMap((target) => target.reasons)];
    const details: RedisHealthDetails = {
      status: status === 'down' ? 'down' : 'up',
      health: status,
      reasons: all.map(({ code, message }) => ({ code, message })),
    };
    return { [key ?? 'redis']: details } as Record<Key, RedisHealthDetails>;
  }
}
