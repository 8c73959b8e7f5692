import type { RedisOptions } from 'ioredis';
import { HygieneError } from '../core/errors.js';
import { checkInteger, checkNames, wrongType } from '../options/check-options.js';
import type { Setting } from '../options/settings.js';

/** The table of a pool's numbers. Types, checks and docs/options.md come from it. */
export const poolTable = {
  max: {
    default: 10,
    min: 1,
    max: 10_000,
    unit: 'connections',
    meaning: 'The most connections, reserved in the budget of the process when the pool is made.',
    why: 'The default of HikariCP. A connection carries thousands of short commands per second, so few are enough.',
  },
  min: {
    default: 0,
    min: 0,
    max: 10_000,
    unit: 'connections',
    meaning: 'How many are kept open, also while nobody needs them. At most `max`.',
    why: 'A service that does not use its pool holds nothing. Set it where the first caller must not wait for a dial.',
  },
  maxWaiting: {
    default: 1_000,
    min: 0,
    max: 1_000_000,
    unit: 'callers',
    meaning: 'How many callers may wait for a connection; the next one is refused at once.',
    why: 'A queue without bound only turns overload into late answers and memory.',
  },
  acquireTimeoutMs: {
    default: 5_000,
    min: 1,
    max: 3_600_000,
    unit: 'ms',
    meaning: 'How long a caller waits for a connection.',
    why: 'go-redis waits 4 s; HikariCP’s 30 s outlast most callers of a service.',
  },
  idleTimeoutMs: {
    default: 600_000,
    min: 100,
    max: 86_400_000,
    unit: 'ms',
    meaning: 'How long a connection above `min` may be idle before it is closed.',
    why: 'The default of HikariCP (10 min).',
  },
  maxLifetimeMs: {
    default: 1_800_000,
    min: 1_000,
    max: 86_400_000,
    unit: 'ms',
    meaning:
      'How old a connection may grow, minus up to 25 % at random. It is closed when it is idle or comes back, never while it is lent.',
    why: 'The default and the variance of HikariCP (30 min): load balancers and changed addresses are noticed, and a pool does not renew itself all at once.',
  },
  leaseWarnMs: {
    default: 30_000,
    min: 0,
    max: 86_400_000,
    unit: 'ms',
    meaning: 'After how long a lease is reported as overdue, once; 0 never. A blocking pool has 0.',
    why: 'A hundred times what a slow piece of work takes; HikariCP recommends at least 2 s.',
  },
  leaseMaxMs: {
    default: 0,
    min: 0,
    max: 86_400_000,
    unit: 'ms',
    meaning: 'After how long a lease is ended by force, and its connection closed; 0 never.',
    why: 'To take a connection from under its borrower is a decision for the application to make.',
  },
  validateAfterIdleMs: {
    default: 500,
    min: 0,
    max: 60_000,
    unit: 'ms',
    meaning: 'After how long without use a connection is asked for a sign of life (PING) before it is lent.',
    why: 'The default of HikariCP: what has just worked still works, and a busy pool asks nothing.',
  },
} as const satisfies Record<string, Setting>;

type PoolSettingName = keyof typeof poolTable;

/** All numbers of a pool, complete and within their bounds. */
export type PoolSettings = Readonly<Record<PoolSettingName, number>>;

/** What `redis.pool()` takes. All of it is optional; docs/options.md gives the numbers. */
export interface PoolOptions extends Partial<PoolSettings> {
  /** Over the factory's `connection`, as in `client(…)`: a URL or ioredis options. */
  readonly connection?: string | RedisOptions;
  /** What it is for, the part of its connections' name after `#`. @default 'pool' */
  readonly role?: string;
}

/** A pool's options, checked and complete. */
export interface CheckedPoolOptions {
  readonly connection: string | RedisOptions | undefined;
  readonly role: string;
  readonly settings: PoolSettings;
}

const settingNames = Object.keys(poolTable) as PoolSettingName[];
const optionNames = ['connection', 'role', ...settingNames];

/** Who waits for data may wait for ever: that is no lease forgotten. */
export function blockingOptions(given: number | PoolOptions): PoolOptions {
  const options = typeof given === 'number' ? { max: given } : given;
  checkNames('blocking()', options, optionNames);
  return { role: 'blocking', leaseWarnMs: 0, ...options };
}

function checkSettings(options: PoolOptions): PoolSettings {
  const checked = settingNames.map((name) => {
    const setting = poolTable[name];
    return [name, checkInteger(name, options[name] ?? setting.default, setting)] as const;
  });
  return Object.fromEntries(checked) as PoolSettings;
}

/** @throws HygieneError `HYG_OPTION_RANGE` */
function checkMin({ min, max }: PoolSettings): void {
  if (min <= max) return;
  const what = `Option "min" is ${min}, expected at most "max", which is ${max}.`;
  throw new HygieneError('HYG_OPTION_RANGE', what, { details: { option: 'min', value: min, min: 0, max } });
}

/**
 * Checks the options of a pool at the door.
 *
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
 */
export function checkPoolOptions(options: PoolOptions): CheckedPoolOptions {
  checkNames('pool()', options, optionNames);
  const { connection, role = 'pool' } = options;
  if (typeof role !== 'string' || role === '') throw wrongType('role', role, 'a word');
  const settings = checkSettings(options);
  checkMin(settings);
  return { connection, role, settings };
}
