import { inspect } from 'node:util';
import { afterEach } from 'vitest';
import {
  createRedisFactory,
  type FactoryOptions,
  type HygieneError,
  type RedisFactory,
} from '../../src/index.js';
import type { TestRedis } from './use-redis.js';

/** A factory `orders@web-1` for each test. All factories that a test opens are shut down after it. */
export interface FactoryUnderTest {
  /** Creates the factory of this test, by default for the server of the test file. */
  open(options?: Partial<FactoryOptions>): RedisFactory;
  /** The factory that `open()` has created last. */
  readonly factory: RedisFactory;
  /** The factory's `error` events so far. */
  readonly errors: readonly HygieneError[];
}

export function useFactory(redis: Pick<TestRedis, 'server'>): FactoryUnderTest {
  let factory: RedisFactory | undefined;
  let opened: RedisFactory[] = [];
  let errors: HygieneError[] = [];

  afterEach(async () => {
    await Promise.all(opened.map((one) => one.shutdown()));
    opened = [];
  });

  return {
    open(options = {}) {
      factory = createRedisFactory({
        service: 'orders',
        host: 'web-1',
        connection: redis.server.url,
        ...options,
      });
      opened.push(factory);
      errors = [];
      factory.on('error', (error) => errors.push(error));
      return factory;
    },
    get factory() {
      if (!factory) throw new Error('open() has not been called in this test.');
      return factory;
    },
    get errors() {
      return errors;
    },
  };
}

/** All text that a log could contain for these values. */
export function printed(...values: unknown[]): string {
  const texts = values.map((value) => (value instanceof Error ? `${value.stack ?? ''}${value.message}` : ''));
  return inspect(values, { depth: 12, showHidden: true }) + texts.join() + JSON.stringify(values);
}
